import { Type } from 'typebox';
import { vminfoText } from '../../clients/serviceguard/vminfo.js';
import { nodeOf } from '../../cluster/model.js';
import { startElsewhere } from '../membership/take-over.js';
import { closed, Name, oneOf } from '../schema/words.js';
import { checkStart } from './outcome.js';
import type { PlayContext, StepHandlers } from './step.js';

/** What people do with nodes of a cluster, by the names of Serviceguard's commands. */
export const clusterNodeStepSchemas = {
  /** A node leaves its cluster (cmhaltnode -f): its packages halt, and start on the nodes that come next. */
  cmhaltnode: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  /** A node joins its cluster, after a boot where it did not leave in an orderly way; packages may return to it. */
  cmrunnode: Type.Object(
    { node: Name, expect: Type.Optional(oneOf('joins', 'fails')) },
    { ...closed, description: 'node, and expect' },
  ),
  /** A halted node gets another release: one turn of a rolling upgrade. */
  upgrade: Type.Object(
    { node: Name, release: oneOf('A.11.18.02', 'A.11.19') },
    { ...closed, description: 'node and release' },
  ),
  /** What `vminfo -M` tells on a node. */
  vminfo: Type.Object({ node: Name }, { ...closed, description: 'node' }),
} as const;

export const clusterNodeSteps: StepHandlers<typeof clusterNodeStepSchemas> = {
  cmhaltnode: async ({ node }, context) => {
    const { membership, packages, nodes, ledger, scenario, play } = context;
    const why = nodes.whyNotUp(node);
    const but = why === undefined ? '' : `, but ${why}`;
    const canHalt = membership.isMember(node) && why === undefined;
    ledger.check(`${node} is a member and can be halted${but}`, canHalt);
    if (!canHalt) return;
    const there = packages.instances.filter(
      (instance) => instance.node === node && instance.state === 'running',
    );
    for (const instance of there) await packages.halt(instance, { interrupt: play });
    membership.leave(node);
    const members = membership.members(nodeOf(scenario.site, node).cluster);
    for (const { item } of there) {
      if (item.type === 'multi-node') continue;
      const settled = await startElsewhere(item, members, { interrupt: play }, context);
      ledger.check(`${item.name} moves when ${node} is halted`, settled);
    }
  },

  cmrunnode: async ({ node, expect = 'joins' }, context) => {
    const why = await joinCluster(node, context);
    const what = why === undefined ? 'joined' : `did not join (${why})`;
    context.ledger.check(
      `${node} ${what}, expected: ${expect}`,
      (why === undefined) === (expect === 'joins'),
    );
    if (why === undefined) await failBack(node, context);
  },

  upgrade: ({ node, release }, { membership, packages, ledger }) => {
    const isHalted = membership.isHalted(node);
    ledger.check(`${node} is halted and can be upgraded to ${release}`, isHalted);
    if (isHalted) packages.releases.upgrade(node, release);
    return Promise.resolve();
  },

  vminfo: ({ node }, { runtime, packages, ledger }) => {
    const { host } = runtime.placeOf(node);
    ledger.show({ type: 'view', text: vminfoText(host, packages.releases.ofNode(node)) });
    return Promise.resolve();
  },
};

/** Yields why a node did not join its cluster, if it did not. */
async function joinCluster(
  node: string,
  { membership, nodes, packages, runtime }: PlayContext,
): Promise<string | undefined> {
  if (membership.runsOn(node)) return 'it runs there already';
  const place = runtime.placeOf(node);
  if (nodes.isDeadHost(place.host)) return `${place.host ?? ''} is dead`;
  if (!membership.isHalted(node)) {
    packages.lose(node);
    if (nodes.state(node) !== 'crashed') await nodes.crash(node);
    await nodes.restart(node, place);
  }
  return membership.join(node) ? undefined : 'it does not reach its cluster';
}

/**
 * Packages whose first node this is, and whose failback is automatic, return to it (Managing HP Serviceguard for Linux,
 * eighth edition, March 2008, pp. 57-58).
 */
async function failBack(
  node: string,
  { scenario, packages, nodes, switching, ledger, play }: PlayContext,
): Promise<void> {
  for (const item of scenario.site.packages) {
    if (item.failback !== 'automatic' || item.nodes[0] !== node) continue;
    const [instance] = packages.running(item.name);
    if (instance === undefined || nodes.whyNotUp(instance.node) !== undefined) continue;
    if (!switching.isOn(item.name) || !switching.isOn(item.name, node)) continue;
    await packages.halt(instance, { interrupt: play });
    checkStart(ledger, item.name, node, await packages.start(item, node, { interrupt: play }));
  }
}
