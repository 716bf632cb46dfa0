import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../../harness/index.js';
import { messageOf, textOf, type Given } from './membership/cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const packageOf = (more: string): string =>
  `{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2], ${more} }`;
const nodesWith = (one: string, other: string): string =>
  `{ name: node1, cluster: cluster1${one} }, { name: node2, cluster: cluster1${other} }`;

describe('a scenario that asks for what cannot be', () => {
  it.each<[string, Given, string]>([
    [
      'a split of everybody',
      { steps: ['splitNetwork: { nodes: [node1, node2] }'] },
      'membership.yaml:9:28: nobody is on the other side, expected a part of their cluster',
    ],
    [
      'a node that is cut off twice',
      { steps: ['splitNetwork: { nodes: [node1, node1] }'] },
      "membership.yaml:9:36: 'node1' is given twice, expected it once",
    ],
    [
      'a member that is named twice',
      { steps: ['expectMembers: { cluster: cluster1, nodes: [node2, node2] }'] },
      "membership.yaml:9:56: 'node2' is given twice, expected it once",
    ],
    [
      'the machine of a package that is none',
      { steps: [RUN, 'failGuest: { package: pkg1 }'] },
      'membership.yaml:10:27: pkg1 is no virtual machine, expected a package of type vm',
    ],
    [
      'an upgrade to an older release',
      { steps: ['upgrade: { node: node1, release: A.11.18.02 }'] },
      'membership.yaml:9:38: cluster1 has A.11.19, expected a later release',
    ],
    [
      'an upgrade to the release that is there',
      { release: 'A.11.18.02', steps: ['upgrade: { node: node1, release: A.11.18.02 }'] },
      'membership.yaml:9:38: cluster1 has A.11.18.02, expected a later release',
    ],
    [
      'an instance of many that returns',
      { packages: packageOf('type: multi-node, failback: automatic'), steps: [RUN] },
      'membership.yaml:7:110: a multi-node package runs on several nodes and returns to none, expected failback: manual',
    ],
    [
      'nodes that never hear each other',
      { nodes: nodesWith(', networks: { hb1: [eth0] }', ', networks: { hb2: [eth0] }'), steps: [RUN] },
      'membership.yaml:6:9: node1 and node2 have no heartbeat network in common, expected one',
    ],
    [
      'a guest whose host never hears a node',
      {
        nodes: nodesWith('', ', host: esx1'),
        hosts: '{ name: esx1, networks: { hb1: [vmnic0] } }',
        steps: [RUN],
      },
      'membership.yaml:6:9: node1 and node2 have no heartbeat network in common, expected one',
    ],
    [
      'a NIC in two networks',
      {
        nodes: nodesWith(
          ', networks: { hb1: [eth0, eth1], hb2: [eth1] }',
          ', networks: { hb1: [eth0], hb2: [eth1] }',
        ),
        steps: [RUN],
      },
      "membership.yaml:6:80: 'eth1' is given twice, expected each NIC in one network",
    ],
  ])('is refused with %s', (_, given, message) => {
    expect(messageOf(given)).toBe(message);
  });

  it('may have networks apart where nobody sends heartbeats', () => {
    const nodes = nodesWith(', networks: { hb1: [eth0] }', ', networks: { hb2: [eth0] }');
    const text = textOf({ nodes, steps: [RUN] }).replace(', membership: heartbeat', '');
    expect(parseScenario(text, 'membership.yaml').site.nodes).toHaveLength(2);
  });

  it('is refused at the step that is done to a machine which the seed did not let a node leave', async () => {
    const steps = [
      RUN,
      'choose: [[{ moveProfile: { node: node1, to: blade1 } }], [{ wait: 1s }]]',
      'wake: { node: node1.source }',
    ];
    const given: Given = { nodes: 3, hosts: '{ name: esx1 }]\nservers: [{ name: blade1 }', steps };
    const scenario = parseScenario(textOf(given), 'membership.yaml');
    const ends = await Promise.all(
      Array.from({ length: 8 }, (_, seed) =>
        runScenario(scenario, { runtime: 'memory', seed }).then(
          () => 'played',
          (error: unknown) => String(error),
        ),
      ),
    );
    expect([...new Set(ends)].toSorted()).toEqual([
      'ScenarioError: membership.yaml:13: wake node=node1.source: there is no node node1.source',
      'played',
    ]);
  });
});
