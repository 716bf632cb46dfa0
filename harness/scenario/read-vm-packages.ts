import type { ScenarioFile } from './schema/scenario-file.js';
import type { ScenarioSource } from './source.js';

/** What a package that is a virtual machine must say, and what no other may. */
export function checkVmPackages(source: ScenarioSource, read: ScenarioFile): void {
  for (const [index, item] of read.packages.entries()) {
    const wrong = (key: string, problem: string): Error =>
      source.error(['packages', index, key], problem, true);
    if (item.type !== 'vm') {
      const given = (['disk', 'monitor'] as const).find((key) => item[key] !== undefined);
      if (given !== undefined) throw wrong(given, `${given} is of a vm package, expected type: vm beside it`);
      continue;
    }
    if (item.disk === undefined) {
      throw source.error(
        ['packages', index],
        'disk missing, expected one of file, logical-volume, whole-disk',
      );
    }
    const cluster = read.clusters.find(({ name }) => name === item.cluster);
    if (item.monitor !== undefined && cluster?.release === 'A.11.18.02') {
      throw wrong('monitor', 'Serviceguard A.11.18.02 cannot look into a guest, expected A.11.19');
    }
    const guest = read.nodes.find(({ name, host }) => host !== undefined && item.nodes.includes(name));
    if (guest !== undefined) {
      throw wrong(
        'type',
        `${guest.name} is a guest and starts no virtual machine, expected VM hosts as nodes`,
      );
    }
  }
}
