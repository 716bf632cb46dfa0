import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../../../harness/index.js';
import { failedChecks, textOf, type Given } from './cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const members = (...nodes: string[]): string =>
  `expectMembers: { cluster: cluster1, nodes: [${nodes.join(', ')}] }`;
const owner = (node: string): string => `expectOwner: { package: pkg1, node: ${node} }`;
const ALL = members('node1', 'node2', 'node3');
const WITHOUT_NODE1 = members('node2', 'node3');

/** Guests of hosts of their own, and one that can move there. */
const GUESTS = {
  nodes: ['node1', 'node2', 'node3']
    .map((name, index) => `{ name: ${name}, cluster: cluster1, host: esx${index + 1} }`)
    .join(', '),
  hosts: '{ name: esx1 }, { name: esx2 }, { name: esx3 }, { name: esx4 }',
} as const;
const SERVERS: Partial<Given> = {
  nodes: 3,
  hosts: '{ name: esx1 }]\nservers: [{ name: blade1 }',
};

/** What becomes of the cluster and of its machines, as it is told. */
async function toldOf(given: Given): Promise<readonly string[]> {
  const told: string[] = [];
  await runScenario(parseScenario(textOf(given), 'membership.yaml'), {
    runtime: 'memory',
    onEvent: (event) => {
      if (event.type === 'membership') told.push(event.text);
      if (event.type === 'nodeState') told.push(`${event.node} ${event.state}`);
    },
  });
  return told;
}

describe('a package whose node is gone', () => {
  it('moves to who belongs to the cluster when the wait is over, not to who did before it', async () => {
    const steps = [
      RUN,
      'crash: { node: node1 }',
      'wait: 60s',
      WITHOUT_NODE1,
      'cmhaltnode: { node: node2 }',
      'wait: 60s',
      owner('node3'),
    ];
    expect(await failedChecks({ release: 'A.11.18.02', nodes: 3, steps })).toEqual([]);
  });

  it('moves to no node that has booted since and has not joined', async () => {
    const given: Given = {
      release: 'A.11.18.02',
      cluster: ', memberTimeout: 8s',
      nodes: `${GUESTS.nodes}, { name: node4, cluster: cluster1 }`,
      hosts: GUESTS.hosts,
      packages: '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2, node3] }',
      steps: [
        RUN,
        'crash: { node: node1 }',
        'wait: 73s',
        // The cluster has not missed it when the wait is over.
        'crash: { node: node2 }',
        'haRestart: { node: node2, to: esx4 }',
        'wait: 6s',
        members('node2', 'node3', 'node4'),
        owner('node3'),
      ],
    };
    expect(await failedChecks(given)).toEqual([]);
  });

  it('moves after the time-out where VMware HA boots that node at once: it has not joined', async () => {
    const steps = [
      RUN,
      'crash: { node: node1 }',
      'haRestart: { node: node1, to: esx4 }',
      owner('none'),
      'wait: 20s',
      WITHOUT_NODE1,
      owner('node2'),
    ];
    expect(await failedChecks({ ...GUESTS, steps })).toEqual([]);
  });

  it('runs nowhere where its node joins again before anybody has missed it', async () => {
    const steps = [RUN, 'crash: { node: node1 }', 'cmrunnode: { node: node1 }', owner('none')];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });
});

describe('a node whose image boots elsewhere', () => {
  it.each(['moveProfile', 'replaceServer'])(
    'by %s is removed after the time-out, joins by cmrunnode, and stays up meanwhile',
    async (move) => {
      const given: Given = {
        ...SERVERS,
        steps: [
          RUN,
          'hang: { node: node1 }',
          `${move}: { node: node1, to: blade1 }`,
          'wait: 10s',
          ALL,
          owner('none'),
          'wait: 20s',
          WITHOUT_NODE1,
          owner('node2'),
          'cmrunnode: { node: node1 }',
          'wait: 20s',
          ALL,
        ],
      };
      expect(await failedChecks(given)).toEqual([]);
      expect(await toldOf({ ...given, steps: given.steps.slice(0, -3) })).toEqual([
        'node1 hung',
        'node1.source hung',
        'node1 up',
        'cluster1 forms again without node1, not heard for 14000 ms: node2, node3 by majority',
        'node1.source up',
      ]);
    },
  );

  it('leaves a machine that reboots when it wakes, as the node would have: it belongs no more', async () => {
    const steps = [
      RUN,
      'hang: { node: node1 }',
      'wait: 20s',
      'moveProfile: { node: node1, to: blade1 }',
      'cmrunnode: { node: node1 }',
      'wake: { node: node1.source }',
      'wait: 20s',
      ALL,
    ];
    expect(await failedChecks({ ...SERVERS, steps })).toEqual([]);
    expect((await toldOf({ ...SERVERS, steps })).slice(-3)).toEqual([
      'node1.source up',
      'node1.source is no member of cluster1 any more and reboots',
      'node1.source crashed',
    ]);
  });

  it('is a server: a guest has no profile', async () => {
    const given = { ...GUESTS, hosts: `${GUESTS.hosts}]\nservers: [{ name: blade1 }` };
    expect(
      await failedChecks({
        ...given,
        steps: [RUN, 'moveProfile: { node: node1, to: blade1 }', owner('node1')],
      }),
    ).toEqual(['node1 is a server, and has a profile that can move']);
  });
});

describe('a second split', () => {
  it('leaves the first as it is: three parts of one node each have no quorum', async () => {
    const steps = [
      RUN,
      'splitNetwork: { nodes: [node1] }',
      'splitNetwork: { nodes: [node2] }',
      'wait: 20s',
      members(),
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('is mended without the first, and with it', async () => {
    const cut = ['splitNetwork: { nodes: [node1, node2] }', 'splitNetwork: { nodes: [node2] }'];
    const first = [RUN, ...cut, 'mendNetwork: { nodes: [node2] }', 'wait: 20s', WITHOUT_NODE1];
    expect(await failedChecks({ nodes: 3, steps: first })).toEqual([]);
    const both = [RUN, ...cut, 'mendNetwork: { nodes: [node1, node2] }', 'wait: 20s', ALL];
    expect(await failedChecks({ nodes: 3, steps: both })).toEqual([]);
  });
});

describe('cmrunnode', () => {
  const fails = 'cmrunnode: { node: node1, expect: fails }';

  it.each([
    ['with heartbeats', ''],
    ['without them', 'reform'],
  ])('does nothing to a member that runs, in a cluster %s', async (_, kind) => {
    const given: Given = { nodes: 3, steps: [RUN, fails, owner('node1')] };
    const text = kind === 'reform' ? textOf(given).replace(', membership: heartbeat', '') : textOf(given);
    const { checks } = await runScenario(parseScenario(text, 'membership.yaml'), { runtime: 'memory' });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await failedChecks({ nodes: 3, steps: [RUN, 'cmrunnode: { node: node1 }'] })).toEqual([
      'node1 did not join (it runs there already), expected: joins',
    ]);
  });

  it('is for a node that has booted or was missed, though it is up', async () => {
    const steps = [
      'crash: { node: node1 }',
      'haRestart: { node: node1, to: esx4 }',
      'cmrunnode: { node: node1 }',
      fails,
      'hang: { node: node1 }',
      'reform: { cluster: cluster1 }',
      'wake: { node: node1 }',
      'cmrunnode: { node: node1 }',
      fails,
    ];
    const text = textOf({ ...GUESTS, steps }).replace(', membership: heartbeat', '');
    const { checks } = await runScenario(parseScenario(text, 'membership.yaml'), { runtime: 'memory' });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  });
});

describe('the cluster lock', () => {
  it('goes to the part that has noticed: who still hears everybody does not ask first', async () => {
    const given: Given = {
      cluster: ', lockLun: lock',
      nodes: '{ name: node1, cluster: cluster1, host: esx1 }, { name: node2, cluster: cluster1, host: esx2 }',
      hosts: '{ name: esx1 }, { name: esx2 }',
      // Heartbeats of node1 are late, and those of node2 arrive.
      steps: [RUN, 'load: { host: esx1, delay: 60s }', 'wait: 20s', members('node2'), owner('node2')],
    };
    expect(await failedChecks(given)).toEqual([]);
  });
});

describe('a dead node', () => {
  it('does not wake', async () => {
    const text = textOf({
      nodes: 3,
      steps: ['hang: { node: node1 }', 'crash: { node: node1 }', 'wake: { node: node1 }', WITHOUT_NODE1],
    }).replace(', membership: heartbeat', '');
    const { checks } = await runScenario(parseScenario(text, 'membership.yaml'), { runtime: 'memory' });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
  });
});

describe('reservations of physical nodes among themselves', () => {
  const keysOf = async (release: string, mode: string): Promise<readonly string[]> => {
    const packages = `{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2], ${mode} }`;
    const steps = [RUN, "expectKeys: { lun: data, keys: ['0x10001', '0x10001'], reservation: '0x10001' }"];
    return failedChecks({ release, packages, steps });
  };

  it('are made by A.11.19 wherever they can be', async () => {
    expect(await keysOf('A.11.19', 'pkg_pr_mode: pr_enabled')).toEqual([]);
    expect(await keysOf('A.11.19', 'pkg_pr_mode: pr_disabled')).toHaveLength(1);
  });

  it('are not made by A.11.18.02, whatever sglx_vm says', async () => {
    expect(await keysOf('A.11.18.02', 'sglx_vm: on')).toHaveLength(1);
  });
});
