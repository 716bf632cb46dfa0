/**
 * A cluster as its administrator has configured it, every fact with the place where it is written. What nobody has
 * stated is undefined: a rule then says that it is not known.
 */
export interface ClusterConfiguration {
  /** CLUSTER.yaml as it was named. */
  readonly file: string;
  readonly title: string;
  readonly luns: readonly LunConfiguration[];
  readonly hosts: readonly HostConfiguration[];
  readonly clusters: readonly ClusterOfConfiguration[];
  readonly nodes: readonly NodeConfiguration[];
  readonly packages: readonly PackageConfiguration[];
}

/** Where something is written; lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface Fact<T> {
  readonly value: T;
  readonly at: Place;
}

export interface LunConfiguration {
  readonly name: string;
  readonly at: Place;
  /** `iscsi://host[:port]/target-name/lun`, where the array itself can be asked. */
  readonly url: Fact<string> | undefined;
  readonly persistentReservation: Fact<boolean> | undefined;
}

/** An ESX host. */
export interface HostConfiguration {
  readonly name: string;
  readonly at: Place;
  readonly esx: Fact<string> | undefined;
  /** Make and model. */
  readonly server: Fact<string> | undefined;
  readonly architecture: Fact<string> | undefined;
  /** Serviceguard is installed on the host itself. */
  readonly serviceguard: Fact<boolean> | undefined;
  readonly vmwareHa: Fact<boolean> | undefined;
  readonly virtualMachines: Fact<number> | undefined;
  /** The limit that the administrator has found for this host. */
  readonly virtualMachinesMax: Fact<number> | undefined;
  readonly missedHeartbeats: Fact<boolean> | undefined;
  readonly initiator: Fact<string> | undefined;
  readonly ntp: NtpConfiguration | undefined;
  readonly teams: readonly TeamConfiguration[] | undefined;
}

export interface NtpConfiguration {
  readonly servers: Fact<readonly string[]> | undefined;
  /** The firewall of the host lets NTP through. */
  readonly firewallOpen: Fact<boolean> | undefined;
  readonly running: Fact<boolean> | undefined;
}

/** Physical NICs of a host behind one network of its guests. */
export interface TeamConfiguration {
  readonly network: string;
  readonly at: Place;
  readonly nics: Fact<readonly string[]>;
  readonly mode: Fact<'fault-tolerant' | 'load-balancing'> | undefined;
  readonly beaconMonitoring: Fact<boolean> | undefined;
  readonly switchBeaconMonitoring: Fact<boolean> | undefined;
  readonly linkAggregation: Fact<boolean> | undefined;
}

export type ClusterPurpose = 'production' | 'test' | 'training';

export interface ClusterOfConfiguration {
  readonly name: string;
  readonly at: Place;
  /** `A.11.18.02` and the like. */
  readonly release: Fact<string>;
  readonly purpose: Fact<ClusterPurpose> | undefined;
  readonly lockLun: Fact<string> | undefined;
  readonly heartbeatIntervalMs: Fact<number> | undefined;
}

export type NetworkUse = 'data' | 'heartbeat';

export interface NetworkConfiguration {
  readonly name: string;
  readonly at: Place;
  /** Undefined where only a `.vmx` file names the network. */
  readonly uses: readonly NetworkUse[] | undefined;
}

/** What stands between a guest and a shared disk. */
export type DiskMapping = 'physical-rdm' | 'virtual-rdm' | 'file';
export type BusSharing = 'physical' | 'virtual' | 'none';

/** `scsi1:0`: the virtual controller, and the unit behind it. */
export interface ScsiAddress {
  readonly controller: number;
  readonly unit: number;
}

/** A disk that several nodes share, as one of them has it. */
export interface SharedDiskConfiguration {
  /** The LUN by name; undefined where a `.vmx` file shares a disk that CLUSTER.yaml does not name. */
  readonly lun: string | undefined;
  readonly at: Place;
  readonly address: Fact<ScsiAddress> | undefined;
  readonly mapping: Fact<DiskMapping> | undefined;
  readonly busSharing: Fact<BusSharing> | undefined;
  /** VPD 83h as this node has read it. */
  readonly identifier: Fact<string> | undefined;
}

/** A line of `vgs`: the volume group and what follows it, runs of blanks made one. */
export interface VolumeGroup {
  readonly name: string;
  readonly line: string;
}

export interface NodeConfiguration {
  readonly name: string;
  readonly at: Place;
  readonly cluster: string;
  /** The ESX host of a guest; undefined for a physical node. */
  readonly host: Fact<string> | undefined;
  readonly initiator: Fact<string> | undefined;
  readonly distribution: Fact<string> | undefined;
  readonly architecture: Fact<string> | undefined;
  /** Version of sg3_utils; null where it is not installed. */
  readonly sg3Utils: Fact<string | null> | undefined;
  readonly vmwareTools: Fact<'running' | 'stopped' | 'none'> | undefined;
  readonly timeSync: Fact<boolean> | undefined;
  /** File name of the vmtoolkit rpm; null where it is not installed. */
  readonly vmtoolkit: Fact<string | null> | undefined;
  readonly vMotion: Fact<boolean> | undefined;
  readonly channelBonding: Fact<boolean> | undefined;
  /** One for each logical NIC. */
  readonly networks: Fact<readonly NetworkConfiguration[]> | undefined;
  readonly pciDevices: Fact<number> | undefined;
  readonly sharedDisks: readonly SharedDiskConfiguration[];
  /** Disks of a guest that it shares with nobody; undefined where no `.vmx` file tells. */
  readonly privateDisks: readonly Fact<ScsiAddress>[] | undefined;
  readonly volumeGroups: Fact<readonly VolumeGroup[]> | undefined;
}

/** Packages of both multi-node types run on several nodes at once. */
export const PACKAGE_TYPES = ['failover', 'multi-node', 'system-multi-node'] as const;
export type PackageType = (typeof PACKAGE_TYPES)[number];

/** `system-multi-node`, or `SYSTEM_MULTI_NODE` as Serviceguard spells it; undefined where there is no such type. */
export const packageTypeOf = (text: string): PackageType | undefined => {
  const spelled = text.toLowerCase().replaceAll('_', '-');
  return PACKAGE_TYPES.find((type) => type === spelled);
};

export interface PackageConfiguration {
  readonly name: string;
  readonly at: Place;
  readonly cluster: string;
  readonly style: Fact<'modular' | 'legacy'> | undefined;
  readonly type: PackageType;
  /** Names of nodes in the order of preference; all of the cluster where none are named. */
  readonly nodes: Fact<readonly string[]>;
  /** Names of LUNs. */
  readonly luns: readonly string[];
  readonly sglxVm: Fact<boolean> | undefined;
  /** Names without the prefix: `persistent_res`. */
  readonly modules: Fact<readonly string[]> | undefined;
  /** The release that the legacy package was made on, of which this modular one was made. */
  readonly migratedFrom: Fact<string> | undefined;
  /** Volume groups that its configuration file or its control script names. */
  readonly volumeGroups: readonly Fact<string>[];
  readonly script: ControlScriptConfiguration | undefined;
}

/** What the control script of a legacy package does about reservations. */
export interface ControlScriptConfiguration {
  readonly file: string;
  readonly at: Place;
  /** `SGLX_VM`, where all assignments agree; undefined where there is none, or where it cannot be told. */
  readonly sglxVm: Fact<boolean> | undefined;
  /** Why `SGLX_VM` cannot be told, in words that follow its name. */
  readonly sglxVmDoubt: Fact<string> | undefined;
  /** Functions that are defined, each where it is. */
  readonly functions: ReadonlyMap<string, Place>;
  /** Functions of those that something calls. */
  readonly called: ReadonlySet<string>;
  /** Values of `VG[n]`. */
  readonly volumeGroups: readonly Fact<string>[];
  /** Lines that call sg_persist. */
  readonly sgPersist: readonly Fact<string>[];
}

/** Is this node a virtual machine? */
export const isGuest = (node: NodeConfiguration): boolean => node.host !== undefined;

export const nodesOf = (configuration: ClusterConfiguration, cluster: string): NodeConfiguration[] =>
  configuration.nodes.filter((node) => node.cluster === cluster);

/** Reservations are in use at all: at least one node of the cluster is a virtual machine. */
export const hasGuest = (configuration: ClusterConfiguration, cluster: string): boolean =>
  nodesOf(configuration, cluster).some(isGuest);

export const clusterNamed = (
  configuration: ClusterConfiguration,
  name: string,
): ClusterOfConfiguration | undefined => configuration.clusters.find((cluster) => cluster.name === name);

/** `cluster.yaml:12`. */
export const placeText = ({ file, line }: Place): string => `${file}:${line}`;

export const addressText = ({ controller, unit }: ScsiAddress): string => `scsi${controller}:${unit}`;
