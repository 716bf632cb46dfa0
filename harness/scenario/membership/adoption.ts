import { exceededCapacity } from '../../cluster/capacity.js';
import { nodeOf, type PackageModel } from '../../cluster/model.js';
import type { ClusterContext } from './context.js';

/** Why a node has no room for a package; undefined where it has. */
export function whyNoRoom(
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
