import { describe, expect, it } from 'vitest';
import { allHeard, beat, hears, partsOf, quorumByNumber } from '../../../harness/cluster/heartbeat.js';
import { decodeLockClaim, encodeLockClaim } from '../../../harness/cluster/lock-block.js';
import { nicKey, reaches, type NetworkFaults } from '../../../harness/cluster/networks.js';
import { nodeOf, type Site } from '../../../harness/cluster/model.js';

const NODES = ['a', 'b', 'c'];
const everywhere = (): boolean => true;

describe('heartbeats', () => {
  it('are heard when they arrive, and for as long as the time-out', () => {
    const late = { name: 'a', lateMs: 3_000 };
    const first = beat(allHeard(NODES, 0), 1_000, [late], NODES, everywhere);
    expect(hears(first, 'b', 'a', 1_999, 2_000)).toBe(true);
    expect(hears(first, 'b', 'a', 2_000, 2_000)).toBe(false);
    const third = beat(beat(first, 3_000, [], NODES, everywhere), 4_000, [], NODES, everywhere);
    expect(hears(third, 'b', 'a', 5_999, 2_000)).toBe(true);
    expect(third.underway).toEqual([]);
  });

  it('get only where the network takes them', () => {
    const beats = beat(allHeard(NODES, 0), 5_000, [{ name: 'a', lateMs: 0 }], NODES, (_, to) => to === 'b');
    expect(hears(beats, 'b', 'a', 5_000, 5_000)).toBe(true);
    expect(hears(beats, 'c', 'a', 5_000, 5_000)).toBe(false);
  });

  it('part a cluster into those who all hear each other', () => {
    const hear = (pairs: string) => (to: string, from: string) => pairs.includes(to + from);
    expect(partsOf(NODES, hear('ab ba ac ca bc cb'))).toEqual([['a', 'b', 'c']]);
    expect(partsOf(NODES, hear('bc cb'))).toEqual([['a'], ['b', 'c']]);
    // c hears a, but a does not hear c: one way is not enough.
    expect(partsOf(NODES, hear('ab ba ca cb bc'))).toEqual([['a', 'b'], ['c']]);
  });

  it.each([
    [2, 3, 'majority'],
    [1, 3, 'minority'],
    [2, 4, 'half'],
    [1, 2, 'half'],
    [1, 1, 'majority'],
  ] as const)('%i of %i are a %s', (part, size, word) => {
    expect(quorumByNumber(part, size)).toBe(word);
  });
});

describe('networks', () => {
  const site = {
    hosts: [
      { name: 'esx1', networks: { hb1: ['vmnic0', 'vmnic1'], hb2: ['vmnic2'] } },
      { name: 'esx2', networks: { hb1: ['vmnic0'], hb2: ['vmnic2'] } },
    ],
    nodes: [
      { name: 'guest1', cluster: 'c', host: 'esx1', mapping: 'physical' },
      { name: 'guest2', cluster: 'c', host: 'esx2', mapping: 'physical' },
      { name: 'guest3', cluster: 'c', host: 'esx1', mapping: 'physical' },
    ],
  } as unknown as Site;
  const faults = (failed: readonly string[], ...splits: readonly (readonly string[])[]): NetworkFaults => ({
    failedNics: new Set(failed.map((nic) => nicKey('esx1', nic))),
    splits: splits.map((cutOff) => new Set(cutOff)),
    networksOwnerOf: (node) => nodeOf(site, node).host ?? node,
  });

  it('carry on while one NIC of one network lives on either side', () => {
    expect(reaches(site, faults(['vmnic0', 'vmnic2']), 'guest1', 'guest2')).toBe(true);
    expect(reaches(site, faults(['vmnic0', 'vmnic1']), 'guest1', 'guest2')).toBe(true);
    expect(reaches(site, faults(['vmnic0', 'vmnic1', 'vmnic2']), 'guest1', 'guest2')).toBe(false);
    expect(reaches(site, faults(['vmnic0', 'vmnic1', 'vmnic2']), 'guest2', 'guest1')).toBe(false);
  });

  it('join the guests of one host whatever becomes of its NICs', () => {
    expect(reaches(site, faults(['vmnic0', 'vmnic1', 'vmnic2']), 'guest1', 'guest3')).toBe(true);
    expect(reaches(site, faults([], ['guest1']), 'guest1', 'guest3')).toBe(true);
  });

  it('end at a split', () => {
    expect(reaches(site, faults([], ['guest1', 'guest3']), 'guest1', 'guest2')).toBe(false);
    expect(reaches(site, faults([], ['guest1', 'guest2']), 'guest1', 'guest2')).toBe(true);
  });
});

describe('the block of a cluster lock', () => {
  it('says who took it, and in which re-formation', () => {
    const claim = { cluster: 'cluster1', reformation: 12, node: 'node2' };
    expect(decodeLockClaim(encodeLockClaim(claim, 512))).toEqual(claim);
    expect(decodeLockClaim(new Uint8Array(512))).toBeUndefined();
  });
});
