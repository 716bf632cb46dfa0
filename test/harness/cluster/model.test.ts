import { describe, expect, it } from 'vitest';
import { deviceName, pathsOf, type Site } from '../../../harness/cluster/model.js';
import { nodePrKey } from '../../../harness/cluster/nexus.js';

const site: Site = {
  array: {
    portals: 2,
    luns: [
      { lun: 0, name: 'data', nopr: false },
      { lun: 1, name: 'log', nopr: false },
    ],
    quirks: [],
  },
  hosts: [{ name: 'esx1' }, { name: 'esx2' }],
  clusters: ['c1', 'c2'].map((name) => ({
    name,
    release: 'A.11.19',
    fence: 'clear',
    reformationWaitMs: 0,
    membership: { heartbeat: null, lockLun: null, quorum: 'majority' },
  })),
  nodes: [
    { name: 'node1', cluster: 'c1', host: null, mapping: 'physical', access: 'raw-device-mapping' },
    { name: 'guest1', cluster: 'c1', host: 'esx1', mapping: 'physical', access: 'raw-device-mapping' },
    { name: 'guest2', cluster: 'c2', host: 'esx1', mapping: 'physical', access: 'raw-device-mapping' },
    { name: 'guest3', cluster: 'c2', host: 'esx2', mapping: 'physical', access: 'raw-device-mapping' },
  ],
  packages: [],
};

describe('a site', () => {
  it('has a path of each node to each LUN through each portal, by device names that are the same everywhere', () => {
    expect(pathsOf(site, 'guest1').map(({ device, lun, portalIndex }) => [device, lun, portalIndex])).toEqual(
      [
        ['/dev/sdb', 0, 0],
        ['/dev/sdc', 0, 1],
        ['/dev/sdd', 1, 0],
        ['/dev/sde', 1, 1],
      ],
    );
    expect(deviceName(25, 0, 1)).toBe('/dev/sdaa');
  });

  it('gives each node a key of its cluster and its number', () => {
    expect(site.nodes.map(({ name }) => nodePrKey(site, name).toString(16))).toEqual([
      '10001',
      '10002',
      '20001',
      '20002',
    ]);
  });
});
