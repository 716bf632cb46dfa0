import { describe, expect, it } from 'vitest';
import { itNexusId } from '../../../protocol/index.js';
import { initialState, persistentReserveIn, restored } from '../../../target/reservations/index.js';
import type { ReservationState } from '../../../target/reservations/types.js';
import { readGoldenBytes, type GoldenFullStatus } from '../../golden-bytes.js';
import { senseHex, sense, stateOf } from './notation.js';

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

/** The state of which a golden READ FULL STATUS tells. */
function stateTold({ prGeneration, descriptors }: GoldenFullStatus): ReservationState {
  const registered = descriptors.map(({ key, relativeTargetPortId, transportId, rHolder, type }) => {
    if (transportId === null) throw new Error('a registration of no known initiator port');
    const nexus = { initiatorPort: transportId, relativeTargetPortId };
    return { id: itNexusId(nexus), registration: { nexus, key }, holds: rHolder ? type : null };
  });
  const [holder] = registered.filter(({ holds }) => holds !== null);
  return {
    ...initialState(),
    prGeneration,
    registrations: new Map(registered.map(({ id, registration }) => [id, registration])),
    reservation:
      typeof holder?.holds === 'string'
        ? { type: holder.holds, holder: holder.holds.endsWith('AllRegistrants') ? null : holder.id }
        : null,
  };
}

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

  it.each(
    readGoldenBytes('read-full-status').filter(
      (entry) => entry.cutOf === undefined && entry.decodeOnly === undefined,
    ),
  )('C7 READ FULL STATUS, to the golden bytes: $name', ({ dataIn }) => {
    if (dataIn.fields === null) throw new Error('whole data that says nothing');
    expect(read(stateTold(dataIn.fields), READ_FULL_STATUS)).toBe(Buffer.from(dataIn.bytes).toString('hex'));
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
