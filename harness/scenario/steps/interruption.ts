import type { Interruption, ProcedureOptions } from '../packages.js';
import type { PlayContext } from './step.js';

/**
 * Carries out procedures with steps to be played between two lines of one: in the first that comes there, and in no
 * other. Where none does, that is a check that fails.
 */
export async function withInterruption(
  between: Interruption | undefined,
  { play, ledger }: PlayContext,
  procedures: (options: ProcedureOptions) => Promise<void>,
): Promise<void> {
  const played = new Set<Interruption['do']>();
  await procedures({
    between,
    interrupt: async (steps) => {
      if (played.has(steps)) return;
      played.add(steps);
      await play(steps);
    },
  });
  if (between !== undefined && !played.has(between.do)) {
    ledger.check(`a procedure comes to the line ${between.after}, and what is between is played`, false);
  }
}
