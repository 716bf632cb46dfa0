import { stringify } from 'yaml';
import { parseConfiguration, type ClusterConfiguration } from '../../../../harness/index.js';

/** CLUSTER.yaml as a value, to be changed by a test. */
export type ClusterValue = ReturnType<typeof goodCluster>;

/** A physical node and guests of two hosts, where everything is stated and as the paper wants it. */
export function goodCluster() {
  return {
    configuration: 'a good one',
    luns: [
      { name: 'data', persistentReservation: true } as Record<string, unknown>,
      { name: 'lock', persistentReservation: true } as Record<string, unknown>,
    ],
    hosts: [host('esx1'), host('esx2')],
    clusters: [{ name: 'c1', release: 'A.11.18.02', lockLun: 'lock' } as Record<string, unknown>],
    nodes: [physical(), guest('guest1', 'esx1'), guest('guest2', 'esx2')],
    packages: [
      {
        name: 'pkg1',
        cluster: 'c1',
        luns: ['data'],
        nodes: ['node1', 'guest1', 'guest2'],
        sglx_vm: 'on',
        modules: ['sg/failover', 'sg/persistent_res'],
        migratedFrom: 'A.11.18.02',
      } as Record<string, unknown>,
    ],
  };
}

const host = (name: string): Record<string, unknown> => ({
  name,
  esx: '3.0.2',
  server: 'HP ProLiant DL380 G5',
  architecture: 'x86-64',
  serviceguard: false,
  vmwareHa: 'off',
  virtualMachinesMax: 8,
  missedHeartbeats: false,
  ntp: { servers: ['192.0.2.123'], firewall: 'open', ntpd: 'running' },
  teams: [
    {
      network: 'production',
      nics: ['vmnic1', 'vmnic2'],
      mode: 'fault-tolerant',
      beaconMonitoring: 'off',
      switchBeaconMonitoring: 'off',
      linkAggregation: true,
    },
  ],
});

const everyNode = (): Record<string, unknown> => ({
  cluster: 'c1',
  distribution: 'RHEL 4 U5',
  architecture: 'x86-64',
  sg3Utils: '1.22-3.1',
  networks: [
    { name: 'production', uses: ['data', 'heartbeat'] },
    { name: 'private', uses: ['heartbeat', 'data'] },
  ],
  vgs: 'vgs.txt',
});

const physical = (): Record<string, unknown> => ({
  name: 'node1',
  ...everyNode(),
  disks: [
    { lun: 'data', identifier: 'naa.1' },
    { lun: 'lock', identifier: 'naa.2' },
  ],
});

const guest = (name: string, of: string): Record<string, unknown> => ({
  name,
  host: of,
  ...everyNode(),
  vmwareTools: 'running',
  timeSync: 'on',
  vmtoolkit: 'vmtoolkit-0.1-0.rhel4.noarch.rpm',
  vMotion: 'off',
  channelBonding: 'off',
  pciDevices: 5,
  disks: ['data', 'lock'].map((lun, unit) => ({
    lun,
    address: `scsi1:${unit}`,
    mapping: 'physical-rdm',
    busSharing: 'physical',
    identifier: `naa.${unit + 1}`,
  })),
});

/** `vgs` as two nodes print it, and as a third does. */
const FILES: Readonly<Record<string, string>> = {
  'vgs.txt': '  VG  #PV #LV #SN Attr   VSize  VFree\n  vg1   1   2   0 wz--n- 10.00G 2.00G\n',
  'vgs-other.txt': '  VG  #PV #LV #SN Attr   VSize  VFree\n',
};

/** Reads a value as CLUSTER.yaml; `files` stand beside it. */
export function configurationOf(
  value: unknown,
  files: Readonly<Record<string, string>> = {},
  given: readonly string[] = [],
): ClusterConfiguration {
  return parseConfiguration(stringify(value), 'cluster.yaml', {
    given,
    textOf: (file) => files[file] ?? FILES[file],
  });
}
