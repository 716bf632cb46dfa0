import { PACKAGE_LIMIT } from '../cluster/capacity.js';
import type { ScenarioFile } from './schema/scenario-file.js';
import type { ScenarioSource } from './source.js';

/**
 * What cmapplyconf refuses of capacities and weights (Managing HP Serviceguard for Linux, ninth edition, pp. 111, 130).
 */
export function checkCapacities(source: ScenarioSource, read: ScenarioFile): void {
  for (const cluster of read.clusters) {
    const nodes = read.nodes.filter((node) => node.cluster === cluster.name);
    const names = new Set(nodes.flatMap(({ capacity }) => Object.keys(capacity ?? {})));
    const first = read.nodes.findIndex((node) => nodes.includes(node) && node.capacity !== undefined);
    if (names.has(PACKAGE_LIMIT) && names.size > 1) {
      throw source.error(
        ['nodes', first, 'capacity'],
        `${PACKAGE_LIMIT} is the only capacity of a cluster that has it, expected no other in ${cluster.name}`,
      );
    }
    for (const [index, item] of read.packages.entries()) {
      if (item.cluster !== cluster.name) continue;
      const unknown = Object.keys(item.weight ?? {}).find((name) => !names.has(name));
      if (unknown !== undefined) {
        throw source.error(
          ['packages', index, 'weight', unknown],
          `no node of ${cluster.name} has a capacity ${unknown}, expected ${names.size === 0 ? 'a node with one' : `one of ${[...names].join(', ')}`}`,
          true,
        );
      }
      if (names.size > 0 && item.failback === 'automatic') {
        throw source.error(
          ['packages', index, 'failback'],
          `failback automatic where a node has a capacity, which cmapplyconf refuses; expected manual`,
        );
      }
    }
  }
}
