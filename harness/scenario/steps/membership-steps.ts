import { Type } from 'typebox';
import type { Instance, ProcedureOptions } from '../packages.js';
import { closed, Name } from '../schema/words.js';
import { checkStart } from './outcome.js';
import { Between, type PlayContext, type StepHandlers } from './step.js';

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
    const { scenario, nodes, packages } = context;
    const members = scenario.site.nodes.filter((node) => node.cluster === cluster);
    const lost = members
      .filter(({ name }) => nodes.state(name) !== 'up')
      .flatMap(({ name }) => packages.lose(name));
    const example = scenario.site.packages.find((item) => item.cluster === cluster);
    const reform = example === undefined ? [] : packages.sequencesOf(example).reform;
    for (const step of reform) {
      if (step.action === 'wait') await packages.waitForReformation(cluster);
    }
    const options = { between, interrupt: context.play };
    for (const instance of lost) await takeOver(instance, options, context);
  },
};

/** What ran on a failed node moves, or is fenced out by an instance that still runs. */
async function takeOver(lost: Instance, options: ProcedureOptions, context: PlayContext): Promise<void> {
  const { packages, nodes, switching, ledger } = context;
  const { item } = lost;
  const [survivor] = packages.running(item.name);
  if (survivor !== undefined) {
    await packages.fenceFailed(survivor, lost, options);
    return;
  }
  const mayMove = switching.isOn(item.name);
  const adoptive = item.nodes.find((node) => nodes.state(node) === 'up' && switching.isOn(item.name, node));
  if (!mayMove || adoptive === undefined) {
    ledger.check(`${item.name} stays down: no node may run it`, !mayMove);
    return;
  }
  const outcome = await packages.start(item, adoptive, options);
  checkStart(ledger, item.name, adoptive, outcome);
}
