import { clusterOf, type Site } from '../cluster/model.js';
import { nodePrKey } from '../cluster/nexus.js';
import type { PlayContext } from './steps/step.js';

type Viewed = Pick<PlayContext, 'packages' | 'switching' | 'membership'>;

/** The state of a cluster, a `name=value` line each, in the manner of `cmviewcl -f line`. */
export function viewCluster(site: Site, name: string, { packages, switching, membership }: Viewed): string {
  const cluster = clusterOf(site, name);
  const nodes = site.nodes.filter((node) => node.cluster === name);
  const items = site.packages.filter((item) => item.cluster === name);
  const members = membership.members(name);
  const { heartbeat } = cluster.membership;
  const lines = [
    `name=${cluster.name}`,
    `status=${members.length > 0 ? 'up' : 'down'}`,
    `cluster_pr_mode=${items.some((item) => packages.reservesKnown(item.name) === true) ? 'pr_enabled' : 'pr_disabled'}`,
    // In microseconds, as the cluster's configuration has it.
    ...(heartbeat === null ? [] : [`member_timeout=${heartbeat.memberTimeoutMs * 1_000}`]),
  ];
  for (const { name: node } of nodes) {
    const isMember = members.includes(node);
    const state = membership.isHalted(node) ? 'halted' : 'failed';
    lines.push(
      `node:${node}|status=${isMember ? 'up' : 'down'}`,
      `node:${node}|state=${isMember ? 'running' : state}`,
      `node:${node}|release=${packages.releases.ofNode(node)}`,
      `node:${node}|node_pr_key=${nodePrKey(site, node).toString(16)}`,
    );
  }
  for (const item of items) {
    const running = packages.running(item.name);
    lines.push(
      `package:${item.name}|status=${running.length > 0 ? 'up' : 'down'}`,
      `package:${item.name}|state=${running.length > 0 ? 'running' : 'halted'}`,
      ...running.map(({ node }) => `package:${item.name}|owner=${node}`),
      `package:${item.name}|autorun=${switching.isOn(item.name) ? 'enabled' : 'disabled'}`,
      `package:${item.name}|pkg_pr_mode=${packages.reservesKnown(item.name) === true ? 'pr_enabled' : 'pr_disabled'}`,
      ...item.nodes.map(
        (node) =>
          `package:${item.name}|node:${node}|switching=${switching.isOn(item.name, node) ? 'enabled' : 'disabled'}`,
      ),
    );
  }
  return lines.join('\n') + '\n';
}
