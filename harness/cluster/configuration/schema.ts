import { Type, type Static } from 'typebox';
import { PACKAGE_TYPES } from './model.js';
import { closed, Duration, Flag, Name, OnOff, oneOf, some, Text } from '../../scenario/schema/words.js';

const Release = Type.String({
  pattern: '^A\\.\\d{2}\\.\\d{2}(\\.\\d{2})*$',
  description: 'a release of Serviceguard such as A.11.18.02',
});
const Version = Type.String({
  pattern: '^\\d+(\\.\\d+)*$',
  description: "a version such as '3.0.2' (3.0 needs quotes)",
});
const Sg3Utils = Type.String({
  pattern: '^(none|\\d+(\\.\\d+)*(-\\d+(\\.\\d+)*)?)$',
  description: "a version of sg3_utils such as 1.22-3.1 ('1.25' needs quotes), or none",
});
const Address = Type.String({
  pattern: '^scsi\\d{1,2}:\\d{1,2}$',
  description: 'a virtual device node such as scsi1:0',
});
const Number0 = Type.Integer({ minimum: 0, description: 'a whole number' });
const Architecture = oneOf('x86', 'x86-64', 'ia64', 'other');

const Lun = Type.Object(
  { name: Name, url: Type.Optional(Text), persistentReservation: Type.Optional(Flag) },
  { ...closed, description: 'a LUN: name, url, persistentReservation' },
);
const Ntp = Type.Object(
  {
    servers: Type.Optional(Type.Array(Text, { description: 'a list of NTP servers' })),
    firewall: Type.Optional(oneOf('open', 'closed')),
    ntpd: Type.Optional(oneOf('running', 'stopped')),
  },
  { ...closed, description: 'ntp: servers, firewall, ntpd' },
);
const Team = Type.Object(
  {
    network: Text,
    nics: Type.Array(Text, some('physical NICs')),
    mode: Type.Optional(oneOf('fault-tolerant', 'load-balancing')),
    beaconMonitoring: Type.Optional(OnOff),
    switchBeaconMonitoring: Type.Optional(OnOff),
    linkAggregation: Type.Optional(Flag),
  },
  {
    ...closed,
    description: 'a team: network, nics, mode, beaconMonitoring, switchBeaconMonitoring, linkAggregation',
  },
);
const Host = Type.Object(
  {
    name: Name,
    esx: Type.Optional(Version),
    server: Type.Optional(Text),
    architecture: Type.Optional(Architecture),
    serviceguard: Type.Optional(Flag),
    vmwareHa: Type.Optional(OnOff),
    virtualMachines: Type.Optional(Number0),
    virtualMachinesMax: Type.Optional(Number0),
    missedHeartbeats: Type.Optional(Flag),
    initiator: Type.Optional(Text),
    ntp: Type.Optional(Ntp),
    teams: Type.Optional(Type.Array(Team, { description: 'a list of NIC teams, [] for none' })),
  },
  { ...closed, description: 'an ESX host, of which only name must be given' },
);
const Cluster = Type.Object(
  {
    name: Name,
    release: Release,
    purpose: Type.Optional(oneOf('production', 'test', 'training')),
    lockLun: Type.Optional(Name),
    heartbeatInterval: Type.Optional(Duration),
  },
  { ...closed, description: 'a cluster: name, release, purpose, lockLun, heartbeatInterval' },
);
const Network = Type.Object(
  {
    name: Text,
    uses: Type.Array(oneOf('data', 'heartbeat'), some('data and heartbeat')),
  },
  { ...closed, description: 'a network: name, uses' },
);
const Disk = Type.Object(
  {
    lun: Name,
    address: Type.Optional(Address),
    mapping: Type.Optional(oneOf('physical-rdm', 'virtual-rdm', 'file')),
    busSharing: Type.Optional(oneOf('physical', 'virtual', 'none')),
    identifier: Type.Optional(Text),
  },
  { ...closed, description: 'a shared disk: lun, identifier, and for a guest address, mapping, busSharing' },
);
const ClusterNode = Type.Object(
  {
    name: Name,
    cluster: Name,
    host: Type.Optional(Name),
    vmx: Type.Optional(Text),
    initiator: Type.Optional(Text),
    distribution: Type.Optional(Text),
    architecture: Type.Optional(Architecture),
    sg3Utils: Type.Optional(Sg3Utils),
    vmwareTools: Type.Optional(oneOf('running', 'stopped', 'none')),
    timeSync: Type.Optional(OnOff),
    vmtoolkit: Type.Optional(Text),
    vMotion: Type.Optional(OnOff),
    channelBonding: Type.Optional(OnOff),
    networks: Type.Optional(Type.Array(Network, some('networks, one for each logical NIC'))),
    pciDevices: Type.Optional(Number0),
    disks: Type.Optional(Type.Array(Disk, { description: 'a list of shared disks' })),
    vgs: Type.Optional(Text),
  },
  { ...closed, description: 'a node, of which only name and cluster must be given, and host for a guest' },
);
const Package = Type.Object(
  {
    name: Name,
    cluster: Name,
    style: Type.Optional(oneOf('modular', 'legacy')),
    type: Type.Optional(oneOf(...PACKAGE_TYPES, 'multi_node', 'system_multi_node')),
    configuration: Type.Optional(Text),
    controlScript: Type.Optional(Text),
    nodes: Type.Optional(Type.Array(Name, some('names of nodes'))),
    luns: Type.Optional(Type.Array(Name, { description: 'a list of names of LUNs' })),
    sglx_vm: Type.Optional(OnOff),
    modules: Type.Optional(Type.Array(Text, { description: 'a list of modules such as sg/persistent_res' })),
    migratedFrom: Type.Optional(Release),
  },
  { ...closed, description: 'a package, of which only name and cluster must be given' },
);

/** CLUSTER.yaml: what `fencelab check-config` reads. It is JSON Schema too. */
export const ClusterSchema = Type.Object(
  {
    configuration: Text,
    luns: Type.Optional(Type.Array(Lun, some('LUNs'))),
    hosts: Type.Optional(Type.Array(Host, some('ESX hosts'))),
    clusters: Type.Array(Cluster, some('clusters')),
    nodes: Type.Array(ClusterNode, some('nodes')),
    packages: Type.Array(Package, { description: 'a list of packages' }),
  },
  { ...closed, description: 'a cluster configuration' },
);

export type ClusterFile = Static<typeof ClusterSchema>;
/** What only a guest has; a physical node with one of these is a mistake. */
export const GUEST_ONLY = ['vmx', 'vmwareTools', 'timeSync', 'vmtoolkit', 'vMotion', 'pciDevices'] as const;
