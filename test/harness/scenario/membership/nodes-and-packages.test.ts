import { describe, expect, it } from 'vitest';
import { vminfoText } from '../../../../harness/clients/serviceguard/vminfo.js';
import { parseScenario, runScenario } from '../../../../harness/index.js';
import { failedChecks, messageOf, textOf, type Given } from './cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const members = (...nodes: string[]): string =>
  `expectMembers: { cluster: cluster1, nodes: [${nodes.join(', ')}] }`;
const owner = (node: string): string => `expectOwner: { package: pkg1, node: ${node} }`;
const packageOf = (more: string): string => `{ name: pkg1, cluster: cluster1, luns: [data], ${more} }`;

/** What `cmviewcl` and `vminfo` show. */
async function viewsOf(given: Given): Promise<readonly string[]> {
  const texts: string[] = [];
  await runScenario(parseScenario(textOf(given), 'membership.yaml'), {
    runtime: 'memory',
    onEvent: (event) => {
      if (event.type === 'view') texts.push(event.text);
    },
  });
  return texts;
}

describe('a node that is halted', () => {
  it('leaves the cluster, and its packages move', async () => {
    const steps = [
      RUN,
      'cmhaltnode: { node: node1 }',
      members('node2', 'node3'),
      owner('node2'),
      'wait: 60s',
      members('node2', 'node3'),
      'cmrunnode: { node: node1 }',
      'wait: 60s',
      members('node1', 'node2', 'node3'),
      owner('node2'),
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('counts no more for the majority: of three, the two that are left are a cluster of two', async () => {
    const steps = ['cmhaltnode: { node: node1 }', 'crash: { node: node2 }', 'wait: 20s', members()];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('takes no package', async () => {
    const steps = [
      'cmhaltnode: { node: node1 }',
      'cmrunpkg: { package: pkg1, node: node1, expect: fails }',
      owner('none'),
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('can be upgraded, a member cannot', async () => {
    const steps = ['upgrade: { node: node1, release: A.11.19 }'];
    expect(await failedChecks({ nodes: 3, release: 'A.11.18.02', steps })).toEqual([
      'node1 is halted and can be upgraded to A.11.19',
    ]);
  });
});

describe('a node that comes back', () => {
  it('has lost what ran on it, and is heard again', async () => {
    const steps = [
      RUN,
      'crash: { node: node1 }',
      'wait: 20s',
      'cmrunnode: { node: node1 }',
      'wait: 60s',
      members('node1', 'node2', 'node3'),
      owner('node2'),
      'writes: { package: pkg1, count: 1, expect: acknowledged }',
    ];
    expect(await failedChecks({ nodes: 3, steps })).toEqual([]);
  });

  it('by VMware HA alone is not heard: it runs no cluster software until it joins', async () => {
    const steps = [
      RUN,
      'crash: { node: node1 }',
      'wait: 5s',
      'haRestart: { node: node1, to: esx2 }',
      'wait: 20s',
      members('node2', 'node3'),
      owner('node2'),
      'cmrunnode: { node: node1 }',
      'wait: 20s',
      members('node1', 'node2', 'node3'),
    ];
    const nodes =
      '{ name: node1, cluster: cluster1, host: esx1 }, { name: node2, cluster: cluster1 }, { name: node3, cluster: cluster1 }';
    const packages = packageOf('nodes: [node1, node2]');
    const hosts = '{ name: esx1 }, { name: esx2 }';
    expect(await failedChecks({ hosts, nodes, packages, steps })).toEqual([]);
  });

  it('forms the cluster where nobody was left, and takes the lock at the next failure', async () => {
    const steps = [
      'splitNetwork: { nodes: [node2] }',
      'crash: { node: node1 }',
      'wait: 20s',
      members('node2'),
      'crash: { node: node2 }',
      'wait: 20s',
      'cmrunnode: { node: node1 }',
      'wait: 20s',
      RUN,
      owner('node1'),
    ];
    expect(await failedChecks({ cluster: ', lockLun: lock', steps })).toEqual([]);
  });

  it('gets back the packages whose failback is automatic', async () => {
    const steps = [RUN, 'crash: { node: node1 }', 'wait: 20s', 'cmrunnode: { node: node1 }'];
    const given = (failback: string): Given => ({
      nodes: 3,
      packages: packageOf(`nodes: [node1, node2], failback: ${failback}`),
      steps: [...steps, owner(failback === 'automatic' ? 'node1' : 'node2')],
    });
    expect(await failedChecks(given('automatic'))).toEqual([]);
    expect(await failedChecks(given('manual'))).toEqual([]);
  });
});

describe('a full node', () => {
  const nodes =
    '{ name: node1, cluster: cluster1 }, { name: node2, cluster: cluster1, capacity: { package_limit: 1 } }, { name: node3, cluster: cluster1 }';
  const packages = `${packageOf('nodes: [node1, node2, node3]')}, { name: pkg2, cluster: cluster1, luns: [lock], nodes: [node2] }`;

  it('is passed over by what moves, and refuses what is started there', async () => {
    const steps = [
      RUN,
      'cmrunpkg: { package: pkg2, node: node2 }',
      'crash: { node: node1 }',
      'wait: 20s',
      owner('node3'),
      'cmhaltpkg: { package: pkg1 }',
      'cmrunpkg: { package: pkg1, node: node2, expect: fails }',
      'cmhaltpkg: { package: pkg2 }',
      'cmrunpkg: { package: pkg1, node: node2 }',
    ];
    expect(await failedChecks({ nodes, packages, steps })).toEqual([]);
  });
});

describe('a virtual machine that is a package', () => {
  const vm = (more: string): string => packageOf(`nodes: [node1, node2], type: vm, disk: whole-disk${more}`);

  it('moves when its application fails only where it is monitored', async () => {
    const steps = (node: string): readonly string[] => [
      RUN,
      'failApplication: { package: pkg1 }',
      owner(node),
    ];
    expect(await failedChecks({ packages: vm(''), steps: steps('node1') })).toEqual([]);
    expect(await failedChecks({ packages: vm(', monitor: in-guest'), steps: steps('node2') })).toEqual([]);
  });

  it('moves when it fails, or starts where it was if nobody else can', async () => {
    const steps = [RUN, 'failGuest: { package: pkg1 }', owner('node2')];
    expect(await failedChecks({ packages: vm(''), steps })).toEqual([]);
    const alone = [RUN, 'cmhaltnode: { node: node2 }', 'failGuest: { package: pkg1 }', owner('node1')];
    expect(await failedChecks({ packages: vm(''), steps: alone })).toEqual([]);
  });

  it.each([
    ['whole-disk', "['0x10001', '0x10001']", "'0x10001'"],
    ['logical-volume', '[]', 'none'],
    ['file', '[]', 'none'],
  ])('on a %s has the keys %s and the reservation %s', async (disk, keys, reservation) => {
    const packages = packageOf(`nodes: [node1, node2], type: vm, disk: ${disk}`);
    const steps = [RUN, `expectKeys: { lun: data, keys: ${keys}, reservation: ${reservation} }`];
    expect(await failedChecks({ packages, steps })).toEqual([]);
  });
});

describe('what is shown', () => {
  it('of membership is who belongs, and why the rest do not', async () => {
    const [view] = await viewsOf({
      nodes: 4,
      steps: [
        'cmhaltnode: { node: node2 }',
        'crash: { node: node1 }',
        'wait: 20s',
        'cmviewcl: { cluster: cluster1 }',
      ],
    });
    expect(view?.split('\n').filter((line) => /status|state|timeout/.test(line))).toEqual([
      'status=up',
      'member_timeout=14000000',
      'node:node1|status=down',
      'node:node1|state=failed',
      'node:node2|status=down',
      'node:node2|state=halted',
      'node:node3|status=up',
      'node:node3|state=running',
      'node:node4|status=up',
      'node:node4|state=running',
      'package:pkg1|status=down',
      'package:pkg1|state=halted',
    ]);
  });

  it('of a guest is its host and a time-out', async () => {
    const nodes = '{ name: node1, cluster: cluster1, host: esx1 }, { name: node2, cluster: cluster1 }';
    const steps = ['vminfo: { node: node1 }', 'vminfo: { node: node2 }'];
    expect(await viewsOf({ hosts: '{ name: esx1 }', nodes, steps })).toEqual([
      'host=esx1\ntimeout=0',
      'vminfo: not a virtual machine',
    ]);
    expect(vminfoText('esx1', 'A.11.18.02')).toBe('host=esx1\ntimeout=70');
  });
});

describe('a file that speaks of nodes and packages', () => {
  it.each<[string, Given, string]>([
    [
      'a weight that no node has room for',
      { packages: packageOf('nodes: [node1], weight: { memory: 3 }'), steps: [RUN] },
      'no node of cluster1 has a capacity memory, expected',
    ],
    [
      'a failback that cmapplyconf refuses',
      {
        nodes: '{ name: node1, cluster: cluster1, capacity: { memory: 3 } }',
        packages: packageOf('nodes: [node1], failback: automatic'),
        steps: [RUN],
      },
      'failback automatic where a node has a capacity, which cmapplyconf refuses; expected manual',
    ],
    [
      'package_limit among others',
      {
        nodes: '{ name: node1, cluster: cluster1, capacity: { memory: 3, package_limit: 2 } }',
        packages: packageOf('nodes: [node1]'),
        steps: [RUN],
      },
      'package_limit is the only capacity of a cluster that has it, expected no other in cluster1',
    ],
    [
      'a virtual machine without a disk',
      { packages: packageOf('nodes: [node1], type: vm'), steps: [RUN] },
      'disk missing, expected one of file, logical-volume, whole-disk',
    ],
    [
      'a disk of what is no virtual machine',
      { packages: packageOf('nodes: [node1], disk: file'), steps: [RUN] },
      'disk is of a vm package, expected type: vm beside it',
    ],
    [
      'a monitor that the release has not',
      {
        release: 'A.11.18.02',
        packages: packageOf('nodes: [node1], type: vm, disk: file, monitor: in-guest'),
        steps: [RUN],
      },
      'Serviceguard A.11.18.02 cannot look into a guest, expected A.11.19',
    ],
    [
      'a guest that starts a virtual machine',
      {
        hosts: '{ name: esx1 }',
        nodes: '{ name: node1, cluster: cluster1, host: esx1 }',
        packages: packageOf('nodes: [node1], type: vm, disk: file'),
        steps: [RUN],
      },
      'node1 is a guest and starts no virtual machine, expected VM hosts as nodes',
    ],
    [
      'a volume that another package uses',
      {
        packages: `${packageOf('nodes: [node1], type: vm, disk: file')}, { name: pkg2, cluster: cluster1, luns: [data], nodes: [node2] }`,
        steps: [RUN],
      },
      "'data' is a LUN of pkg1, expected one that no other package writes to",
    ],
  ])('is refused with %s', (_, given, message) => {
    expect(messageOf(given)).toMatch(/^membership\.yaml:\d+:\d+: /);
    expect(messageOf(given)).toContain(message);
  });
});
