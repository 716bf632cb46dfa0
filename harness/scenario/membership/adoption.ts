import { exceededCapacity } from '../../cluster/capacity.js';
import { nodeOf, type PackageModel } from '../../cluster/model.js';
import type { ClusterContext } from './context.js';

/** Why a node has no room for a package; undefined where it has. */
function whyNoRoom(
  item: PackageModel,
  node: string,
  { scenario, packages }: Pick<ClusterContext, 'scenario' | 'packages'>,
): string | undefined {
  const running = packages.instances
    .filter((instance) => instance.node === node && instance.state === 'running')
    .map((instance) => instance.item);
  const exceeded = exceededCapacity(nodeOf(scenario.site, node).capacity, item, running);
  return exceeded === undefined ? undefined : `${node} has no room: its capacity ${exceeded} is exceeded`;
}

/** Why the cluster refuses to run a package on a node that an operator names; undefined where it does not. */
export function whyNotRun(
  item: PackageModel,
  node: string,
  members: readonly string[],
  context: ClusterContext,
): string | undefined {
  if (!item.nodes.includes(node)) return `${node} is none of the nodes of ${item.name}`;
  if (!members.includes(node)) return `${node} is no member of ${item.cluster}`;
  const down = context.nodes.whyNotUp(node);
  if (down !== undefined) return down;
  const running = context.packages
    .running(item.name)
    .find((instance) => item.type !== 'multi-node' || instance.node === node);
  if (running !== undefined) return `${item.name} runs on ${running.node}`;
  return whyNoRoom(item, node, context);
}

/** The first node of a package's list, among `members`, that may and can run it. */
export function adoptiveNode(
  item: PackageModel,
  members: readonly string[],
  context: ClusterContext,
): string | undefined {
  const { nodes, switching } = context;
  return item.nodes.find(
    (node) =>
      members.includes(node) &&
      nodes.state(node) === 'up' &&
      switching.isOn(item.name, node) &&
      whyNoRoom(item, node, context) === undefined,
  );
}
