import { describe, expect, it } from 'vitest';
import { itNexusId } from '../../../protocol/index.js';
import type { NodeModel, Site } from '../../../harness/cluster/model.js';
import { nexusOf, worldWideNameOf } from '../../../harness/cluster/nexus.js';
import {
  firstPlaces,
  isSourceOf,
  placeOn,
  sharersOf,
  sourceOf,
  type GuestAccess,
} from '../../../harness/cluster/placement.js';

const guest = (name: string, host: string | null, access: GuestAccess = 'raw-device-mapping'): NodeModel => ({
  name,
  cluster: 'c1',
  host,
  mapping: 'physical',
  access,
});

const site: Site = {
  array: { portals: 1, luns: [], quirks: [] },
  hosts: [{ name: 'esx1' }, { name: 'esx2' }],
  clusters: [],
  nodes: [
    guest('node1', null),
    guest('guest1', 'esx1'),
    guest('guest2', 'esx2'),
    guest('guest3', 'esx2', 'npiv'),
    guest('guest4', 'esx2', 'initiator-in-guest'),
  ],
  packages: [],
};
const [, guest1, , guest3, guest4] = site.nodes;

describe('a place', () => {
  it('has the nexus of the host with a raw device mapping, and of the node itself otherwise', () => {
    expect([...firstPlaces(site)].map(([name, { port, session }]) => [name, port, session])).toEqual([
      ['node1', 'node1', 'own'],
      ['guest1', 'esx1', 'hypervisor'],
      ['guest2', 'esx2', 'hypervisor'],
      ['guest3', 'guest3', 'virtualPort'],
      ['guest4', 'guest4', 'own'],
    ]);
  });

  it.each([
    ['a raw device mapping', guest1, 'iqn.2026-11.org.fencelab:esx2,i,0x000000000000@1'],
    ['NPIV', guest3, 'iqn.2026-11.org.fencelab:guest3,i,0x000000000000@1'],
    ['an initiator in the guest', guest4, 'iqn.2026-11.org.fencelab:guest4,i,0x000000000000@1'],
  ])('with %s has this nexus on another host', (_, node, nexusId) => {
    if (node === undefined) throw new Error('the node is missing');
    expect(itNexusId(nexusOf(placeOn(node, 'esx2'), 0, 0n))).toBe(nexusId);
  });

  it('is shared with the guests that the array cannot tell from it, and so with others after a move', () => {
    const places = firstPlaces(site);
    const sharersOfGuest1 = (): readonly string[] =>
      sharersOf(site, 'guest1', (name) => places.get(name) ?? placeOn(guest(name, null), null));
    expect(sharersOfGuest1()).toEqual([]);
    places.set('guest1', placeOn(guest('guest1', 'esx1'), 'esx2'));
    expect(sharersOfGuest1()).toEqual(['guest2']);
  });
});

describe('the WWN of an initiator port', () => {
  const NAMES = ['node1', 'node2', 'esx1', 'esx2', 'blade1', 'guest1', 'guest2'];

  it('is NAA 3h and the first 60 bits of the FNV-1a hash of its owner, the same at every run', () => {
    // FNV-1a, 64 bits, of 'a' is af63dc4c8601ec8c (draft-eastlake-fnv, test vectors).
    expect(worldWideNameOf('a')).toBe(0x3af6_3dc4_c860_1ec8n);
    expect(worldWideNameOf('')).toBe(0x3cbf_29ce_4842_2232n);
  });

  it('differs from owner to owner, whatever the case of its letters', () => {
    expect(new Set(NAMES.map(worldWideNameOf)).size).toBe(NAMES.length);
    expect(worldWideNameOf('ESX1')).toBe(worldWideNameOf('esx1'));
  });

  it('is the whole nexus with the target port: there is no ISID in it', () => {
    const place = { port: 'esx1' };
    const ids = [1n, 2n].map((isid) => itNexusId(nexusOf(place, 0, isid, 'fibre-channel')));
    expect(new Set(ids).size).toBe(1);
    expect(itNexusId(nexusOf(place, 1, 1n, 'fibre-channel'))).not.toBe(ids[0]);
    expect(nexusOf(place, 2, 1n, 'fibre-channel')).toEqual({
      initiatorPort: { protocol: 'fibreChannel', nPortName: worldWideNameOf('esx1') },
      relativeTargetPortId: 3,
    });
  });
});

describe('a machine that a node has left', () => {
  it('is called by its number from the second on', () => {
    expect([1, 2, 10].map((move) => sourceOf('node1', move))).toEqual([
      'node1.source',
      'node1.source2',
      'node1.source10',
    ]);
  });

  it.each([
    ['node1.source', true],
    ['node1.source2', true],
    ['node1.source10', true],
    ['node1.source1', false],
    ['node1.source0', false],
    ['node1.source02', false],
    ['node1.sourcex', false],
    ['node1', false],
    ['node2.source', false],
    ['node11.source', false],
  ])('%s of node1: %s', (name, expected) => {
    expect(isSourceOf(name, 'node1')).toBe(expected);
  });
});
