import { describe, expect, it } from 'vitest';
import { failedChecks } from './membership/cluster-text.js';

const packages = (type: string): string =>
  `{ name: pkg1, cluster: cluster1, type: ${type}, luns: [data], nodes: [node1, node2] }`;
const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const run = (node: string): string => `cmrunpkg: { package: pkg1, node: ${node} }`;

describe('cmrunpkg', () => {
  const why = async (type: string, ...steps: readonly string[]): Promise<readonly string[]> =>
    failedChecks({ nodes: 3, packages: packages(type), steps });
  const refused = (node: string, reason: string): readonly string[] => [
    `pkg1 on ${node} did not start (${reason}), expected: starts`,
  ];

  it('is refused on a node that is none of the package', async () => {
    expect(await why('failover', run('node3'))).toEqual(
      refused('node3', 'node3 is none of the nodes of pkg1'),
    );
  });

  it('is refused on a node that hangs or is dead, though nobody has missed it', async () => {
    expect(await why('failover', 'crash: { node: node1 }', RUN)).toEqual(refused('node1', 'node1 is dead'));
    expect(await why('failover', 'hang: { node: node1 }', RUN)).toEqual(refused('node1', 'node1 hangs'));
  });

  it('is refused where the package runs', async () => {
    for (const node of ['node1', 'node2']) {
      expect(await why('failover', RUN, run(node))).toEqual(refused(node, 'pkg1 runs on node1'));
    }
  });

  it('starts an instance of a multi-node package on another node, and none where there is one', async () => {
    expect(await why('multi-node', RUN, run('node2'))).toEqual([]);
    expect(await why('multi-node', RUN, RUN)).toEqual(refused('node1', 'pkg1 runs on node1'));
  });
});

describe('failApplication', () => {
  it('needs an application on a node that is up', async () => {
    for (const [state, why] of [
      ['crash', 'is dead'],
      ['hang', 'hangs'],
    ]) {
      const steps = [RUN, `${state}: { node: node1 }`, 'failApplication: { package: pkg1 }'];
      expect(await failedChecks({ steps })).toEqual([`pkg1 runs and can fail, but node1 ${why}`]);
    }
  });
});
