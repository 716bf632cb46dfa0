import { describe, expect, it } from 'vitest';
import { itNexusId } from '../../../protocol/index.js';
import type { NodeModel, Site } from '../../../harness/cluster/model.js';
import { nexusOf } from '../../../harness/cluster/nexus.js';
import { firstPlaces, placeOn, sharersOf, type GuestAccess } from '../../../harness/cluster/placement.js';

const guest = (name: string, host: string | null, access: GuestAccess = 'raw-device-mapping'): NodeModel => ({
  name,
  cluster: 'c1',
  host,
  mapping: 'physical',
  access,
});

const site: Site = {
  array: { portals: 1, luns: [], ignoreReservations: false },
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
