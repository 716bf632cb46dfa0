import { describe, expect, it } from 'vitest';
import { failedChecks, messageOf, type Given } from './cluster-text.js';

const RUN = 'cmrunpkg: { package: pkg1, node: node1 }';
const members = (...nodes: string[]): string =>
  `expectMembers: { cluster: cluster1, nodes: [${nodes.join(', ')}] }`;
const owner = (node: string): string => `expectOwner: { package: pkg1, node: ${node} }`;
const ALL = members('node1', 'node2', 'node3');
const WITHOUT_NODE1 = members('node2', 'node3');

const given = (steps: readonly string[], more: Partial<Given> = {}): Given => ({
  nodes:
    '{ name: node1, cluster: cluster1, host: esx1 }, { name: node2, cluster: cluster1, networks: { hb: [eth0] } }, ' +
    '{ name: node3, cluster: cluster1, networks: { hb: [eth0] } }',
  hosts: '{ name: esx1, networks: { hb: [vmnic0] } }, { name: esx2, networks: { hb: [vmnic0, vmnic1] } }',
  packages: '{ name: pkg1, cluster: cluster1, luns: [data], nodes: [node1, node2] }',
  steps: [RUN, ...steps],
  ...more,
});
const withServer = (networks: string, steps: readonly string[]): Given => {
  const { hosts = '', ...rest } = given(steps);
  return { ...rest, hosts: `${hosts}]\nservers: [{ name: blade1${networks} }` };
};

describe('a guest that has moved', () => {
  const move = 'vmotion: { node: node1, to: esx2 }';

  it('has the networks of the host where it is, and not those of the host where it was', async () => {
    const left = [move, 'failNic: { host: esx1, nic: vmnic0 }', 'wait: 40s', ALL];
    expect(await failedChecks(given(left))).toEqual([]);
    const come = [
      move,
      'failNic: { host: esx2, nic: vmnic0 }',
      'wait: 40s',
      ALL,
      'failNic: { host: esx2, nic: vmnic1 }',
      'wait: 40s',
      WITHOUT_NODE1,
    ];
    expect(await failedChecks(given(come))).toEqual([]);
  });

  it('is late by the load of the host where it is', async () => {
    const left = ['load: { host: esx1, delay: 30s }', move, 'wait: 40s', ALL];
    expect(await failedChecks(given(left))).toEqual([]);
    const come = ['load: { host: esx2, delay: 30s }', 'wait: 40s', ALL, move, 'wait: 40s', WITHOUT_NODE1];
    expect(await failedChecks(given(come))).toEqual([]);
  });

  it('to a server has the networks of that, and can lose them', async () => {
    const steps = [
      'replaceServer: { node: node1, to: blade1 }',
      'cmrunnode: { node: node1 }',
      'wait: 40s',
      ALL,
      'load: { host: esx1, delay: 30s }',
      'wait: 40s',
      ALL,
      'failNic: { server: blade1, nic: eth0 }',
      'wait: 40s',
      WITHOUT_NODE1,
    ];
    expect(await failedChecks(withServer(', networks: { hb: [eth0] }', steps))).toEqual([]);
  });

  it('to a server that is on no network of the others cannot join', async () => {
    const steps = [
      'crash: { node: node1 }',
      'wait: 40s',
      'replaceServer: { node: node1, to: blade1 }',
      'cmrunnode: { node: node1, expect: fails }',
      WITHOUT_NODE1,
    ];
    expect(await failedChecks(withServer('', steps))).toEqual([]);
  });

  it('is refused with a NIC that the server has not', () => {
    expect(messageOf(withServer('', ['failNic: { server: blade1, nic: eth0 }']))).toContain(
      "blade1 has no NIC 'eth0', expected one of nic1",
    );
    expect(messageOf(withServer('', ['failNic: { server: blade2, nic: eth0 }']))).toContain(
      "there is no server 'blade2', expected one of blade1",
    );
    expect(messageOf(withServer('', ['failNic: { server: blade1, host: esx1, nic: nic1 }']))).toContain(
      'expected one of node, host and server',
    );
  });
});

describe('a server that has the profile of a node', () => {
  it('is on the networks of that node', async () => {
    const steps = [
      'cmhaltpkg: { package: pkg1 }',
      'crash: { node: node2 }',
      'wait: 40s',
      'moveProfile: { node: node2, to: blade1 }',
      'cmrunnode: { node: node2 }',
      'wait: 40s',
      ALL,
    ];
    expect(await failedChecks(withServer('', steps))).toEqual([]);
  });
});

describe('a network that is mended', () => {
  it('within the time-out has done no harm', async () => {
    const steps = [
      'splitNetwork: { nodes: [node1] }',
      'wait: 10s',
      'mendNetwork: { nodes: [node1] }',
      'wait: 60s',
      ALL,
      owner('node1'),
    ];
    expect(await failedChecks(given(steps))).toEqual([]);
  });

  it('brings nobody back who was left out: such a node has rebooted, and joins by cmrunnode', async () => {
    const steps = [
      'splitNetwork: { nodes: [node1] }',
      'wait: 40s',
      WITHOUT_NODE1,
      owner('node2'),
      'mendNetwork: { nodes: [node1] }',
      'wait: 60s',
      WITHOUT_NODE1,
      'cmrunnode: { node: node1 }',
      'wait: 60s',
      ALL,
      owner('node2'),
    ];
    expect(await failedChecks(given(steps))).toEqual([]);
  });

  it('must be mended first: a node that does not reach the cluster neither joins nor forms another', async () => {
    const steps = [
      'splitNetwork: { nodes: [node1] }',
      'wait: 40s',
      'cmrunnode: { node: node1, expect: fails }',
      'wait: 60s',
      WITHOUT_NODE1,
    ];
    expect(await failedChecks(given(steps))).toEqual([]);
    expect(await failedChecks(given([...steps.slice(0, 2), 'cmrunnode: { node: node1 }']))).toEqual([
      'node1 did not join (it does not reach its cluster), expected: joins',
    ]);
  });

  it('keeps a halted node out too as long as it is cut off', async () => {
    const steps = [
      'cmhaltnode: { node: node1 }',
      'splitNetwork: { nodes: [node1] }',
      'cmrunnode: { node: node1, expect: fails }',
      WITHOUT_NODE1,
      'mendNetwork: { nodes: [node1] }',
      'cmrunnode: { node: node1 }',
      ALL,
    ];
    expect(await failedChecks(given(steps))).toEqual([]);
  });

  it('was cut before: what was not cannot be mended', async () => {
    expect(await failedChecks(given(['mendNetwork: { nodes: [node1] }']))).toEqual([
      'node1 is cut off, and its networks can be mended',
    ]);
  });
});
