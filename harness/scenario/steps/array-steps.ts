import { Type } from 'typebox';
import { closed, Name, oneOf, PathNumber, Text } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What becomes of the array, and what somebody makes of its reservations by hand. */
export const arrayStepSchemas = {
  /** The array loses its power and gets it back: of the reservations only what APTPL keeps is there again. */
  powerCycle: oneOf('array'),
  /** A line of sg_persist that is no part of a sequence: an administrator, a daemon, or another product sends it. */
  sgPersist: Type.Object(
    {
      node: Name,
      lun: Name,
      path: Type.Optional(PathNumber),
      options: Text,
      exit: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 255, description: 'an exit status from 0 to 255' }),
      ),
    },
    {
      ...closed,
      description: 'node, lun, options of sg_persist ({key}: the key of the node), and path, exit',
    },
  ),
} as const;

export const arraySteps: StepHandlers<typeof arrayStepSchemas> = {
  powerCycle: async (_, { runtime, ledger }) => {
    await runtime.powerCycleArray();
    ledger.show({ type: 'powerCycled' });
  },

  sgPersist: async ({ node, lun, path = 1, options, exit = 0 }, { commands, ledger }) => {
    const { commandLine, outcome } = await commands.give(node, lun, path - 1, options);
    ledger.check(
      `${commandLine} on ${node}: exit status ${outcome.exitStatus}, expected ${exit}`,
      outcome.exitStatus === exit,
    );
  },
};
