import { OBSERVER } from '../cluster/nexus.js';
import { isSourceOf } from '../cluster/placement.js';
import type { ScenarioFile } from './schema/scenario-file.js';
import type { ScenarioSource } from './source.js';

const WHAT = { hosts: 'host', servers: 'server', nodes: 'node' } as const;

/** The array knows hosts, servers and nodes by their names, in small letters: each must be nobody else's. */
export function checkPortNames(source: ScenarioSource, read: ScenarioFile): void {
  // A name that is given twice in one list is told as that.
  const taken = new Map<string, string>([[OBSERVER, 'the machine that reads at the end']]);
  for (const kind of ['hosts', 'servers', 'nodes'] as const) {
    for (const [index, { name }] of (read[kind] ?? []).entries()) {
      const port = name.toLowerCase();
      const other = taken.get(port);
      const problem =
        other !== undefined && other !== `${WHAT[kind]} ${name}`
          ? `'${name}' is also what the array knows ${other} by, expected a name of its own`
          : isSourceOf(port, port.slice(0, port.lastIndexOf('.')))
            ? `'${name}' is what a node that moves leaves behind, expected a name that does not end in .source`
            : kind === 'nodes' && name === 'none'
              ? `'none' stands for no node, expected another name`
              : undefined;
      if (problem !== undefined) throw source.error([kind, index, 'name'], problem);
      taken.set(port, `${WHAT[kind]} ${name}`);
    }
  }
}
