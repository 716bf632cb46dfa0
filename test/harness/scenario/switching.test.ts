import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario } from '../../../harness/index.js';
import { failedChecks, textOf, type Given } from './membership/cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const REFORM = 'reform: { cluster: cluster1 }';
const OFF = 'cmmodpkg: { package: pkg1, switching: disable }';
const owner = (node: string): string => `expectOwner: { package: pkg1, node: ${node} }`;

/** Three guests, each on a host of its own, and a host without one. */
const GUESTS = {
  nodes: ['node1', 'node2', 'node3']
    .map((name, index) => `{ name: ${name}, cluster: cluster1, host: esx${index + 1} }`)
    .join(', '),
  hosts: '{ name: esx1 }, { name: esx2 }, { name: esx3 }, { name: esx4 }',
  packages: '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2, node3] }',
} as const;

async function failedWithoutHeartbeats(...steps: readonly string[]): Promise<readonly string[]> {
  const text = textOf({ ...GUESTS, steps }).replace(', membership: heartbeat', '');
  const { checks } = await runScenario(parseScenario(text, 'switching.yaml'), { runtime: 'memory' });
  return checks.filter(({ passed }) => !passed).map(({ text: what }) => what);
}

describe('hpvmsg_move', () => {
  const move = 'hpvmsg_move: { node: node1, to: esx4 }';

  it('turns failover on again only where it was on', async () => {
    expect(
      await failedWithoutHeartbeats(RUN, OFF, move, 'crash: { node: node1 }', REFORM, owner('none')),
    ).toEqual([]);
    expect(
      await failedWithoutHeartbeats(RUN, move, 'crash: { node: node1 }', REFORM, owner('node2')),
    ).toEqual([]);
  });

  it('gives nothing back to a guest that was removed for its long freeze: the package moves', async () => {
    const steps = [
      RUN,
      'hpvmsg_move: { node: node1, to: esx4, frozen: 20s }',
      owner('node2'),
      'wait: 20s',
      'expectMembers: { cluster: cluster1, nodes: [node2, node3] }',
      owner('node2'),
    ];
    expect(await failedChecks({ ...GUESTS, steps })).toEqual([]);
  });

  it('leaves a package down that was lost while its failover was off before', async () => {
    const steps = [
      RUN,
      OFF,
      'hpvmsg_move: { node: node1, to: esx4, frozen: 20s }',
      'wait: 20s',
      owner('none'),
    ];
    expect(await failedChecks({ ...GUESTS, steps })).toEqual([]);
  });
});

describe('a live move', () => {
  it.each(['vmotion: { node: node1, to: esx4 }', 'migrate: { node: node1, to: esx4 }'])(
    'by %s waits for what is under way',
    async (move) => {
      const steps = [
        RUN,
        'hold: { where: host, node: node1, lun: data }',
        'writes: { package: pkg1, node: node1, count: 1, wait: false }',
        'awaitHeld: { where: host, node: node1 }',
        move,
      ];
      await expect(failedWithoutHeartbeats(...steps)).rejects.toThrow('it waits for ever');
    },
  );
});

describe('VMware HA', () => {
  it('boots a guest on which nothing runs any more', async () => {
    const steps = [
      RUN,
      'crash: { node: node1 }',
      'haRestart: { node: node1, to: esx4 }',
      owner('none'),
      // Nobody runs it, so this is a start that fences.
      'cmrunpkg: { package: pkg1, node: node2 }',
      "expectKeys: { lun: data, keys: ['0x10002', '0x10002'], reservation: '0x10002' }",
    ];
    expect(await failedWithoutHeartbeats(...steps)).toEqual([]);
  });
});

describe('a virtual machine that fails', () => {
  const given = (...steps: readonly string[]): Given => ({
    nodes: 3,
    packages:
      '{ name: pkg1, cluster: cluster1, type: vm, disk: whole-disk, luns: [data], nodes: [node1, node2] }',
    steps: [RUN, ...steps],
  });
  const onNode = (node: string): string => `cmmodpkg: { package: pkg1, switching: disable, node: ${node} }`;

  it('stays down where its switching is off, and that is a start that fails', async () => {
    expect(await failedChecks(given(OFF, 'failGuest: { package: pkg1 }', owner('none')))).toEqual([]);
    expect(await failedChecks(given(OFF, 'failGuest: { package: pkg1, expect: starts }'))).toEqual([
      'pkg1 on node1 did not start (no node may run it, by its switching), expected: starts',
    ]);
  });

  it('starts where it was if it may run nowhere else, and nowhere if not there either', async () => {
    const alone = [onNode('node2'), 'failGuest: { package: pkg1 }', owner('node1')];
    expect(await failedChecks(given(...alone))).toEqual([]);
    const nowhere = [onNode('node1'), onNode('node2'), 'failGuest: { package: pkg1 }', owner('none')];
    expect(await failedChecks(given(...nowhere))).toEqual([]);
  });
});
