import type { Instance, ProcedureOptions } from '../packages.js';
import { checkStart } from '../steps/outcome.js';
import type { ClusterContext } from './context.js';

/**
 * What ran on a failed node moves to one of `members`, or is fenced out by an instance that still runs on one of them.
 * Yields false where it stays down although it may move.
 */
export async function takeOver(
  lost: Instance,
  members: readonly string[],
  options: ProcedureOptions,
  { packages, nodes, switching, ledger }: ClusterContext,
): Promise<boolean> {
  const { item } = lost;
  const survivor = packages.running(item.name).find(({ node }) => members.includes(node));
  if (survivor !== undefined) {
    if (item.type === 'multi-node') await packages.fenceFailed(survivor, lost, options);
    return true;
  }
  if (!switching.isOn(item.name)) return true;
  const adoptive = item.nodes.find(
    (node) => members.includes(node) && nodes.state(node) === 'up' && switching.isOn(item.name, node),
  );
  if (adoptive === undefined) return false;
  const outcome = await packages.start(item, adoptive, options);
  checkStart(ledger, item.name, adoptive, outcome);
  return true;
}
