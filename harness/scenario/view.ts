import { clusterOf, type Site } from '../cluster/model.js';
import { nodePrKey } from '../cluster/nexus.js';
import type { NodeStates } from './node-states.js';
import type { PackageSwitching } from './package-switching.js';
import type { PackageManager } from './packages.js';

/** The state of a cluster, a `name=value` line each, in the manner of `cmviewcl -f line`. */
export function viewCluster(
  site: Site,
  name: string,
  packages: PackageManager,
  states: NodeStates,
  switching: PackageSwitching,
): string {
  const cluster = clusterOf(site, name);
  const nodes = site.nodes.filter((node) => node.cluster === name);
  const members = site.packages.filter((item) => item.cluster === name);
  const lines = [
    `name=${cluster.name}`,
    `status=${nodes.some((node) => states.state(node.name) === 'up') ? 'up' : 'down'}`,
    `cluster_pr_mode=${members.some((item) => packages.reservesKnown(item.name) === true) ? 'pr_enabled' : 'pr_disabled'}`,
  ];
  for (const node of nodes) {
    const up = states.state(node.name) === 'up';
    lines.push(
      `node:${node.name}|status=${up ? 'up' : 'down'}`,
      `node:${node.name}|state=${up ? 'running' : 'failed'}`,
      `node:${node.name}|node_pr_key=${nodePrKey(site, node.name).toString(16)}`,
    );
  }
  for (const item of members) {
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
