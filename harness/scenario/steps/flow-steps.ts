import { Type } from 'typebox';
import { DurationOrRange, durationMs } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** Of several lists of steps the seed draws one, before anything is played. */
export const drawnStepSchemas = {
  choose: Type.Array(Type.Array(Type.Unknown(), { description: 'a list of steps; [] for none' }), {
    minItems: 2,
    description: 'a list of lists of steps, at least two',
  }),
} as const;

/** The order of steps, and time. */
export const flowStepSchemas = {
  wait: DurationOrRange,
  /** Steps that run side by side; in memory the seed decides how they interleave. */
  together: Type.Array(Type.Unknown(), { minItems: 2, description: 'a list of steps, at least two' }),
} as const;

export const flowSteps: StepHandlers<typeof flowStepSchemas> = {
  wait: async (value, { runtime, ledger }) => {
    const waitMs = durationMs(value);
    const realMs = await runtime.clock.wait(waitMs);
    ledger.show({ type: 'wait', waitMs, realMs, why: 'step of the scenario' });
  },

  together: async (steps, { play }) => {
    await Promise.all(steps.map((step) => play([step])));
  },
};
