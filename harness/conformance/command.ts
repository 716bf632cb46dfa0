import {
  basicParameterList,
  inquiryCdb,
  modeSense6Cdb,
  persistentReserveInCdb,
  persistentReserveOutCdb,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  read10Cdb,
  registerAndMoveParameterList,
  release10Cdb,
  release6Cdb,
  reportLunsCdb,
  requestSenseCdb,
  reserve10Cdb,
  reserve6Cdb,
  RESERVATION_TYPE_CODE,
  testUnitReadyCdb,
  write10Cdb,
  type BasicParameterList,
  type PrInServiceAction,
  type PrOutServiceAction,
  type RegisterAndMoveParameterList,
  type ReservationType,
} from '../../protocol/index.js';

/** A SCSI command as a case sends it: its bytes, and its name for people. */
export interface Command {
  /** As the standard writes it, with what matters here: `PERSISTENT RESERVE OUT, RESERVE`. */
  readonly name: string;
  readonly cdb: Uint8Array;
  readonly dataOut?: Uint8Array | undefined;
  readonly dataInLength?: number | undefined;
  /** It changes blocks or mode parameters: sent only by cases that say so. */
  readonly changesData?: boolean;
}

/** Names of PERSISTENT RESERVE OUT service actions (SPC-4 table 213). */
const OUT_NAME: Readonly<Record<PrOutServiceAction, string>> = {
  register: 'REGISTER',
  reserve: 'RESERVE',
  release: 'RELEASE',
  clear: 'CLEAR',
  preempt: 'PREEMPT',
  preemptAndAbort: 'PREEMPT AND ABORT',
  registerAndIgnoreExistingKey: 'REGISTER AND IGNORE EXISTING KEY',
  registerAndMove: 'REGISTER AND MOVE',
  replaceLostReservation: 'REPLACE LOST RESERVATION',
};

const IN_NAME: Readonly<Record<PrInServiceAction, string>> = {
  readKeys: 'READ KEYS',
  readReservation: 'READ RESERVATION',
  reportCapabilities: 'REPORT CAPABILITIES',
  readFullStatus: 'READ FULL STATUS',
};

/** What a PERSISTENT RESERVE OUT says beside its service action. Everything absent is 0. */
export interface ReserveOutFields extends Partial<BasicParameterList> {
  readonly scope?: number;
  /** A type by name, or any TYPE code. */
  readonly type?: ReservationType | number;
  /** PARAMETER LIST LENGTH; the list's own length unless given. Data-Out is what the list has. */
  readonly parameterListLength?: number;
}

/** PERSISTENT RESERVE OUT with the basic parameter list. */
export function reserveOut(action: PrOutServiceAction, fields: ReserveOutFields = {}): Command {
  const list = basicParameterList({
    ...fields,
    reservationKey: fields.reservationKey ?? 0n,
    serviceActionReservationKey: fields.serviceActionReservationKey ?? 0n,
  });
  return reserveOutRaw(PR_OUT_SERVICE_ACTION[action], list, { ...fields, name: OUT_NAME[action] });
}

/** PERSISTENT RESERVE OUT, REGISTER AND MOVE. */
export function registerAndMove(
  list: RegisterAndMoveParameterList,
  fields: Pick<ReserveOutFields, 'scope' | 'type'> = {},
): Command {
  return reserveOutRaw(PR_OUT_SERVICE_ACTION.registerAndMove, registerAndMoveParameterList(list), {
    ...fields,
    name: OUT_NAME.registerAndMove,
  });
}

/** PERSISTENT RESERVE OUT with any service action code and any parameter list. */
export function reserveOutRaw(
  serviceAction: number,
  list: Uint8Array,
  fields: Pick<ReserveOutFields, 'scope' | 'type' | 'parameterListLength'> & { readonly name?: string } = {},
): Command {
  const { scope, type, parameterListLength = list.length } = fields;
  return {
    name: `PERSISTENT RESERVE OUT, ${fields.name ?? `service action ${serviceAction.toString(16)}h`}`,
    cdb: persistentReserveOutCdb({
      serviceAction,
      scope,
      type: typeof type === 'string' ? RESERVATION_TYPE_CODE[type] : type,
      parameterListLength,
    }),
    dataOut: list,
  };
}

/** Enough for every answer of a LU that a suite has for itself. */
export const ALLOCATION_LENGTH = 8192;

/** PERSISTENT RESERVE IN; `allocationLength` is what is asked for and what may come. */
export function reserveIn(action: PrInServiceAction | number, allocationLength = ALLOCATION_LENGTH): Command {
  const code = typeof action === 'number' ? action : PR_IN_SERVICE_ACTION[action];
  const name = typeof action === 'number' ? `service action ${action.toString(16)}h` : IN_NAME[action];
  return {
    name: `PERSISTENT RESERVE IN, ${name}`,
    cdb: persistentReserveInCdb(code, allocationLength),
    dataInLength: allocationLength,
  };
}

export const testUnitReady = (): Command => ({ name: 'TEST UNIT READY', cdb: testUnitReadyCdb({}) });

export const requestSense = (): Command => ({
  name: 'REQUEST SENSE',
  cdb: requestSenseCdb({ allocationLength: 252 }),
  dataInLength: 252,
});

export const inquiry = (): Command => ({
  name: 'INQUIRY',
  cdb: inquiryCdb({ allocationLength: 255 }),
  dataInLength: 255,
});

export const reportLuns = (): Command => ({
  name: 'REPORT LUNS',
  cdb: reportLunsCdb({ allocationLength: 252 }),
  dataInLength: 252,
});

export const modeSense6 = (pageCode: number): Command => ({
  name: `MODE SENSE(6), page ${pageCode.toString(16).padStart(2, '0')}h`,
  cdb: modeSense6Cdb({ disableBlockDescriptors: 1, pageCode, allocationLength: 255 }),
  dataInLength: 255,
});

export const reserve6 = (): Command => ({ name: 'RESERVE(6)', cdb: reserve6Cdb({}) });
export const release6 = (): Command => ({ name: 'RELEASE(6)', cdb: release6Cdb({}) });
export const reserve10 = (): Command => ({ name: 'RESERVE(10)', cdb: reserve10Cdb({}) });
export const release10 = (): Command => ({ name: 'RELEASE(10)', cdb: release10Cdb({}) });

/** READ(10) of one block. */
export const read10 = (lba: number, blockLengthBytes: number): Command => ({
  name: 'READ(10)',
  cdb: read10Cdb({ logicalBlockAddress: lba, transferLength: 1 }),
  dataInLength: blockLengthBytes,
});

/** WRITE(10) of whole blocks. */
export const write10 = (lba: number, data: Uint8Array, blockLengthBytes: number): Command => ({
  name: 'WRITE(10)',
  cdb: write10Cdb({ logicalBlockAddress: lba, transferLength: data.length / blockLengthBytes }),
  dataOut: data,
  changesData: true,
});
