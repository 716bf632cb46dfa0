import {
  addressText,
  isGuest,
  type ClusterConfiguration,
  type NodeConfiguration,
  type SharedDiskConfiguration,
} from '../configuration/model.js';
import { fail, judge, notKnown, pass, type Found, type Rule } from './rule.js';

/** Units 0 to 15 of a controller; 7 is its own. */
const UNIT_MAX = 15;
const CONTROLLER_UNIT = 7;

const diskName = (node: NodeConfiguration, disk: SharedDiskConfiguration): string => {
  const where = disk.address === undefined ? '' : ` at ${addressText(disk.address.value)}`;
  return `${node.name}: ${disk.lun ?? 'a shared disk'}${where}`;
};

const eachSharedDisk =
  (check: (disk: SharedDiskConfiguration, node: NodeConfiguration) => Found) =>
  (configuration: ClusterConfiguration): Found[] =>
    configuration.nodes.filter(isGuest).flatMap((node) => node.sharedDisks.map((disk) => check(disk, node)));

/** LUNs that a node must reach: those of its packages, and the lock LUN of its cluster. */
export function lunsOfNode(configuration: ClusterConfiguration, node: NodeConfiguration): string[] {
  const ofPackages = configuration.packages
    .filter(({ nodes }) => nodes.value.includes(node.name))
    .flatMap(({ luns }) => luns);
  const lock = configuration.clusters.find(({ name }) => name === node.cluster)?.lockLun?.value;
  return [...new Set([...ofPackages, ...(lock === undefined ? [] : [lock])])];
}

/** Every LUN that a guest needs, whether it has it by a raw device mapping. */
function sharedLuns(configuration: ClusterConfiguration): Found[] {
  const expected = 'a raw device mapping';
  const rawOrNot = (disk: SharedDiskConfiguration, node: NodeConfiguration): Found =>
    judge({
      who: { name: diskName(node, disk), at: disk.at },
      fact: disk.mapping,
      what: 'what maps it',
      good: (mapping) => mapping !== 'file',
      says: (mapping) => (mapping === 'file' ? 'a disk in a file' : 'a raw device mapping'),
      expected,
      otherwise: 'fail',
    });
  return configuration.nodes.filter(isGuest).flatMap((node) => {
    const missing = lunsOfNode(configuration, node).filter(
      (lun) => !node.sharedDisks.some((disk) => disk.lun === lun),
    );
    return [
      ...node.sharedDisks.map((disk) => rawOrNot(disk, node)),
      ...missing.map((lun) => notKnown(node.at, `${node.name}: how it has ${lun} is not stated`, expected)),
    ];
  });
}

function physicalMode(disk: SharedDiskConfiguration, node: NodeConfiguration): Found {
  return judge({
    who: { name: diskName(node, disk), at: disk.at },
    fact: disk.mapping,
    what: 'the mode of the mapping',
    good: (mapping) => mapping === 'physical-rdm',
    says: (mapping) =>
      mapping === 'file'
        ? 'no raw device mapping'
        : `${mapping === 'physical-rdm' ? 'physical' : 'virtual'} mode`,
    expected: 'physical compatibility mode, which passes PERSISTENT RESERVE to the array',
    otherwise: 'fail',
  });
}

/** Controller 0 is for the disks of the guest alone, and none of those may be on a controller of shared ones. */
function ownController(disk: SharedDiskConfiguration, node: NodeConfiguration): Found {
  const expected = 'a controller for shared LUNs only, scsi1:x';
  const who = diskName(node, disk);
  if (disk.address === undefined) return notKnown(disk.at, `${who}: its address is not stated`, expected);
  const { value: address, at } = disk.address;
  if (address.controller === 0) return fail(at, `${who}: on controller 0, that of the system disk`, expected);
  const beside = node.privateDisks?.find(({ value }) => value.controller === address.controller);
  return beside === undefined
    ? pass(at, `${who}: controller ${address.controller}`)
    : fail(at, `${who}: beside ${addressText(beside.value)}, which is not shared`, expected);
}

function unitNumber(disk: SharedDiskConfiguration, node: NodeConfiguration): Found {
  return judge({
    who: { name: diskName(node, disk), at: disk.at },
    fact: disk.address,
    what: 'its address',
    good: ({ unit }) => unit <= UNIT_MAX && unit !== CONTROLLER_UNIT,
    says: ({ unit }) => (unit === CONTROLLER_UNIT ? 'unit 7 is the controller itself' : `unit ${unit}`),
    expected: 'a unit from 0 to 15 that is not 7',
    otherwise: 'fail',
  });
}

function busSharing(disk: SharedDiskConfiguration, node: NodeConfiguration): Found {
  return judge({
    who: { name: diskName(node, disk), at: disk.at },
    fact: disk.busSharing,
    what: 'the bus sharing of its controller',
    good: (sharing) => sharing === 'physical',
    says: (sharing) => `bus sharing is ${sharing}`,
    expected: 'bus sharing physical: shared between virtual machines on any server',
    otherwise: 'fail',
  });
}

/** Rules about what stands between a guest and a shared disk. */
export const DISK_RULES: readonly Rule[] = [
  {
    id: 'rdm.shared-lun',
    kind: 'requirement',
    text: 'Shared LUNs are attached to guests by raw device mapping, and in no other way.',
    section: 'Shared storage',
    also: 'Requirements, Guidelines, and Support Information',
    appliesWhen: 'a guest shares a LUN',
    check: sharedLuns,
  },
  {
    id: 'rdm.physical-mode',
    kind: 'requirement',
    text: 'The raw device mapping is in physical compatibility mode, so that the guest reaches the LUN itself.',
    section: 'Shared storage',
    appliesWhen: 'a guest shares a LUN',
    check: eachSharedDisk(physicalMode),
  },
  {
    id: 'rdm.own-controller',
    kind: 'requirement',
    text: 'Shared LUNs are on a virtual SCSI controller of their own (SCSI 1:x), apart from disks that are not shared.',
    section: 'Shared storage',
    appliesWhen: 'a guest shares a LUN',
    check: eachSharedDisk(ownController),
  },
  {
    id: 'rdm.unit-number',
    kind: 'requirement',
    text: 'x of SCSI (1:x) is a unit up to 15; 7 is the controller itself.',
    section: 'Shared storage',
    appliesWhen: 'a guest shares a LUN',
    check: eachSharedDisk(unitNumber),
  },
  {
    id: 'rdm.bus-sharing',
    kind: 'requirement',
    text: 'Bus sharing of the controller of shared LUNs is physical.',
    section: 'Shared storage',
    appliesWhen: 'a guest shares a LUN',
    check: eachSharedDisk(busSharing),
  },
];
