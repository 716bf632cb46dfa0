import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../harness/index.js';

const TEXT = `scenario: a title
paper: somewhere
expect: SAFE
array: { luns: [{ name: data }, { name: logs }] }
hosts: [{ name: esx1 }]
servers: [{ name: blade1 }]
clusters: [{ name: c1, release: A.11.19, membership: heartbeat }]
nodes: [{ name: node1, cluster: c1 }, { name: node2, cluster: c1 }]
packages:
  - { name: pkg1, cluster: c1, luns: [data], nodes: [node1, node2] }
  - { name: pkg2, cluster: c1, luns: [logs], nodes: [node1, node2] }
steps:
  - cmrunpkg: { package: pkg1, node: node1 }
  - replaceServer: { node: node1, to: blade1 }
  - wake: { node: node1.source }
`;

const messageOf = (from: string, to: string): string => {
  expect(TEXT).toContain(from);
  try {
    parseScenario(TEXT.replace(from, to), 's.yaml');
    return 'sound';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('names that the array knows machines by', () => {
  const SAME = 'is also what the array knows';
  it.each([
    ['of a host that a server has', 'blade1 }]', 'esx1 }]', `s.yaml:6:19: 'esx1' ${SAME} host esx1 by`],
    ['of a host that a node has', 'name: node1,', 'name: esx1,', `s.yaml:8:17: 'esx1' ${SAME} host esx1 by`],
    ['in other letters', 'name: node2,', 'name: NODE1,', `s.yaml:8:47: 'NODE1' ${SAME} node node1 by`],
    [
      'of the observer',
      'esx1 }]',
      'Observer }]',
      `s.yaml:5:17: 'Observer' ${SAME} the machine that reads at the end by`,
    ],
  ])('are told apart: %s', (_, from, to, message) => {
    expect(messageOf(from, to)).toBe(`${message}, expected a name of its own`);
  });

  it.each([
    [
      'of what is left behind',
      'name: node2,',
      'name: node1.source,',
      "s.yaml:8:47: 'node1.source' is what a node that moves leaves behind, expected a name that does not end in .source",
    ],
    [
      'of nobody',
      'name: node2,',
      'name: none,',
      "s.yaml:8:47: 'none' stands for no node, expected another name",
    ],
  ])('are not those with a meaning: %s', (_, from, to, message) => {
    expect(messageOf(from, to)).toBe(message);
  });
});

describe('what a node has left behind', () => {
  it('is there when the node has moved, and not before', () => {
    expect(messageOf('scenario: a title', 'scenario: another')).toBe('sound');
    expect(messageOf('replaceServer: { node: node1', 'replaceServer: { node: node2')).toBe(
      "s.yaml:15:19: there is no 'node1.source' yet, expected moveProfile or replaceServer of node1 before",
    );
  });

  it('is no node of a cluster', () => {
    expect(messageOf('wake: {', 'cmrunpkg: { package: pkg1,')).toBe(
      's.yaml:15:38: what node1 left behind is no node of a cluster, expected one of hang, wake, crash, writes, hold, awaitHeld, release for it',
    );
  });
});

describe('a package', () => {
  it.each([
    [
      'a LUN of another one',
      'luns: [logs]',
      'luns: [data]',
      "s.yaml:11:39: 'data' is a LUN of pkg1, expected one that no other package writes to",
    ],
    [
      'a LUN twice',
      'luns: [logs]',
      'luns: [logs, logs]',
      "s.yaml:11:45: 'logs' is given twice, expected it once",
    ],
    [
      'a node twice',
      'luns: [logs], nodes: [node1, node2]',
      'luns: [logs], nodes: [node2, node2]',
      "s.yaml:11:61: 'node2' is given twice, expected it once",
    ],
  ])('does not have %s', (_, from, to, message) => {
    expect(messageOf(from, to)).toBe(message);
  });
});

describe('a time', () => {
  const step = 'wake: { node: node1.source }';
  it.each([
    ['wait', step, 'wait: 86401s', 's.yaml:15:11: 86401s is longer than a day, expected at most 86400s'],
    [
      'range',
      step,
      'wait: 0s-86400001ms',
      's.yaml:15:11: 86400001ms is longer than a day, expected at most 86400s',
    ],
    [
      'hold',
      step,
      'hold: { where: array, node: node1, lun: data, for: 99999999s }',
      's.yaml:15:56: 99999999s is longer than a day, expected at most 86400s',
    ],
    [
      'time-out',
      'membership: heartbeat',
      'membership: heartbeat, memberTimeout: 86401s',
      's.yaml:7:65: 86401s is longer than a day, expected at most 86400s',
    ],
    [
      'heartbeat interval that the product computes',
      'membership: heartbeat',
      'membership: heartbeat, memberTimeout: 39ms',
      's.yaml:7:65: a heartbeat interval of 9 ms, a fourth of the time-out, expected at least 10 ms',
    ],
    [
      'heartbeat interval',
      'release: A.11.19, membership: heartbeat',
      'release: A.11.18.02, membership: heartbeat, heartbeatInterval: 9ms',
      's.yaml:7:68: a heartbeat interval of 9 ms, expected at least 10 ms',
    ],
  ])('is not without end, nor too short: a %s', (_, from, to, message) => {
    expect(messageOf(from, to)).toBe(message);
  });

  it('may be a day', () => {
    expect(messageOf(step, 'wait: 0ms-86400s')).toBe('sound');
  });
});
