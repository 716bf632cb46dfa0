import { describe, expect, it } from 'vitest';
import { CASES } from '../../../harness/conformance/cases/index.js';
import { caughtBy, runOnQuirks, type Build } from '../../../harness/conformance/zoo/run-zoo.js';
import {
  OPERATION_CODE,
  persistentReserveInHeaderLayout,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  SCSI_STATUS,
  SENSE_KEY,
  type Sense,
} from '../../../protocol/index.js';
import type { Deviation } from '../../../target/index.js';

type Behaviour = Parameters<Deviation['change']>[0];
type Outcome = ReturnType<Behaviour['persistentReserveOut']>;
type Asked = Parameters<Behaviour['persistentReserveOut']>;

const FLAGS_BYTE = persistentReserveInHeaderLayout.lengthBytes + 12;
const illegal = (asc: number, ascq = 0): Sense => ({ key: SENSE_KEY.illegalRequest, asc, ascq });

/** Another REPORT CAPABILITIES: bits of its bytes taken away. */
const lessCapable = (...taken: readonly (readonly [byte: number, bits: number])[]): Deviation => ({
  change: ({ persistentReserveIn }) => ({
    persistentReserveIn: (state, serviceAction, context) => {
      const outcome = persistentReserveIn(state, serviceAction, context);
      if (serviceAction !== PR_IN_SERVICE_ACTION.reportCapabilities) return outcome;
      const data = Uint8Array.from(outcome.data);
      for (const [byte, bits] of taken) data[byte] = (data[byte] ?? 0) & ~bits;
      return { ...outcome, data };
    },
  }),
});

/** What the sense of `refusal` is given for is refused so; what is refused already stays so. */
const refusing = (refusal: (...asked: Asked) => Sense | undefined): Deviation => ({
  change: ({ persistentReserveOut }) => ({
    persistentReserveOut: (...asked): Outcome => {
      const outcome = persistentReserveOut(...asked);
      const sense = outcome.status === SCSI_STATUS.good ? refusal(...asked) : undefined;
      if (sense === undefined) return outcome;
      return {
        ...outcome,
        state: asked[0],
        status: SCSI_STATUS.checkCondition,
        sense,
        attentions: [],
        abort: [],
      };
    },
  }),
});

/** TYPE counts (SPC-4 table 216): for RESERVE, and for PREEMPT that reserves anew. */
const reservesAs = ([state, request]: Asked): number | undefined => {
  const { reserve, preempt, preemptAndAbort } = PR_OUT_SERVICE_ACTION;
  if (request.serviceAction === reserve) return request.type;
  if (request.serviceAction !== preempt && request.serviceAction !== preemptAndAbort) return undefined;
  const key = Buffer.from(request.parameterList).readBigUInt64BE(8);
  const holder = state.reservation?.holder;
  if (holder === undefined) return state.reservation !== null && key === 0n ? request.type : undefined;
  return holder !== null && state.registrations.get(holder)?.key === key ? request.type : undefined;
};

/** As tape drives have them: the exclusive ones alone. */
const FEW_TYPES = new Set<number>([
  RESERVATION_TYPE_CODE.exclusiveAccess,
  RESERVATION_TYPE_CODE.exclusiveAccessRegistrantsOnly,
]);
const fewTypes: readonly Deviation[] = [
  lessCapable([4, 0xa2], [5, 0x01]),
  refusing((...asked) => {
    const type = reservesAs(asked);
    return type === undefined || FEW_TYPES.has(type) ? undefined : illegal(0x24);
  }),
];

/** Neither SPEC_I_PT nor ALL_TG_PT. */
const registersItselfOnly: readonly Deviation[] = [
  lessCapable([2, 0x0c]),
  refusing((_, { serviceAction, parameterList }) => {
    const { register, registerAndIgnoreExistingKey } = PR_OUT_SERVICE_ACTION;
    if (serviceAction !== register && serviceAction !== registerAndIgnoreExistingKey) return undefined;
    return ((parameterList[FLAGS_BYTE] ?? 0) & 0x0c) === 0 ? undefined : illegal(0x26);
  }),
];

/** The rows of these operation codes, and of a service action of one, are not there. */
const without = (...codes: readonly (number | readonly [number, number])[]): Deviation => ({
  change: ({ rows }) => ({
    rows: rows.filter((row) =>
      codes.every((code) =>
        typeof code === 'number'
          ? row.operationCode !== code
          : row.operationCode !== code[0] || row.serviceAction !== code[1],
      ),
    ),
  }),
});

const OP = OPERATION_CODE;
const { maintenanceIn, modeSelect6, modeSelect10, modeSense6, modeSense10, reserve6, release6 } = OP;

/** Arrays that keep to the standard and are not as ours is. */
const ARRAYS: readonly (readonly [words: string, deviations: readonly Deviation[], build: Build])[] = [
  ['has two types only', fewTypes, {}],
  ['has neither SPEC_I_PT nor ALL_TG_PT', registersItselfOnly, {}],
  ['has no memory that outlives a power loss', [], { nonVolatileMemory: false }],
  ['has one target port, and blocks of 4096 bytes', [], { targetPorts: 1, unit: { blockLengthBytes: 4096 } }],
  ['has room for two registrations', [], { unit: { registrationsMax: 2 } }],
  [
    'does not say which commands it has, and leaves out what may be',
    [without(maintenanceIn, reserve6, release6, OP.reserve10, OP.release10, OP.writeAndVerify12, OP.read6)],
    {},
  ],
  ['has no MODE SELECT', [without(modeSelect6, modeSelect10)], {}],
  ['has no mode pages', [without(modeSelect6, modeSelect10, modeSense6, modeSense10)], {}],
  [
    'has neither REPLACE LOST RESERVATION nor REGISTER AND MOVE',
    [
      lessCapable([2, 0x80]),
      without(
        [OP.persistentReserveOut, PR_OUT_SERVICE_ACTION.replaceLostReservation],
        [OP.persistentReserveOut, PR_OUT_SERVICE_ACTION.registerAndMove],
      ),
    ],
    {},
  ],
];

describe('an array that keeps to the standard', () => {
  it.each(ARRAYS)('and %s fails nothing', async (_, deviations, build) => {
    const suite = await runOnQuirks(deviations, CASES, 'spc4', build);
    const found = suite.results.flatMap(({ case: { id }, outcome }) =>
      outcome.kind === 'failed' ? [`${id}: ${outcome.finding.message}`] : [],
    );
    expect(found).toEqual([]);
    expect(caughtBy(suite)).toEqual([]);
    // What it has not is skipped, and the rest is not.
    const passed = suite.results.filter(({ outcome }) => outcome.kind === 'passed').length;
    expect(passed).toBeGreaterThan(CASES.length / 3);
    expect(passed).toBeLessThan(CASES.length);
  });
});
