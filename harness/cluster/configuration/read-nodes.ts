import type { ClusterSource } from './cluster-source.js';
import { agreed, onOff, wrongAt } from './errors.js';
import type { GivenFiles } from './given-files.js';
import {
  addressText,
  placeText,
  type Fact,
  type NetworkConfiguration,
  type NodeConfiguration,
  type ScsiAddress,
  type SharedDiskConfiguration,
  type VolumeGroup,
} from './model.js';
import type { ClusterFile } from './schema.js';
import { readDistribution } from './versions.js';
import type { VmxDisk, VmxFile } from './vmx.js';

type NodeFile = ClusterFile['nodes'][number];

/** A node, of what CLUSTER.yaml and its `.vmx` file say. Throws ConfigurationError where they contradict each other. */
export function readNode(
  source: ClusterSource,
  index: number,
  node: NodeFile,
  files: GivenFiles,
  volumeGroups: Fact<readonly VolumeGroup[]> | undefined,
): NodeConfiguration {
  const path = (...names: (string | number)[]) => ['nodes', index, ...names];
  const vmx = files.vmx.get(node.name);
  const on = (value: 'on' | 'off'): boolean => value === 'on';
  return {
    name: node.name,
    at: source.at('nodes', index),
    cluster: node.cluster,
    host: source.fact(node.host, path('host')),
    initiator: source.fact(node.initiator, path('initiator')),
    distribution: distributionOf(source.fact(node.distribution, path('distribution')), vmx),
    architecture: agreed(
      source.fact<string>(node.architecture, path('architecture')),
      vmx?.architecture,
      'guestOS',
    ),
    sg3Utils: source.fact(node.sg3Utils, path('sg3Utils'), orNone),
    vmwareTools: source.fact(node.vmwareTools, path('vmwareTools')),
    timeSync: agreed(
      source.fact(node.timeSync, path('timeSync'), on),
      vmx?.timeSync,
      'tools.syncTime',
      onOff,
    ),
    vmtoolkit: source.fact(node.vmtoolkit, path('vmtoolkit'), orNone),
    vMotion: source.fact(node.vMotion, path('vMotion'), on),
    channelBonding: source.fact(node.channelBonding, path('channelBonding'), on),
    networks: networksOf(source, index, node, vmx),
    pciDevices: agreed(
      source.fact(node.pciDevices, path('pciDevices')),
      vmx?.pciDevices,
      'the number of PCI devices',
    ),
    ...disksOf(source, index, node, vmx, files),
    volumeGroups,
  };
}

const orNone = (text: string): string | null => (text === 'none' ? null : text);

/** A `.vmx` file names distribution and version only; CLUSTER.yaml adds the update. */
function distributionOf(
  stated: Fact<string> | undefined,
  vmx: VmxFile | undefined,
): Fact<string> | undefined {
  const inFile = vmx?.distribution;
  if (stated === undefined || inFile === undefined) return stated ?? inFile;
  agreed(stated, inFile, 'guestOS', (text) => {
    const read = readDistribution(text);
    return read === undefined ? text : `${read.name} ${read.version}`;
  });
  return stated;
}

function networksOf(
  source: ClusterSource,
  index: number,
  node: NodeFile,
  vmx: VmxFile | undefined,
): Fact<readonly NetworkConfiguration[]> | undefined {
  const stated = source.fact(node.networks, ['nodes', index, 'networks'], (networks) =>
    networks.map((network, place): NetworkConfiguration => ({
      ...network,
      at: source.at('nodes', index, 'networks', place),
    })),
  );
  if (vmx === undefined) return stated;
  const inFile: Fact<readonly NetworkConfiguration[]> = {
    value: vmx.nics.map(({ value = '(no network)', at }) => ({ name: value, at, uses: undefined })),
    at: vmx.nics[0]?.at ?? vmx.pciDevices.at,
  };
  const names = (networks: readonly NetworkConfiguration[]): string =>
    networks
      .map(({ name }) => name)
      .sort()
      .join(', ') || 'none';
  agreed(stated, inFile, 'the list of networks', names);
  return stated ?? inFile;
}

function disksOf(
  source: ClusterSource,
  index: number,
  node: NodeFile,
  vmx: VmxFile | undefined,
  files: GivenFiles,
): Pick<NodeConfiguration, 'sharedDisks' | 'privateDisks'> {
  const stated = (node.disks ?? []).map((disk, place): SharedDiskConfiguration => {
    const path = (...names: string[]) => ['nodes', index, 'disks', place, ...names];
    return {
      lun: disk.lun,
      at: source.at(...path()),
      address: source.fact(disk.address, path('address'), readAddress),
      mapping: source.fact(disk.mapping, path('mapping')),
      busSharing: source.fact(disk.busSharing, path('busSharing')),
      identifier: source.fact(disk.identifier, path('identifier')),
    };
  });
  if (vmx === undefined) return { sharedDisks: stated, privateDisks: undefined };
  const merged = stated.map((disk) => withVmx(disk, vmx, files));
  const named = new Set(merged.flatMap(({ address }) => (address ? [addressText(address.value)] : [])));
  const others = vmx.disks
    .filter(({ address }) => !named.has(addressText(address)))
    .map((disk) => ({ disk, shared: sharedDiskOf(disk, vmx, files) }));
  return {
    sharedDisks: [...merged, ...others.flatMap(({ shared }) => shared ?? [])],
    privateDisks: others.flatMap(({ disk, shared }) =>
      shared === undefined ? [{ value: disk.address, at: disk.at }] : [],
    ),
  };
}

function readAddress(text: string): ScsiAddress {
  const [controller = 0, unit = 0] = [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return { controller, unit };
}

/** A disk that CLUSTER.yaml names by its address, with what the `.vmx` file and the descriptor say. */
function withVmx(stated: SharedDiskConfiguration, vmx: VmxFile, files: GivenFiles): SharedDiskConfiguration {
  const { address } = stated;
  if (address === undefined) return stated;
  const own = addressText(address.value);
  const disk = vmx.disks.find((each) => addressText(each.address) === own);
  if (disk === undefined) {
    const have = vmx.disks.map((each) => addressText(each.address)).join(', ');
    throw wrongAt(
      vmx.pciDevices.at,
      `there is no disk ${own} (${have === '' ? 'none at all' : have}), expected one as ${placeText(address.at)} has it`,
    );
  }
  return {
    ...stated,
    address: { value: address.value, at: disk.at },
    mapping: agreed(stated.mapping, descriptorOf(disk, vmx, files), `the mapping of ${own}`),
    busSharing: agreed(stated.busSharing, disk.busSharing, `sharedBus of scsi${address.value.controller}`),
  };
}

/** A disk that only the `.vmx` file has: shared where its bus is, or where it maps a raw device. */
function sharedDiskOf(disk: VmxDisk, vmx: VmxFile, files: GivenFiles): SharedDiskConfiguration | undefined {
  const mapping = descriptorOf(disk, vmx, files);
  const isRaw = mapping !== undefined && mapping.value !== 'file';
  if (disk.busSharing.value === 'none' && !isRaw) return undefined;
  return {
    lun: undefined,
    at: disk.at,
    address: { value: disk.address, at: disk.at },
    mapping,
    busSharing: disk.busSharing,
    identifier: undefined,
  };
}

const descriptorOf = (disk: VmxDisk, vmx: VmxFile, files: GivenFiles) =>
  disk.fileName === undefined ? undefined : files.mappingOf(vmx, disk.fileName);
