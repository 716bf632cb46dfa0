import type { PackageModel } from '../../cluster/model.js';
import type { Instance, ProcedureOptions } from '../packages.js';
import { checkStart } from '../steps/outcome.js';
import { adoptiveNode } from './adoption.js';
import type { ClusterContext } from './context.js';

/**
 * What ran on a failed node moves to one of `members`, or is fenced out by an instance that still runs on one of them.
 * Yields false where it stays down although it may move.
 */
export async function takeOver(
  lost: Instance,
  members: readonly string[],
  options: ProcedureOptions,
  context: ClusterContext,
): Promise<boolean> {
  const { item } = lost;
  const survivor = context.packages.running(item.name).find(({ node }) => members.includes(node));
  if (survivor === undefined) return startElsewhere(item, members, options, context);
  if (item.type === 'multi-node') await context.packages.fenceFailed(survivor, lost, options);
  return true;
}

/** Starts a package that is down on the node that comes next. Yields false where it may move and none can run it. */
export async function startElsewhere(
  item: PackageModel,
  members: readonly string[],
  options: ProcedureOptions,
  context: ClusterContext,
): Promise<boolean> {
  if (!context.switching.isOn(item.name)) return true;
  const adoptive = adoptiveNode(item, members, context);
  if (adoptive === undefined) return false;
  const outcome = await context.packages.start(item, adoptive, options);
  checkStart(context.ledger, item.name, adoptive, outcome);
  return true;
}
