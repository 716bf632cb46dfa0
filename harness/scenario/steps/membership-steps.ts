import { Type } from 'typebox';
import { takeOver } from '../membership/take-over.js';
import { closed, Name } from '../schema/words.js';
import { withInterruption } from './interruption.js';
import { Between, type StepHandlers } from './step.js';

/** Who belongs to a cluster, and what becomes of the packages of those who do not any more. */
export const membershipStepSchemas = {
  /** The cluster forms again without the nodes that are hung or dead; their packages move. */
  reform: Type.Object(
    { cluster: Name, between: Type.Optional(Between) },
    { ...closed, description: 'cluster' },
  ),
} as const;

export const membershipSteps: StepHandlers<typeof membershipStepSchemas> = {
  reform: async ({ cluster, between }, context) => {
    const { scenario, nodes, packages, membership } = context;
    const missed = scenario.site.nodes
      .filter((node) => node.cluster === cluster && nodes.state(node.name) !== 'up')
      .map(({ name }) => name);
    for (const node of missed) membership.miss(node);
    const lost = missed.flatMap((node) => packages.lose(node));
    await packages.reformations.wait(cluster);
    await withInterruption(between, context, async (options) => {
      for (const instance of lost) {
        const settled = await takeOver(instance, membership.members(cluster), options, context);
        if (!settled) context.ledger.check(`${instance.item.name} stays down: no node may run it`, false);
      }
    });
  },
};
