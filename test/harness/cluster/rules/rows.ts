import type { ClusterValue } from './base.js';

type Change = (cluster: ClusterValue) => void;
export type Row = readonly [
  rule: string,
  change: Change,
  status: 'pass' | 'warn' | 'fail' | 'not-known',
  found: string,
  files?: Record<string, string>,
];

const same: Change = () => undefined;
/** One host, guest, node or package of the good cluster, changed. */
const esx1 =
  (...entries: [string, unknown][]): Change =>
  ({ hosts }) => {
    change(hosts[0], entries);
  };
const node1 =
  (...entries: [string, unknown][]): Change =>
  ({ nodes }) => {
    change(nodes[0], entries);
  };
const guest1 =
  (...entries: [string, unknown][]): Change =>
  ({ nodes }) => {
    change(nodes[1], entries);
  };
const cluster =
  (...entries: [string, unknown][]): Change =>
  ({ clusters }) => {
    change(clusters[0], entries);
  };
const pkg1 =
  (...entries: [string, unknown][]): Change =>
  ({ packages }) => {
    change(packages[0], entries);
  };
const all =
  (...changes: Change[]): Change =>
  (value) => {
    for (const each of changes) each(value);
  };
/** The team of esx1. */
const team =
  (...entries: [string, unknown][]): Change =>
  ({ hosts }) => {
    change((hosts[0]?.['teams'] as Record<string, unknown>[])[0], entries);
  };
/** The first shared disk of guest1. */
const disk =
  (...entries: [string, unknown][]): Change =>
  ({ nodes }) => {
    change((nodes[1]?.['disks'] as Record<string, unknown>[])[0], entries);
  };
const lun =
  (...entries: [string, unknown][]): Change =>
  ({ luns }) => {
    change(luns[0], entries);
  };

/** An entry that is undefined is taken away. */
function change(item: Record<string, unknown> | undefined, entries: readonly [string, unknown][]): void {
  if (item === undefined) throw new Error('there is nothing to change');
  for (const [name, value] of entries) {
    if (value === undefined) Reflect.deleteProperty(item, name);
    else item[name] = value;
  }
}

const network = (name: string, ...uses: string[]) => ({ name, uses });
const A1119 = all(
  cluster(['release', 'A.11.19']),
  pkg1(['sglx_vm', undefined], ['modules', undefined], ['migratedFrom', undefined]),
);
/** Guest 2 moves to the host of guest 1. */
const oneHost: Change = ({ nodes }) => {
  change(nodes[2], [['host', 'esx1']]);
};
const noPhysicalNode: Change = (value) => {
  value.nodes.shift();
  change(value.packages[0], [['nodes', ['guest1', 'guest2']]]);
};
const SCRIPT = `#!/bin/sh
SGLX_VM="on"
VG[0]=vg1
function persist_reservation
{
    sg_persist -n -o -G -S 0xabc /dev/sdb
}
function persist_release
{
    sg_persist -n -o -L -T 5 -K 0xabc /dev/sdb
}
case "$1" in
start) persist_reservation ;;
stop) persist_release ;;
esac
`;
const legacy = all(
  pkg1(['modules', undefined], ['migratedFrom', undefined], ['sglx_vm', undefined]),
  pkg1(['controlScript', 'pkg1.cntl']),
);
const script = (text: string): Record<string, string> => ({ 'pkg1.cntl': text });

/** What each rule must say: one row at least that passes, and one that does not. */
export const ROWS: readonly Row[] = [
  ['esx.release', same, 'pass', 'esx1: ESX 3.0.2'],
  [
    'esx.release',
    esx1(['esx', '3.0.1']),
    'fail',
    'esx1: ESX 3.0.1, which was not tested and is not supported',
  ],
  ['esx.release', esx1(['esx', '3.5']), 'warn', 'esx1: ESX 3.5, later than the paper'],
  ['esx.release', esx1(['esx', undefined]), 'not-known', 'esx1: the release of ESX is not stated'],
  ['esx.server', same, 'pass', 'esx1: HP ProLiant DL380 G5'],
  ['esx.server', esx1(['server', 'Dell PowerEdge 2950']), 'warn', 'esx1: Dell PowerEdge 2950'],
  ['esx.architecture', same, 'pass', 'esx1: x86-64'],
  ['esx.architecture', esx1(['architecture', 'ia64']), 'fail', 'esx1: ia64'],
  ['esx.no-serviceguard', same, 'pass', 'esx1: Serviceguard is not on the host'],
  [
    'esx.no-serviceguard',
    esx1(['serviceguard', true]),
    'fail',
    'esx1: Serviceguard is installed on the host',
  ],
  ['vmware-ha.off', same, 'pass', 'esx1: VMware HA is off'],
  [
    'vmware-ha.off',
    esx1(['vmwareHa', 'on']),
    'fail',
    'esx1: VMware HA is on: it may start a node on the host of another',
  ],
  ['vmotion.off', same, 'pass', 'guest1: VMotion is off'],
  [
    'vmotion.off',
    guest1(['vMotion', 'on']),
    'fail',
    'guest1: VMotion is on: the node may move to the host of another',
  ],
  ['vmotion.off', guest1(['vMotion', undefined]), 'not-known', 'guest1: VMotion is not stated'],
  ['timer.virtual-machines', same, 'pass', 'esx1: 1 virtual machine, of at most 8'],
  [
    'timer.virtual-machines',
    esx1(['virtualMachines', 9]),
    'warn',
    'esx1: 9 virtual machines, more than 8: timer interrupts may be lost, and heartbeats with them',
  ],
  [
    'timer.virtual-machines',
    esx1(['virtualMachinesMax', undefined]),
    'not-known',
    'esx1: 1 virtual machine, and no limit is stated',
  ],
  ['timer.heartbeat-interval', same, 'pass', 'esx1: no heartbeat was missed'],
  [
    'timer.heartbeat-interval',
    esx1(['missedHeartbeats', true]),
    'fail',
    'c1: heartbeats every 1000 ms, and guests of esx1 have missed some',
  ],
  [
    'timer.heartbeat-interval',
    all(esx1(['missedHeartbeats', true]), cluster(['heartbeatInterval', '2s'])),
    'pass',
    'c1: heartbeats every 2000 ms, and guests of esx1 have missed some',
  ],
  ['vm.pci-devices', guest1(['pciDevices', 6]), 'pass', 'guest1: 6 PCI devices'],
  ['vm.pci-devices', guest1(['pciDevices', 7]), 'fail', 'guest1: 7 PCI devices'],

  ['heartbeat.two-links', same, 'pass', 'node1: 2 heartbeat links, production and private'],
  [
    'heartbeat.two-links',
    node1(['networks', [network('production', 'data', 'heartbeat'), network('private', 'data')]]),
    'fail',
    'node1: 1 heartbeat link',
  ],
  [
    'heartbeat.two-links',
    node1(['networks', undefined]),
    'not-known',
    'node1: which networks carry heartbeats is not stated',
  ],
  ['nic.three-logical', same, 'pass', 'guest1: 2 logical NICs'],
  [
    'nic.three-logical',
    guest1(['networks', ['a', 'b', 'c', 'd'].map((name) => network(name, 'data'))]),
    'warn',
    'guest1: 4 logical NICs',
  ],
  ['nic.heartbeat-on-data', same, 'pass', 'guest1: data and heartbeats fit into 2 logical NICs'],
  [
    'nic.heartbeat-on-data',
    guest1([
      'networks',
      [network('a', 'data'), network('b', 'data'), network('c', 'heartbeat'), network('d', 'heartbeat')],
    ]),
    'warn',
    'guest1: 4 logical NICs, and only heartbeats on c and d',
  ],
  [
    'teaming.at-host',
    guest1(['networks', [network('production', 'data')]]),
    'fail',
    'esx2: private has no team',
  ],
  [
    'teaming.at-host',
    ({ nodes }) => {
      for (const node of nodes) node['networks'] = [network('production', 'data'), network('b', 'heartbeat')];
    },
    'pass',
    'esx1: production is behind vmnic1 and vmnic2',
  ],
  ['teaming.at-host', team(['nics', ['vmnic1']]), 'fail', 'esx1: production is behind vmnic1 alone'],
  [
    'teaming.at-host',
    team(['nics', ['vmnic1', 'vmnic1']]),
    'fail',
    'esx1: production is behind vmnic1 and vmnic1 alone',
  ],
  ['teaming.fault-tolerant', same, 'pass', 'esx1, production: fault-tolerant mode'],
  [
    'teaming.fault-tolerant',
    team(['mode', 'load-balancing']),
    'fail',
    'esx1, production: load-balancing mode',
  ],
  ['teaming.not-in-guest', same, 'pass', 'guest1: channel bonding in the guest is off'],
  [
    'teaming.not-in-guest',
    guest1(['channelBonding', 'on']),
    'fail',
    'guest1: channel bonding in the guest is on',
  ],
  ['teaming.beacon-monitoring', same, 'warn', 'esx1, production: beacon monitoring is off'],
  [
    'teaming.beacon-monitoring',
    ({ hosts }) => {
      hosts.pop();
      hosts.push({ name: 'esx2' });
      team(['beaconMonitoring', 'on'], ['switchBeaconMonitoring', 'on'])({ hosts } as ClusterValue);
    },
    'pass',
    'esx1, production: beacon monitoring is on',
  ],
  [
    'teaming.beacon-monitoring',
    team(['beaconMonitoring', 'on']),
    'warn',
    'esx1, production: on in the team, off at the switch',
  ],
  ['teaming.beacon-false-failures', same, 'pass', 'esx1, production: beacon monitoring is off'],
  [
    'teaming.beacon-false-failures',
    team(['beaconMonitoring', 'on']),
    'warn',
    'esx1, production: beacon monitoring is on',
  ],
  ['teaming.link-aggregation', same, 'pass', 'esx1, production: the switch has link aggregation'],
  [
    'teaming.link-aggregation',
    team(['linkAggregation', false]),
    'warn',
    'esx1, production: the switch has no link aggregation',
  ],

  ['rdm.shared-lun', same, 'pass', 'guest1: data at scsi1:0: a raw device mapping'],
  ['rdm.shared-lun', disk(['mapping', 'file']), 'fail', 'guest1: data at scsi1:0: a disk in a file'],
  ['rdm.shared-lun', guest1(['disks', []]), 'not-known', 'guest1: how it has data is not stated'],
  ['rdm.physical-mode', same, 'pass', 'guest1: data at scsi1:0: physical mode'],
  ['rdm.physical-mode', disk(['mapping', 'virtual-rdm']), 'fail', 'guest1: data at scsi1:0: virtual mode'],
  ['rdm.own-controller', same, 'pass', 'guest1: data at scsi1:0: controller 1'],
  [
    'rdm.own-controller',
    disk(['address', 'scsi0:1']),
    'fail',
    'guest1: data at scsi0:1: on controller 0, that of the system disk',
  ],
  ['rdm.unit-number', disk(['address', 'scsi1:15']), 'pass', 'guest1: data at scsi1:15: unit 15'],
  ['rdm.unit-number', disk(['address', 'scsi1:16']), 'fail', 'guest1: data at scsi1:16: unit 16'],
  [
    'rdm.unit-number',
    disk(['address', 'scsi1:7']),
    'fail',
    'guest1: data at scsi1:7: unit 7 is the controller itself',
  ],
  ['rdm.bus-sharing', same, 'pass', 'guest1: data at scsi1:0: bus sharing is physical'],
  [
    'rdm.bus-sharing',
    disk(['busSharing', 'virtual']),
    'fail',
    'guest1: data at scsi1:0: bus sharing is virtual',
  ],
  ['rdm.bus-sharing', disk(['busSharing', 'none']), 'fail', 'guest1: data at scsi1:0: bus sharing is none'],

  [
    'storage.persistent-reservation',
    same,
    'pass',
    'data: stated to support persistent reservation, not asked',
  ],
  [
    'storage.persistent-reservation',
    lun(['persistentReservation', false]),
    'fail',
    'data: no persistent reservation',
  ],
  [
    'storage.persistent-reservation',
    lun(['persistentReservation', undefined]),
    'not-known',
    'data: whether the storage supports persistent reservation is not stated',
  ],
  ['storage.same-lun', same, 'pass', 'data: node1, guest1 and guest2 see naa.1'],
  ['storage.same-lun', disk(['identifier', 'naa.9']), 'fail', 'data: guest1 sees naa.9, node1 sees naa.1'],
  [
    'storage.same-lun',
    ({ nodes }) => {
      for (const node of nodes) {
        for (const each of node['disks'] as Record<string, unknown>[]) each['identifier'] = 'naa.1';
      }
    },
    'fail',
    'lock and data are one logical unit, naa.1',
  ],
  ['storage.same-lun', guest1(['disks', []]), 'not-known', 'data: what guest1 sees is not stated'],
  [
    'storage.same-lun',
    all(node1(['disks', []]), guest1(['disks', []])),
    'not-known',
    'data: what node1 and guest1 see is not stated',
  ],
  ['storage.volume-groups', same, 'pass', 'guest2: 1 volume group'],
  [
    'storage.volume-groups',
    guest1(['vgs', 'vgs-other.txt']),
    'fail',
    'guest1: vg1 differs from node1 (vgs.txt:1)',
  ],
  [
    'storage.volume-groups',
    all(legacy, node1(['vgs', undefined]), guest1(['vgs', 'vgs-other.txt'])),
    'fail',
    'pkg1: vgs on guest1 does not show vg1',
    script(SCRIPT),
  ],
  [
    'storage.volume-groups',
    guest1(['vgs', undefined]),
    'not-known',
    'guest1: the output of vgs is not given',
  ],
  ['lock-lun.same-device', same, 'pass', 'lock LUN of c1, lock: node1, guest1 and guest2 see naa.2'],
  [
    'lock-lun.same-device',
    node1(['disks', [{ lun: 'lock', identifier: 'naa.9' }]]),
    'fail',
    'lock LUN of c1, lock: guest1 sees naa.2, node1 sees naa.9',
  ],
  [
    'lock-lun.same-device',
    node1(['disks', []]),
    'not-known',
    'lock LUN of c1, lock: what node1 sees is not stated',
  ],
  ['lock-lun.cmapplyconf', same, 'pass', 'c1: each of its guests is alone on its host'],
  [
    'lock-lun.cmapplyconf',
    esx1(['virtualMachines', 2]),
    'warn',
    'c1: other virtual machines run on esx1; cmapplyconf may refuse the lock LUN as not similar',
  ],

  ['time.host-ntp', same, 'pass', 'esx1: NTP from 192.0.2.123'],
  ['time.host-ntp', esx1(['ntp', { servers: [] }]), 'fail', 'esx1: no NTP server'],
  ['time.host-firewall', same, 'pass', 'esx1: the firewall is open for NTP'],
  [
    'time.host-firewall',
    esx1(['ntp', { firewall: 'closed' }]),
    'fail',
    'esx1: the firewall is closed for NTP',
  ],
  ['time.host-daemon', same, 'pass', 'esx1: ntpd is running'],
  ['time.host-daemon', esx1(['ntp', { ntpd: 'stopped' }]), 'fail', 'esx1: ntpd is stopped'],
  ['tools.running', same, 'pass', 'guest1: VMware Tools are running'],
  ['tools.running', guest1(['vmwareTools', 'stopped']), 'fail', 'guest1: VMware Tools are stopped'],
  ['tools.running', guest1(['vmwareTools', 'none']), 'fail', 'guest1: VMware Tools are not installed'],
  ['tools.time-sync', same, 'pass', 'guest1: tools.syncTime is on'],
  ['tools.time-sync', guest1(['timeSync', 'off']), 'fail', 'guest1: tools.syncTime is off'],
  ['vminfo.installed', same, 'pass', 'guest1: vmtoolkit-0.1-0.rhel4.noarch.rpm'],
  ['vminfo.installed', A1119, 'pass', 'guest1: vminfo comes with A.11.19'],
  [
    'vminfo.installed',
    guest1(['vmtoolkit', 'none']),
    'fail',
    'guest1: vmtoolkit is not installed, so vminfo -M is missing',
  ],
  ['vminfo.distribution', same, 'pass', 'guest1: vmtoolkit-0.1-0.rhel4.noarch.rpm on RHEL 4 U5'],
  [
    'vminfo.distribution',
    guest1(['distribution', 'SLES 10 SP1']),
    'fail',
    'guest1: vmtoolkit-0.1-0.rhel4.noarch.rpm on SLES 10 SP1',
  ],
  ['sg-persist.every-node', same, 'pass', 'node1: sg3_utils 1.22-3.1'],
  ['sg-persist.every-node', node1(['sg3Utils', 'none']), 'fail', 'node1: sg_persist is not installed'],
  ['sg-persist.version', same, 'pass', 'node1: sg3_utils 1.22-3.1'],
  ['sg-persist.version', node1(['sg3Utils', '1.223-3.1']), 'pass', 'node1: sg3_utils 1.223-3.1'],
  ['sg-persist.version', node1(['sg3Utils', '1.22-3']), 'fail', 'node1: sg3_utils 1.22-3'],
  ['sg-persist.version', node1(['sg3Utils', '1.06']), 'fail', 'node1: sg3_utils 1.06'],
  ['sg-persist.red-hat-update', same, 'pass', 'node1: RHEL 4 U5'],
  [
    'sg-persist.red-hat-update',
    node1(['distribution', 'Red Hat 4 Update 4']),
    'fail',
    'node1: Red Hat 4 Update 4 has no sg_persist',
  ],
  [
    'sg-persist.red-hat-update',
    node1(['distribution', 'RHEL 4']),
    'not-known',
    'node1: RHEL 4, and the update is not stated',
  ],
  ['guest.distribution', same, 'pass', 'guest1: RHEL 4 U5'],
  ['guest.distribution', guest1(['distribution', 'SLES10']), 'pass', 'guest1: SLES10'],
  ['guest.distribution', guest1(['distribution', 'RHEL 5.2']), 'pass', 'guest1: RHEL 5.2'],
  ['guest.distribution', guest1(['distribution', 'RHEL 4 U4']), 'fail', 'guest1: RHEL 4 U4 is not certified'],
  ['guest.distribution', guest1(['distribution', 'SLES 9']), 'fail', 'guest1: SLES 9 is not certified'],
  ['guest.distribution', guest1(['distribution', 'Debian 4']), 'fail', 'guest1: Debian 4 is not certified'],
  [
    'guest.distribution',
    guest1(['distribution', 'SLES 11']),
    'warn',
    'guest1: SLES 11, later than the paper',
  ],
  ['guest.architecture', same, 'pass', 'guest1: x86-64'],
  ['guest.architecture', guest1(['architecture', 'ia64']), 'fail', 'guest1: ia64'],

  ['serviceguard.release', same, 'pass', 'c1: A.11.18.02'],
  ['serviceguard.release', A1119, 'pass', 'c1: A.11.19'],
  ['serviceguard.release', cluster(['release', 'A.11.18']), 'fail', 'c1: A.11.18'],
  ['package.module', same, 'pass', 'pkg1: has module sg/persistent_res'],
  ['package.module', pkg1(['modules', ['sg/failover']]), 'fail', 'pkg1: has no module sg/persistent_res'],
  ['package.module', pkg1(['modules', undefined]), 'not-known', 'pkg1: its modules are not stated'],
  [
    'package.new-script',
    legacy,
    'pass',
    'pkg1: persist_reservation and persist_release are called, 2 lines run sg_persist',
    script(SCRIPT),
  ],
  [
    'package.new-script',
    legacy,
    'fail',
    'pkg1: its script defines no persist_release',
    script(SCRIPT.replace('function persist_release', 'function release')),
  ],
  [
    'package.new-script',
    legacy,
    'fail',
    'pkg1: nothing calls persist_reservation',
    script(SCRIPT.replace('start) persist_reservation ;;', 'start) true ;; # persist_reservation')),
  ],
  [
    'package.new-script',
    legacy,
    'fail',
    'pkg1: nothing calls persist_reservation',
    script(SCRIPT.replace('start) persist_reservation ;;', 'start) echo "; persist_reservation" ;;')),
  ],
  [
    'package.new-script',
    legacy,
    'warn',
    'pkg1: persist_reservation and persist_release are called, but no line runs sg_persist',
    script(SCRIPT.replaceAll('    sg_persist', '    echo')),
  ],
  ['package.sglx-vm', same, 'pass', 'pkg1: sglx_vm is on'],
  ['package.sglx-vm', pkg1(['sglx_vm', 'off']), 'fail', 'pkg1: sglx_vm is off'],
  ['package.sglx-vm', pkg1(['sglx_vm', undefined]), 'not-known', 'pkg1: sglx_vm is not stated'],
  ['package.sglx-vm', legacy, 'pass', 'pkg1: SGLX_VM is on', script(SCRIPT)],
  [
    'package.sglx-vm',
    legacy,
    'fail',
    'pkg1: SGLX_VM is off',
    script(SCRIPT.replace('SGLX_VM="on"', 'SGLX_VM="off"')),
  ],
  [
    'package.sglx-vm',
    legacy,
    'not-known',
    'pkg1: SGLX_VM is set to on in line 2 and to off in line 4',
    script(SCRIPT.replace('SGLX_VM="on"', 'SGLX_VM="on"\n\ntypeset SGLX_VM=off')),
  ],
  [
    'package.sglx-vm',
    legacy,
    'fail',
    'pkg1: SGLX_VM is not set, so it is off',
    script(SCRIPT.replace('SGLX_VM="on"', '# SGLX_VM="on"')),
  ],
  ['package.sglx-vm-removed', A1119, 'pass', 'pkg1: no sglx_vm'],
  ['package.sglx-vm-removed', all(A1119, pkg1(['sglx_vm', 'on'])), 'fail', 'pkg1: sglx_vm is still there'],
  [
    'package.migrated-module',
    same,
    'pass',
    'pkg1: migrated from A.11.18.02, and sg/persistent_res was added',
  ],
  [
    'package.migrated-module',
    pkg1(['modules', []]),
    'fail',
    'pkg1: migrated from A.11.18.02 without sg/persistent_res',
  ],
  [
    'package.migrated-module',
    pkg1(['modules', []], ['migratedFrom', 'A.11.16']),
    'fail',
    'pkg1: migrated from A.11.16 without sg/persistent_res, of which the tool gives no warning',
  ],
  ['package.migrate-legacy', same, 'pass', 'pkg1: a modular package'],
  ['package.migrate-legacy', legacy, 'warn', 'pkg1: a legacy package', script(SCRIPT)],

  ['placement.one-host-failover', same, 'pass', 'pkg1: no two of its nodes share an ESX host'],
  [
    'placement.one-host-failover',
    oneHost,
    'fail',
    'pkg1: may fail over between guest1 and guest2, all on esx1',
  ],
  [
    'placement.one-host-failover',
    all(oneHost, pkg1(['nodes', undefined])),
    'fail',
    'pkg1: may fail over between guest1 and guest2, all on esx1',
  ],
  [
    'placement.one-host-failover',
    all(oneHost, pkg1(['type', 'multi-node'])),
    'fail',
    'pkg1: runs at once, under one nexus, on guest1 and guest2, all on esx1',
  ],
  [
    'placement.one-host-failover',
    all(oneHost, pkg1(['nodes', ['node1', 'guest1']])),
    'pass',
    'pkg1: no two of its nodes share an ESX host',
  ],
  [
    'placement.one-host-failover',
    all(oneHost, cluster(['purpose', 'training'])),
    'warn',
    'pkg1: may fail over between guest1 and guest2, all on esx1, of a training cluster',
  ],
  ['placement.box', same, 'pass', 'c1: 1 physical, 2 guests on 2 hosts'],
  [
    'placement.box',
    all(oneHost, noPhysicalNode),
    'fail',
    'c1: all of guest1 and guest2 are on esx1, a cluster in a box',
  ],
  [
    'placement.box',
    all(oneHost, noPhysicalNode, cluster(['purpose', 'test'])),
    'warn',
    'c1: all of guest1 and guest2 are on esx1, a box for test',
  ],
  ['placement.one-node-per-host', same, 'pass', 'c1: at most one node on an ESX host'],
  ['placement.one-node-per-host', oneHost, 'warn', 'c1: guest1 and guest2 are on esx1'],
  [
    'placement.one-node-per-host',
    all(oneHost, pkg1(['nodes', ['node1', 'guest1']])),
    'warn',
    'c1: guest1 and guest2 are on esx1, no package moves between them, which the paper calls safe',
  ],
];
