import { Type, type Static } from 'typebox';
import { AmountsByName, membershipEntries, NetworksOfNode } from './membership.js';
import { closed, Duration, Flag, Name, OnOff, oneOf, some, Text } from './words.js';

const Lun = Type.Object(
  { name: Name, nopr: Type.Optional(Flag) },
  { ...closed, description: 'a LUN: name, and nopr where it refuses PERSISTENT RESERVE' },
);
const ArrayOfLuns = Type.Object(
  {
    transport: Type.Optional(oneOf('iscsi', 'fibre-channel')),
    portals: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 4, description: 'a whole number from 1 to 4' }),
    ),
    luns: Type.Array(Lun, some('LUNs')),
    ignoreReservations: Type.Optional(Flag),
    profile: Type.Optional(Text),
    quirks: Type.Optional(Type.Array(Text, some('names of quirks'))),
  },
  { ...closed, description: 'an array: luns, transport, portals, ignoreReservations, profile, quirks' },
);
const Cluster = Type.Object(
  {
    name: Name,
    release: oneOf('A.11.18.02', 'A.11.19'),
    fence: Type.Optional(oneOf('clear', 'preempt-and-abort')),
    reformationWait: Type.Optional(Duration),
    ...membershipEntries,
  },
  { ...closed, description: 'a cluster: name, release, fence, reformationWait, and of its membership' },
);
const Host = Type.Object(
  { name: Name, networks: Type.Optional(NetworksOfNode) },
  { ...closed, description: 'an ESX host: name, networks' },
);
const Server = Type.Object(
  { name: Name, networks: Type.Optional(NetworksOfNode) },
  { ...closed, description: 'a server: name, networks' },
);
const ClusterNode = Type.Object(
  {
    name: Name,
    cluster: Name,
    host: Type.Optional(Name),
    mapping: Type.Optional(oneOf('physical', 'virtual')),
    access: Type.Optional(oneOf('raw-device-mapping', 'npiv', 'initiator-in-guest')),
    networks: Type.Optional(NetworksOfNode),
    capacity: Type.Optional(AmountsByName),
  },
  {
    ...closed,
    description: 'a node: name, cluster, networks, capacity, and for a guest host, mapping and access',
  },
);
const Package = Type.Object(
  {
    name: Name,
    cluster: Name,
    type: Type.Optional(oneOf('failover', 'multi-node', 'vm')),
    disk: Type.Optional(oneOf('file', 'logical-volume', 'whole-disk')),
    monitor: Type.Optional(oneOf('in-guest')),
    sglx_vm: Type.Optional(OnOff),
    pkg_pr_mode: Type.Optional(oneOf('pr_enabled', 'pr_disabled')),
    luns: Type.Array(Name, some('names of LUNs')),
    nodes: Type.Array(Name, some('names of nodes')),
    controlScript: Type.Optional(Text),
    weight: Type.Optional(AmountsByName),
    failback: Type.Optional(oneOf('automatic', 'manual')),
  },
  {
    ...closed,
    description:
      'a package: name, cluster, type, disk and monitor of a vm, sglx_vm or pkg_pr_mode, luns, nodes, controlScript, weight, failback',
  },
);

const OwnLine = Type.Object(
  {
    id: Name,
    eachLun: Type.Optional(Text),
    eachPath: Type.Optional(Text),
    eachForeignKey: Type.Optional(Text),
    wait: Type.Optional(oneOf('reformation')),
    application: Type.Optional(oneOf('start', 'stop')),
    fences: Type.Optional(Flag),
    mayFail: Type.Optional(Flag),
    instances: Type.Optional(oneOf('first', 'later', 'all')),
  },
  {
    ...closed,
    description:
      'a line of a sequence: id and one of eachLun, eachPath, eachForeignKey (sg_persist options), wait, application',
  },
);
const OwnSequence = Type.Array(OwnLine, { description: 'a list of lines' });
const OwnSequences = Type.Object(
  {
    reform: Type.Optional(OwnSequence),
    start: Type.Optional(OwnSequence),
    undoStart: Type.Optional(OwnSequence),
    halt: Type.Optional(OwnSequence),
    fenceFailedNode: Type.Optional(OwnSequence),
    registerAgain: Type.Optional(OwnSequence),
  },
  { ...closed, description: 'sequences: reform, start, undoStart, halt, fenceFailedNode, registerAgain' },
);

export const ScenarioSchema = Type.Object(
  {
    scenario: Text,
    paper: Text,
    expect: oneOf('SAFE', 'UNSAFE'),
    runtimes: Type.Optional(Type.Array(oneOf('memory', 'processes'), some('runtimes'))),
    array: ArrayOfLuns,
    hosts: Type.Optional(Type.Array(Host, some('ESX hosts'))),
    servers: Type.Optional(Type.Array(Server, some('servers'))),
    clusters: Type.Array(Cluster, some('clusters')),
    nodes: Type.Array(ClusterNode, some('nodes')),
    packages: Type.Array(Package, some('packages')),
    sequences: Type.Optional(OwnSequences),
    steps: Type.Array(Type.Unknown(), { minItems: 1, description: 'a list of steps' }),
  },
  { ...closed, description: 'a scenario' },
);

export type ScenarioFile = Static<typeof ScenarioSchema>;
export type OwnLineFile = Static<typeof OwnLine>;
