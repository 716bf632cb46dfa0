import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../harness/index.js';
import { textOf } from '../harness/scenario/membership/cluster-text.js';

const TIMEOUT_MS = 120_000;
/** EIO, as sg_persist ends where a device does not answer. */
const EIO = 55;
const keys = (path: number, exit: number): string =>
  `sgPersist: { node: node1, lun: data, path: ${path}, options: '-n -i -k', exit: ${exit} }`;

/** A node boots while paths of it are lost. */
const STEPS = [
  'cmrunpkg: { package: pkg1, node: node1 }',
  'losePath: { node: node1, path: 1 }',
  'crash: { node: node1 }',
  'wait: 20s',
  'expectOwner: { package: pkg1, node: node2 }',
  'cmrunnode: { node: node1 }',
  keys(1, EIO),
  keys(2, 0),
  'cmhaltnode: { node: node2 }',
  'expectOwner: { package: pkg1, node: node1 }',
  'writes: { package: pkg1, count: 1, expect: acknowledged }',
  'losePath: { node: node1, path: 2 }',
  'restorePath: { node: node1, path: 1 }',
  keys(2, EIO),
  keys(1, 0),
];

describe('a node that boots with lost paths', () => {
  it.each([
    ['memory', 'a physical node', '{ name: node1, cluster: cluster1 }'],
    ['processes', 'a physical node', '{ name: node1, cluster: cluster1 }'],
    ['memory', 'a guest', '{ name: node1, cluster: cluster1, host: esx1 }'],
    ['processes', 'a guest', '{ name: node1, cluster: cluster1, host: esx1 }'],
    ['memory', 'a guest with NPIV', '{ name: node1, cluster: cluster1, host: esx1, access: npiv }'],
    ['processes', 'a guest with NPIV', '{ name: node1, cluster: cluster1, host: esx1, access: npiv }'],
  ] as const)(
    'in %s has those that live, and the others when they come back: %s',
    async (runtime, _, node1) => {
      const nodes = `${node1}, { name: node2, cluster: cluster1 }, { name: node3, cluster: cluster1 }`;
      const text = textOf({ nodes, hosts: '{ name: esx1 }', steps: STEPS });
      const { checks } = await runScenario(parseScenario(text, 'lost-paths.yaml'), { runtime });
      expect(checks.filter(({ passed }) => !passed)).toEqual([]);
      expect(checks.length).toBeGreaterThan(5);
    },
    TIMEOUT_MS,
  );
});
