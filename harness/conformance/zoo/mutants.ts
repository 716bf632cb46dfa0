import {
  MAINTENANCE_IN,
  OPERATION_CODE,
  PR_IN_SERVICE_ACTION,
  REPORTING_OPTIONS,
  SCSI_STATUS,
} from '../../../protocol/index.js';
import type { Deviation } from '../../../target/index.js';

/** A fault that no array is known to have, so that a case which no quirk makes fail is seen to be able to. */
export interface Mutant extends Deviation {
  readonly name: string;
}

type ReserveOut = ReturnType<NonNullable<Deviation['change']>>['persistentReserveOut'];
type Outcome = ReturnType<NonNullable<ReserveOut>>;

/** Every outcome of PERSISTENT RESERVE OUT is changed. */
const outcomes =
  (change: (outcome: Outcome, asked: Parameters<NonNullable<ReserveOut>>) => Outcome): Deviation['change'] =>
  ({ persistentReserveOut }) => ({
    persistentReserveOut: (...asked) => change(persistentReserveOut(...asked), asked),
  });

const isGood = ({ status }: Outcome): boolean => status === SCSI_STATUS.good;

/** Left out in turn; without READ KEYS a suite cannot even begin. */
const HIDDEN_READS = [
  ['read-reservation', PR_IN_SERVICE_ACTION.readReservation],
  ['report-capabilities', PR_IN_SERVICE_ACTION.reportCapabilities],
  ['read-full-status', PR_IN_SERVICE_ACTION.readFullStatus],
] as const;
const RESERVED_SERVICE_ACTION = 0x1f;
/** Of REPORT CAPABILITIES (SPC-4 6.15.4). */
const TYPE_MASK_BYTE = 4;
/** Of the basic parameter list (SPC-4 6.16.3). */
const FLAGS_BYTE = 20;
const SPEC_I_PT = 0x08;
const CONFLICT = {
  status: SCSI_STATUS.reservationConflict,
  sense: undefined,
  attentions: [],
  abort: [],
} as const;
/** Of REPORT SUPPORTED OPERATION CODES, all commands (SPC-4 6.35.2). */
const LIST_HEADER_BYTES = 4;
const RESERVED_DESCRIPTOR = Uint8Array.of(0x5f, 0, 0, RESERVED_SERVICE_ACTION, 0, 1, 0, 10);

type Row = NonNullable<ReturnType<Deviation['change']>['rows']>[number];
type Run = Row['run'];
type Task = Parameters<Run>[0];

/** One command is carried out otherwise; `run` is how the standard has it. */
const ofCommand =
  (
    operationCode: number,
    run: (task: Task, unit: Parameters<Run>[1], run: Run) => ReturnType<Run>,
  ): Deviation['change'] =>
  ({ rows }) => ({
    rows: rows.map((row) =>
      row.operationCode === operationCode && row.serviceAction !== MAINTENANCE_IN.reportTargetPortGroups
        ? { ...row, run: (task: Task, unit: Parameters<Run>[1]) => run(task, unit, row.run) }
        : row,
    ),
  });

/** REPORT SUPPORTED OPERATION CODES answers other data, where it answers data at all. */
const ofCommandList = (
  change: (answer: { readonly data: Uint8Array; readonly task: Task }) => Uint8Array,
): Deviation['change'] =>
  ofCommand(OPERATION_CODE.maintenanceIn, (task, unit, run) => {
    const verdict = run(task, unit);
    if (verdict !== 'good') return verdict;
    task.dataIn = change({ data: task.dataIn, task });
    task.dataInBytes = Math.min(task.dataIn.length, task.cdb.readUInt32BE(6));
    return verdict;
  });

/** The list of all commands is asked for: REPORTING OPTIONS 000b. */
const isList = ({ cdb }: Task): boolean => ((cdb[2] ?? 0) & 0x07) === REPORTING_OPTIONS.all;

/** The list with the COMMAND DATA LENGTH that it has. */
function withLength(list: Buffer): Uint8Array {
  list.writeUInt32BE(list.length - LIST_HEADER_BYTES, 0);
  return list;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'every-command-conflicts',
    change: () => ({
      refusedBy: (_, { columns }) => (columns === 'S' ? null : 'reservationConflict'),
    }),
  },
  {
    name: 'reserve-out-without-effect',
    change: outcomes((outcome, [before]) => ({ ...outcome, state: before, attentions: [], abort: [] })),
  },
  {
    name: 'reserve-out-always-good',
    change: outcomes((outcome) => ({ ...outcome, status: SCSI_STATUS.good, sense: undefined })),
  },
  {
    name: 'generation-rises-always',
    change: outcomes((outcome) => ({
      ...outcome,
      state: { ...outcome.state, prGeneration: (outcome.state.prGeneration + 1) >>> 0 },
    })),
  },
  {
    name: 'generation-never-rises',
    change: outcomes((outcome) => ({ ...outcome, state: { ...outcome.state, prGeneration: 0 } })),
  },
  {
    name: 'everybody-is-told',
    change: outcomes((outcome, [before]) =>
      isGood(outcome)
        ? {
            ...outcome,
            attentions: [...before.registrations.keys()].map((nexus) => ({ nexus, asc: 0x2a, ascq: 0x04 })),
          }
        : outcome,
    ),
  },
  {
    name: 'resets-are-not-told',
    change: ({ attention }) => ({
      attention: (code, nexus) => (code >> 8 === 0x29 ? null : attention(code, nexus)),
    }),
  },
  ...HIDDEN_READS.map(([name, serviceAction]): Mutant => ({
    name: `no-${name}`,
    change: ({ persistentReserveIn }) => ({
      persistentReserveIn: (state, asked, context) =>
        persistentReserveIn(state, asked === serviceAction ? RESERVED_SERVICE_ACTION : asked, context),
    }),
  })),
  {
    name: 'type-mask-valid-and-empty',
    change: ({ persistentReserveIn }) => ({
      persistentReserveIn: (state, asked, context) => {
        const outcome = persistentReserveIn(state, asked, context);
        if (asked !== PR_IN_SERVICE_ACTION.reportCapabilities) return outcome;
        return {
          ...outcome,
          data: Uint8Array.from(outcome.data).fill(0, TYPE_MASK_BYTE, TYPE_MASK_BYTE + 2),
        };
      },
    }),
  },
  {
    name: 'list-without-key-conflicts',
    change: outcomes((outcome, [before, { parameterList }]) => {
      const hasList = ((parameterList[FLAGS_BYTE] ?? 0) & SPEC_I_PT) !== 0;
      const hasKey = parameterList.subarray(8, 16).some((byte) => byte !== 0);
      return hasList && !hasKey ? { ...outcome, ...CONFLICT, state: before } : outcome;
    }),
  },
  {
    name: 'release-of-nothing-conflicts',
    change: ({ release }) => ({
      release: (state, nexus) =>
        state.spc2Holder === null ? { ...release(state, nexus), ...CONFLICT } : release(state, nexus),
    }),
  },
  {
    name: 'reserve-10-without-effect',
    change: ofCommand(OPERATION_CODE.reserve10, () => 'good'),
  },
  {
    name: 'commands-told-alone-make-no-sense',
    change: ofCommandList(({ data, task }) => (isList(task) ? data : new Uint8Array(20).fill(0xff))),
  },
  {
    name: 'options-that-are-none-are-served',
    change: ofCommand(OPERATION_CODE.maintenanceIn, (task, unit, run) => {
      const verdict = run(task, unit);
      if (isList(task) || verdict === 'good') return verdict;
      task.dataIn = new Uint8Array(4);
      task.dataInBytes = task.dataIn.length;
      return 'good';
    }),
  },
  {
    name: 'commands-listed-twice',
    change: ofCommandList(({ data, task }) =>
      isList(task) ? withLength(Buffer.concat([data, data.subarray(LIST_HEADER_BYTES)])) : data,
    ),
  },
  {
    name: 'command-list-longer-than-it-says',
    change: ofCommandList(({ data, task }) =>
      isList(task) ? Buffer.concat([data, new Uint8Array(1)]) : data,
    ),
  },
  {
    name: 'command-list-without-a-mandatory-one',
    change: ofCommandList(({ data, task }) =>
      isList(task)
        ? withLength(
            Buffer.concat([data.subarray(0, LIST_HEADER_BYTES), data.subarray(LIST_HEADER_BYTES + 8)]),
          )
        : data,
    ),
  },
  {
    name: 'command-list-with-a-reserved-one',
    change: ofCommandList(({ data, task }) =>
      isList(task) ? withLength(Buffer.concat([data, RESERVED_DESCRIPTOR])) : data,
    ),
  },
  {
    name: 'command-list-without-timeouts',
    change: ofCommand(OPERATION_CODE.maintenanceIn, (task, unit, run) => {
      task.cdb[2] = (task.cdb[2] ?? 0) & 0x7f;
      return run(task, unit);
    }),
  },
  {
    name: 'command-list-not-cut',
    change: ofCommand(OPERATION_CODE.maintenanceIn, (task, unit, run) => {
      const verdict = run(task, unit);
      // What does not fit is left out whole.
      if (isList(task) && task.dataInBytes < task.dataIn.length) task.dataInBytes = 0;
      return verdict;
    }),
  },
];
