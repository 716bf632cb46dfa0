import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../../../harness/index.js';
import { failedChecks, messageOf, textOf, type Given } from './cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const members = (...nodes: string[]): string =>
  `expectMembers: { cluster: cluster1, nodes: [${nodes.join(', ')}] }`;
const owner = (node: string): string => `expectOwner: { package: pkg1, node: ${node} }`;

describe('a cluster with heartbeats', () => {
  it('removes a node that is not heard for the time-out, and not before', async () => {
    const failed = await failedChecks({
      nodes: 3,
      steps: [
        RUN,
        'wait: 20s',
        'crash: { node: node1 }',
        'wait: 13s',
        members('node1', 'node2', 'node3'),
        owner('node1'),
        'wait: 1s',
        members('node2', 'node3'),
        owner('node2'),
      ],
    });
    expect(failed).toEqual([]);
  });

  it('counts only waits: commands, however slow, miss no heartbeat', async () => {
    const steps = [RUN, 'writes: { package: pkg1, count: 60 }', 'wait: 1s', members('node1', 'node2')];
    expect(await failedChecks({ cluster: ', memberTimeout: 40ms', steps })).toEqual([]);
  });

  it('halts as a whole where an even half has no lock to ask for', async () => {
    const steps = [RUN, 'crash: { node: node2 }', 'wait: 20s', members(), owner('none')];
    expect(await failedChecks({ steps })).toEqual([]);
  });

  it('goes on by the lock where an even half is left', async () => {
    const steps = [RUN, 'crash: { node: node1 }', 'wait: 20s', members('node2'), owner('node2')];
    expect(await failedChecks({ cluster: ', lockLun: lock', steps })).toEqual([]);
  });

  it('halts where nobody can reach the lock', async () => {
    const steps = [
      RUN,
      'losePath: { node: node2, path: 1 }',
      'losePath: { node: node2, path: 2 }',
      'crash: { node: node1 }',
      'wait: 20s',
      members(),
    ];
    expect(await failedChecks({ cluster: ', lockLun: lock', steps })).toEqual([]);
  });

  it('lets a majority go on without the lock, and the rest reboot', async () => {
    const steps = [
      RUN,
      'splitNetwork: { nodes: [node1] }',
      'wait: 20s',
      members('node2', 'node3'),
      owner('node2'),
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('halts four nodes that fall into two halves without a lock', async () => {
    const steps = [RUN, 'splitNetwork: { nodes: [node1, node3] }', 'wait: 20s', members(), owner('none')];
    expect(await failedChecks({ nodes: 4, steps })).toEqual([]);
  });

  it('lets one of two halves go on by the lock', async () => {
    const steps = [
      'cmrunpkg: { package: pkg1, node: node3 }',
      'splitNetwork: { nodes: [node3, node4] }',
      'wait: 20s',
      members('node1', 'node2'),
      owner('node1'),
    ];
    expect(await failedChecks({ cluster: ', lockLun: lock', nodes: 4, steps })).toEqual([]);
  });

  it('forms again twice: a lock that was taken before is free for the next time', async () => {
    const steps = [
      RUN,
      'splitNetwork: { nodes: [node3, node4] }',
      'wait: 20s',
      members('node1', 'node2'),
      'crash: { node: node1 }',
      'wait: 20s',
      members('node2'),
      owner('node2'),
    ];
    expect(await failedChecks({ cluster: ', lockLun: lock', nodes: 4, steps })).toEqual([]);
  });

  it('hears a node that hangs for less than the time-out as before', async () => {
    const steps = [
      RUN,
      'hang: { node: node1 }',
      'wait: 10s',
      'wake: { node: node1 }',
      'wait: 30s',
      members('node1', 'node2', 'node3'),
      owner('node1'),
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('is left by a node that wakes after it was removed: it reboots at its next heartbeat', async () => {
    const states: string[] = [];
    const steps = [
      RUN,
      'hang: { node: node1 }',
      'wait: 20s',
      owner('node2'),
      'wake: { node: node1 }',
      'wait: 2s',
      members('node2', 'node3'),
    ];
    const { checks } = await runScenario(parseScenario(textOf({ nodes: 3, steps }), 'membership.yaml'), {
      runtime: 'memory',
      onEvent: (event) => {
        if (event.type === 'nodeState') states.push(`${event.node} ${event.state}`);
      },
    });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(states).toEqual(['node1 hung', 'node1 up', 'node1 crashed']);
  });

  it('says when a package has nowhere to go', async () => {
    const texts: string[] = [];
    const given = {
      nodes: 3,
      packages: '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1] }',
      steps: [RUN, 'crash: { node: node1 }', 'wait: 20s', owner('none')],
    };
    await runScenario(parseScenario(textOf(given), 'membership.yaml'), {
      runtime: 'memory',
      onEvent: (event) => {
        if (event.type === 'membership') texts.push(event.text);
      },
    });
    expect(texts).toEqual([
      'cluster1 forms again without node1, not heard for 14000 ms: node2, node3 by majority',
      'pkg1 stays down: no node may run it',
    ]);
  });
});

describe('a file that speaks of membership', () => {
  it.each<[string, Given, string]>([
    [
      'a package on the lock LUN',
      {
        cluster: ', lockLun: lock',
        packages: '{ name: pkg1, cluster: cluster1, luns: [data, lock], nodes: [node1] }',
        steps: [RUN],
      },
      "membership.yaml:7:51: 'lock' is the lock LUN of cluster1, which no package may use or reserve; expected another LUN",
    ],
    [
      'a lock LUN that is not there',
      { cluster: ', lockLun: lokc', steps: [RUN] },
      "membership.yaml:5:80: there is no LUN 'lokc', expected one of data, lock",
    ],
    [
      'a lock that nobody asks for',
      { cluster: ', lockLun: lock, quorum: none', steps: [RUN] },
      'membership.yaml:5:80: a cluster lock where no quorum is asked for, expected one of the two',
    ],
    [
      'a multi-node package of two masters',
      {
        cluster: ', quorum: none',
        packages: '{ name: pkg1, cluster: cluster1, type: multi-node, luns: [data], nodes: [node1] }',
        steps: [RUN],
      },
      'membership.yaml:7:51: a multi-node package where no quorum is asked for, expected failover or vm',
    ],
    [
      'an interval that the release computes',
      { cluster: ', heartbeatInterval: 1s', steps: [RUN] },
      'membership.yaml:5:71: Serviceguard A.11.19 computes the interval, expected memberTimeout alone',
    ],
    [
      'a time-out without an interval',
      { cluster: ', memberTimeout: 3ms', steps: [RUN] },
      'membership.yaml:5:71: a heartbeat interval of 0 ms, a fourth of the time-out, expected at least 10 ms',
    ],
    [
      'a step that forms the cluster again',
      { steps: ['reform: { cluster: cluster1 }'] },
      'membership.yaml:9:24: cluster1 forms again by itself, expected a wait that is long enough',
    ],
    [
      'a NIC that is not there',
      { steps: ['failNic: { node: node1, nic: eth9 }'] },
      "membership.yaml:9:34: node1 has no NIC 'eth9', expected one of nic1",
    ],
    [
      'a NIC of nobody',
      { steps: ['failNic: { nic: nic1 }'] },
      'membership.yaml:9:14: expected one of node, host and server',
    ],
    [
      'a member that is not there',
      { steps: [members('node7')] },
      "membership.yaml:9:48: there is no node 'node7', expected one of node1, node2",
    ],
  ])('is refused with %s', (_, given, message) => {
    expect(messageOf(given)).toBe(message);
  });

  it('is refused with a lock LUN but no heartbeats', () => {
    const text = textOf({ cluster: ', lockLun: lock', steps: [RUN] }).replace(', membership: heartbeat', '');
    expect(() => parseScenario(text, 'membership.yaml')).toThrow(
      'lockLun without heartbeats, expected membership: heartbeat beside it',
    );
  });
});
