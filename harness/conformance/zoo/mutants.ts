import { SCSI_STATUS } from '../../../protocol/index.js';
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
];
