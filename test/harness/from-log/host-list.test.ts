import { describe, expect, it } from 'vitest';
import { hostsOfList } from '../../../harness/from-log/host-list.js';

describe('a list of hosts', () => {
  it.each([
    ['node1', ['node1']],
    [
      'node1,root@node2.example.com,ssh:node3,rsh:root@node4',
      ['node1', 'node2.example.com', 'node3', 'node4'],
    ],
    ['node[1-3,7]', ['node1', 'node2', 'node3', 'node7']],
    ['n[08-10]-ib,[1]x', ['n08-ib', 'n09-ib', 'n10-ib', '1x']],
    ['r[1-2]n[1-2]', ['r1n1', 'r1n2', 'r2n1', 'r2n2']],
  ])('%s names %j', (list, names) => {
    expect(hostsOfList(list)).toEqual({ names });
  });

  it.each([
    '',
    '-',
    '@oss',
    '^/etc/hosts',
    '/node.*/',
    '-node1',
    'node1,,node2',
    'node[1-',
    'node[2-1]',
    'node[a-b]',
    'node[1-9/2]',
    'a!b',
    'node*',
  ])('%j names none', (list) => {
    expect(hostsOfList(list)).toEqual({ problem: 'is no list of names' });
  });

  it.each(['node[1-257]', 'n[1-999999999]', 'a[1-99][1-99][1-99]'])('%s is too many', (list) => {
    expect(hostsOfList(list)).toEqual({ problem: 'is more than 256 nodes' });
  });

  it('may be as many as there can be', () => {
    const hosts = hostsOfList('node[1-256]');
    expect('names' in hosts ? hosts.names.length : 0).toBe(256);
  });
});
