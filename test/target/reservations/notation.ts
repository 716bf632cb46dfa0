import { expect } from 'vitest';
import {
  encodeSense,
  itNexusId,
  PR_OUT_SERVICE_ACTION,
  type ItNexus,
  type ItNexusId,
  type PrOutServiceAction,
  type ReservationType,
  type Sense,
} from '../../../protocol/index.js';
import { persistentReserveOut } from '../../../target/reservations/index.js';
import type {
  PersistentReserveOutRequest,
  Registration,
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from '../../../target/reservations/types.js';

/**
 * Reservation states as a line of text, so that a test reads like a row of the standard:
 *
 *     g5 a=a1 b2=b2 WERO:a ptpl
 *
 * PRGENERATION 5; initiator a is registered through target port 1 with key A1h, initiator b through port 2 with B2h;
 * a holds a Write Exclusive, Registrants Only reservation (`WEAR:*`: every registrant does); APTPL was 1. `lost`:
 * reservation information was lost. `spc2:a`: a holds a RESERVE(6/10) reservation.
 */
export const TYPE_BY_ABBREVIATION: Readonly<Record<string, ReservationType>> = {
  WE: 'writeExclusive',
  EA: 'exclusiveAccess',
  WERO: 'writeExclusiveRegistrantsOnly',
  EARO: 'exclusiveAccessRegistrantsOnly',
  WEAR: 'writeExclusiveAllRegistrants',
  EAAR: 'exclusiveAccessAllRegistrants',
};

/** TYPE codes, spelled here again: the tests take nothing from the code under test. */
export const TYPE_CODE: Readonly<Record<string, number>> = {
  WE: 1,
  EA: 3,
  WERO: 5,
  EARO: 6,
  WEAR: 7,
  EAAR: 8,
};

const ISID_BASE = 0x00023d000000n;

/** `a`: initiator a at target port 1; `a2`: at target port 2. */
export function nexus(name: string): ItNexus {
  const letter = name.slice(0, 1);
  return {
    initiatorPort: {
      protocol: 'iscsi',
      iscsiName: `iqn.2026-11.org.example:${letter}`,
      isid: ISID_BASE + BigInt(letter.charCodeAt(0)),
    },
    relativeTargetPortId: Number(name.slice(1) || '1'),
  };
}

export const idOf = (name: string): ItNexusId => itNexusId(nexus(name));

function nameOf({ initiatorPort, relativeTargetPortId }: ItNexus): string {
  if (initiatorPort.protocol !== 'iscsi') return `${initiatorPort.protocol}@${relativeTargetPortId}`;
  const letter = initiatorPort.iscsiName.slice(-1);
  const usualIsid = ISID_BASE + BigInt(letter.charCodeAt(0));
  const isid = initiatorPort.isid === usualIsid ? '' : `+${String(initiatorPort.isid)}`;
  return `${letter}${isid}${relativeTargetPortId === 1 ? '' : String(relativeTargetPortId)}`;
}

function nameOfId(id: ItNexusId): string {
  const letter = id.split(',')[0]?.slice(-1) ?? '?';
  const port = id.split('@')[1] ?? '?';
  return letter + (port === '1' ? '' : port);
}

export function stateOf(text: string): ReservationState {
  const registrations = new Map<ItNexusId, Registration>();
  let state: ReservationState = {
    registrations,
    reservation: null,
    prGeneration: 0,
    persistThroughPowerLoss: false,
    reservationInformationLost: false,
    spc2Holder: null,
  };
  for (const word of text.split(' ')) {
    const [left = '', right = ''] = word.split(/[:=]/);
    if (/^g\d+$/.test(word)) state = { ...state, prGeneration: Number(word.slice(1)) };
    else if (word === 'ptpl') state = { ...state, persistThroughPowerLoss: true };
    else if (word === 'lost') state = { ...state, reservationInformationLost: true };
    else if (left === 'spc2') state = { ...state, spc2Holder: idOf(right) };
    else if (word.includes('=')) {
      registrations.set(idOf(left), { nexus: nexus(left), key: BigInt(`0x${right}`) });
    } else {
      const type = TYPE_BY_ABBREVIATION[left];
      if (type === undefined) throw new Error(`no such word in a state: ${word}`);
      state = { ...state, reservation: { type, holder: right === '*' ? null : idOf(right) } };
    }
  }
  return state;
}

export function textOf(state: ReservationState): string {
  const words = [`g${state.prGeneration}`];
  for (const [id, registration] of state.registrations) {
    expect(id).toBe(itNexusId(registration.nexus));
    words.push(`${nameOf(registration.nexus)}=${registration.key.toString(16)}`);
  }
  const { reservation } = state;
  if (reservation !== null) {
    const abbreviation = Object.entries(TYPE_BY_ABBREVIATION).find(
      ([, type]) => type === reservation.type,
    )?.[0];
    words.push(`${String(abbreviation)}:${reservation.holder === null ? '*' : nameOfId(reservation.holder)}`);
  }
  if (state.persistThroughPowerLoss) words.push('ptpl');
  if (state.reservationInformationLost) words.push('lost');
  if (state.spc2Holder !== null) words.push(`spc2:${nameOfId(state.spc2Holder)}`);
  return words.join(' ');
}

export interface RequestFields {
  readonly rk?: number | bigint;
  readonly sark?: number | bigint;
  /** Abbreviation or code. */
  readonly type?: string | number;
  readonly scope?: number;
  readonly specIPt?: readonly Uint8Array[];
  readonly allTgPt?: boolean;
  readonly aptpl?: boolean;
  /** PARAMETER LIST LENGTH, where it is to differ from the bytes sent. */
  readonly length?: number;
  /** The parameter list, where it is to be something else. */
  readonly list?: Uint8Array;
}

/** A request with its parameter list placed by hand. */
export function request(
  action: PrOutServiceAction | number,
  fields: RequestFields = {},
): PersistentReserveOutRequest {
  const ids = fields.specIPt ?? [];
  const list = Buffer.alloc(fields.specIPt === undefined ? 24 : 28);
  list.writeBigUInt64BE(BigInt(fields.rk ?? 0), 0);
  list.writeBigUInt64BE(BigInt(fields.sark ?? 0), 8);
  list[20] =
    (fields.specIPt === undefined ? 0 : 0x08) |
    (fields.allTgPt === true ? 0x04 : 0) |
    (fields.aptpl === true ? 1 : 0);
  if (fields.specIPt !== undefined) list.writeUInt32BE(Buffer.concat(ids).length, 24);
  const parameterList = fields.list ?? Buffer.concat([list, ...ids]);
  const { type = 0 } = fields;
  return {
    serviceAction: typeof action === 'number' ? action : PR_OUT_SERVICE_ACTION[action],
    scope: fields.scope ?? 0,
    type: typeof type === 'number' ? type : (TYPE_CODE[type] ?? 0),
    parameterListLength: fields.length ?? parameterList.length,
    parameterList,
  };
}

/** A REGISTER AND MOVE request placed by hand. */
export function move(
  fields: { rk?: number; sark?: number; unreg?: boolean; aptpl?: boolean; port?: number; idLength?: number },
  transportId: Uint8Array,
): PersistentReserveOutRequest {
  const list = Buffer.alloc(24);
  list.writeBigUInt64BE(BigInt(fields.rk ?? 0), 0);
  list.writeBigUInt64BE(BigInt(fields.sark ?? 0), 8);
  list[17] = (fields.unreg === true ? 2 : 0) | (fields.aptpl === true ? 1 : 0);
  list.writeUInt16BE(fields.port ?? 1, 18);
  list.writeUInt32BE(fields.idLength ?? transportId.length, 20);
  return request('registerAndMove', { list: Buffer.concat([list, transportId]) });
}

/** An iSCSI TransportID of format 01b, built by hand. */
export function transportIdOf(name: string): Uint8Array {
  const { initiatorPort } = nexus(name);
  if (initiatorPort.protocol !== 'iscsi') throw new Error('the notation knows iSCSI ports only');
  return iscsiTransportId(
    0x45,
    `${initiatorPort.iscsiName},i,0x${String(initiatorPort.isid?.toString(16).padStart(12, '0'))}`,
  );
}

export function iscsiTransportId(firstByte: number, text: string): Uint8Array {
  const length = Math.max(20, Math.ceil((text.length + 1) / 4) * 4);
  const id = Buffer.alloc(4 + length);
  id[0] = firstByte;
  id.writeUInt16BE(length, 2);
  id.write(text, 4, 'latin1');
  return id;
}

export function contextOf(from: string, changes: Partial<ReservationContext> = {}): ReservationContext {
  return {
    nexus: nexus(from),
    targetPorts: [1, 2],
    initiatorPortsOf: () => [],
    registrationsMax: 100,
    noUnitAttentionOnRelease: false,
    aptplSupported: true,
    ...changes,
  };
}

/** Fixed format sense data in hex, placed by hand: key, code, qualifier and where the field is. */
export function sense(codes: string, pointer?: { cdb?: number; list?: number; bit?: number }): string {
  const [key = 0, asc = 0, ascq = 0] = codes.split('/').map((code) => Number.parseInt(code, 16));
  const bytes = Buffer.alloc(18);
  bytes[0] = 0x70;
  bytes[2] = key;
  bytes[7] = 10;
  bytes[12] = asc;
  bytes[13] = ascq;
  if (pointer !== undefined) {
    bytes[15] =
      0x80 | (pointer.cdb === undefined ? 0 : 0x40) | (pointer.bit === undefined ? 0 : 0x08 | pointer.bit);
    bytes.writeUInt16BE(pointer.cdb ?? pointer.list ?? 0, 16);
  }
  return bytes.toString('hex');
}

export const senseHex = (value: Sense): string => Buffer.from(encodeSense(value)).toString('hex');

/** A complete outcome as text. */
export interface Shown {
  /** `GOOD`, `CONFLICT`, or the sense data of a CHECK CONDITION in hex. */
  readonly answer: string;
  readonly state: string;
  /** `b:2A05 c:2A04`. */
  readonly attentions: string;
  readonly abort: string;
  readonly persist: boolean;
}

export function show(outcome: ReservationOutcome): Shown {
  const names = new Map([
    [0x00, 'GOOD'],
    [0x18, 'CONFLICT'],
  ]);
  expect(outcome.status === 0x02).toBe(outcome.sense !== undefined);
  const code = (value: number) => value.toString(16).toUpperCase().padStart(2, '0');
  return {
    answer: outcome.sense === undefined ? (names.get(outcome.status) ?? '?') : senseHex(outcome.sense),
    state: textOf(outcome.state),
    attentions: outcome.attentions
      .map(({ nexus: id, asc, ascq }) => `${nameOfId(id)}:${code(asc)}${code(ascq)}`)
      .join(' '),
    abort: outcome.abort.map(nameOfId).join(' '),
    persist: outcome.persist,
  };
}

/** Asserts the complete outcome of a request; what is not named must not happen, and the state must not change. */
export function proves(
  before: string,
  from: string,
  sent: PersistentReserveOutRequest,
  expected: Partial<Shown>,
  context: Partial<ReservationContext> = {},
): void {
  const state = stateOf(before);
  const outcome = persistentReserveOut(state, sent, contextOf(from, context));
  expect(show(outcome)).toEqual({
    answer: 'GOOD',
    state: before,
    attentions: '',
    abort: '',
    persist: false,
    ...expected,
  });
  expect(textOf(state), 'the state given is not touched').toBe(before);
}

export const CONFLICT = { answer: 'CONFLICT' } as const;
