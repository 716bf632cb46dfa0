import { describe, expect, it } from 'vitest';
import { initialState, persistentReserveIn, restored } from '../../../target/reservations/index.js';
import type { ReservationState } from '../../../target/reservations/types.js';
import { senseHex, sense, stateOf, TYPE_BY_ABBREVIATION } from './notation.js';

const READ_KEYS = 0;
const READ_RESERVATION = 1;
const REPORT_CAPABILITIES = 2;
const READ_FULL_STATUS = 3;

function read(state: ReservationState, serviceAction: number, aptplSupported = true): string {
  const outcome = persistentReserveIn(state, serviceAction, { aptplSupported });
  expect(outcome.sense).toBeUndefined();
  expect(outcome.status).toBe(0x00);
  return Buffer.from(outcome.data).toString('hex');
}

/** The state of recorded runs over another target: two iSCSI initiator ports, one SAS and one Fibre Channel. */
function recorded(type: string | null, names: readonly string[], prGeneration: number): ReservationState {
  const iscsi = (host: string, isid: bigint) =>
    ({ protocol: 'iscsi', iscsiName: `iqn.2026-11.test:host-${host}`, isid }) as const;
  const all = {
    a: { key: 0xa1n, initiatorPort: iscsi('a', 0x00023d000001n), relativeTargetPortId: 1 },
    b: { key: 0xb2n, initiatorPort: iscsi('b', 0x00023d000002n), relativeTargetPortId: 2 },
    c: {
      key: 0xc3n,
      initiatorPort: { protocol: 'sas', sasAddress: 0x50014050000000c1n },
      relativeTargetPortId: 3,
    },
    d: {
      key: 0xd4n,
      initiatorPort: { protocol: 'fibreChannel', nPortName: 0x21000024ff0000d1n },
      relativeTargetPortId: 4,
    },
  } as const;
  const registrations = new Map(
    names.map((name) => {
      const { key, ...nexus } = all[name as keyof typeof all];
      return [name, { nexus, key }];
    }),
  );
  const reservationType = type === null ? undefined : TYPE_BY_ABBREVIATION[type];
  const holder = type?.endsWith('AR') === true ? null : 'a';
  const reservation = reservationType === undefined ? null : { type: reservationType, holder };
  return { ...initialState(), registrations, reservation, prGeneration };
}

const TRANSPORT_ID_A =
  '4500002c69716e2e323032362d31312e746573743a686f73742d612c692c307830303032336430303030303100000000';
const TRANSPORT_ID_B =
  '4500002c69716e2e323032362d31312e746573743a686f73742d622c692c307830303032336430303030303200000000';

describe('C7: PERSISTENT RESERVE IN', () => {
  it('C7 READ KEYS: 8 bytes per registered nexus, duplicates repeated', () => {
    expect(read(stateOf('g0'), READ_KEYS)).toBe('0000000000000000');
    expect(read(stateOf('g4294967295 a=deadbeef1a7ebabe b=b2 c=b2'), READ_KEYS)).toBe(
      'ffffffff00000018' + 'deadbeef1a7ebabe' + '00000000000000b2' + '00000000000000b2',
    );
  });

  it('C7 READ RESERVATION: 8 bytes without one', () => {
    expect(read(stateOf('g5 a=a1'), READ_RESERVATION)).toBe('0000000500000000');
  });

  it.each([
    ['WE:a', '00000000000000a1', '01'],
    ['EA:b', '00000000000000b2', '03'],
    ['WERO:a', '00000000000000a1', '05'],
    ['EARO:a', '00000000000000a1', '06'],
    ['WEAR:*', '0000000000000000', '07'],
    ['EAAR:*', '0000000000000000', '08'],
  ])('C7 READ RESERVATION: 24 bytes with %s, key 0 for AR', (held, key, type) => {
    expect(read(stateOf(`g5 a=a1 b=b2 ${held}`), READ_RESERVATION)).toBe(
      `0000000500000010${key}0000000000${type}0000`,
    );
  });

  it('C7 REPORT CAPABILITIES: RLR_C, CRH, SIP_C, ATP_C, PTPL_C by context; TMV, ALLOW COMMANDS 4; mask EA 01', () => {
    expect(read(stateOf('g1 a=a1'), REPORT_CAPABILITIES)).toBe('00089dc0ea010000');
    expect(read(stateOf('g1 a=a1 ptpl'), REPORT_CAPABILITIES)).toBe('00089dc1ea010000');
    expect(read(stateOf('g1'), REPORT_CAPABILITIES, false)).toBe('00089cc0ea010000');
  });

  it.each(['WE', 'EA', 'WERO', 'EARO', 'WEAR', 'EAAR'])(
    'C7 READ FULL STATUS: two registrants, %s, as recorded',
    (type) => {
      const code = { WE: '01', EA: '03', WERO: '05', EARO: '06', WEAR: '07', EAAR: '08' }[type] ?? '';
      const heldByB = type.endsWith('AR') ? `01${code}` : '0000';
      expect(read(recorded(type, ['a', 'b'], 0x1f), READ_FULL_STATUS)).toBe(
        `0000001f00000090` +
          `00000000000000a10000000001${code}00000000000100000030${TRANSPORT_ID_A}` +
          `00000000000000b200000000${heldByB}00000000000200000030${TRANSPORT_ID_B}`,
      );
    },
  );

  it('C7 READ FULL STATUS: iSCSI, SAS and Fibre Channel registrants, as recorded', () => {
    expect(read(recorded('WERO', ['a', 'b', 'c', 'd'], 0x93), READ_FULL_STATUS)).toBe(
      '00000093000000f0' +
        `00000000000000a100000000010500000000000100000030${TRANSPORT_ID_A}` +
        `00000000000000b200000000000000000000000200000030${TRANSPORT_ID_B}` +
        '00000000000000c300000000000000000000000300000018' +
        '0600000050014050000000c1000000000000000000000000' +
        '00000000000000d400000000000000000000000400000018' +
        '000000000000000021000024ff0000d10000000000000000',
    );
    expect(read(stateOf('g3'), READ_FULL_STATUS)).toBe('0000000300000000');
  });

  it('C1 service actions 04-1Fh: 05/24/00, also when information is lost', () => {
    for (const state of [stateOf('g0'), stateOf('g0 spc2:a'), stateOf('g0 lost')]) {
      for (let code = 0x04; code <= 0x1f; code++) {
        const outcome = persistentReserveIn(state, code, { aptplSupported: true });
        expect(outcome.status).toBe(0x02);
        expect(outcome.sense && senseHex(outcome.sense)).toBe(sense('05/24/00', { cdb: 1, bit: 4 }));
        expect(outcome.data).toHaveLength(0);
      }
    }
  });

  it('C4 lost information: 07/44/01; C8 SPC-2 reservation: RC', () => {
    for (const code of [READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS]) {
      const lost = persistentReserveIn(restored({ kind: 'lost' }), code, { aptplSupported: true });
      expect([lost.status, lost.sense && senseHex(lost.sense), lost.data.length]).toEqual([
        2,
        sense('07/44/01'),
        0,
      ]);
      const reserved = persistentReserveIn(stateOf('g0 spc2:a'), code, { aptplSupported: true });
      expect([reserved.status, reserved.sense, reserved.data.length]).toEqual([0x18, undefined, 0]);
    }
  });
});
