import type { Amounts } from './capacity.js';
import type { MembershipModel, Networks } from './membership-model.js';
import type { GuestAccess } from './placement.js';

/**
 * What a scenario is played on: an array, nodes that reach it by paths, hypervisors between, clusters and packages.
 * Values only; nothing here knows how a node is run.
 */
export interface Site {
  readonly array: ArrayModel;
  readonly hosts: readonly HostModel[];
  /** Absent: none that anything moves to. */
  readonly servers?: readonly ServerModel[] | undefined;
  readonly nodes: readonly NodeModel[];
  readonly clusters: readonly ClusterModel[];
  readonly packages: readonly PackageModel[];
}

/** How nodes reach the array: a second login of an iSCSI port ends the first session, a WWN has no such thing. */
export type Transport = 'iscsi' | 'fibre-channel';

export interface ArrayModel {
  /** Absent: iSCSI. */
  readonly transport?: Transport | undefined;
  /** Target ports: a node has one path through each. */
  readonly portals: number;
  readonly luns: readonly LunModel[];
  /** The array that it behaves as, by the name of a profile; absent: as the standard says. */
  readonly profile?: string | undefined;
  /** How it deviates besides, by names of quirks. */
  readonly quirks: readonly string[];
}

export interface LunModel {
  /** LUN number: the place in the list. */
  readonly lun: number;
  readonly name: string;
  /** Refuses PERSISTENT RESERVE commands. */
  readonly nopr: boolean;
}

/** An ESX host: one initiator port of the array, whatever number of guests it runs. */
export interface HostModel {
  readonly name: string;
  /** What carries the heartbeats of its guests; absent: one network without a team. */
  readonly networks?: Networks | undefined;
}

/** A server that the image or the profile of a node can move to; its own initiator port has its name. */
export interface ServerModel {
  readonly name: string;
  /** What carries the heartbeats of a node whose image is brought to it; absent: one network without a team. */
  readonly networks?: Networks | undefined;
}

/** What a raw device mapping passes: in physical mode every command, in virtual mode only I/O. */
export type MappingMode = 'physical' | 'virtual';

export interface NodeModel {
  readonly name: string;
  readonly cluster: string;
  /** The hypervisor that a guest is on at first; null for a physical node. */
  readonly host: string | null;
  readonly mapping: MappingMode;
  /** What carries the heartbeats of a physical node; absent: one network without a team. */
  readonly networks?: Networks | undefined;
  /** How a guest reaches its LUNs; a physical node reaches them by itself. */
  readonly access: GuestAccess;
  /** What it can hold (CAPACITY_NAME, CAPACITY_VALUE); without end where nothing is named. */
  readonly capacity?: Amounts | undefined;
}

export type ServiceguardRelease = 'A.11.18.02' | 'A.11.19';

/** How the adoptive node removes what the failed one left: the documented CLEAR, or what would close its gap. */
export type FenceMethod = 'clear' | 'preempt-and-abort';

export interface ClusterModel {
  readonly name: string;
  readonly release: ServiceguardRelease;
  readonly fence: FenceMethod;
  /** The wait after re-formation in which a dead node's I/O drains; null: that of the release. */
  readonly reformationWaitMs: number | null;
  readonly membership: MembershipModel;
}

/**
 * What a virtual disk is on its VM host (the series on Integrity VM, part 2). Only a whole disk passes commands on as they
 * are, reservations among them.
 */
export type VirtualDisk = 'file' | 'logical-volume' | 'whole-disk';

export interface PackageModel {
  readonly name: string;
  readonly cluster: string;
  /** `vm`: a virtual machine that its cluster of VM hosts starts and moves as a whole. */
  readonly type: 'failover' | 'multi-node' | 'vm';
  /** What the disks of a `vm` package are. */
  readonly disk?: VirtualDisk | undefined;
  /** `in-guest`: the cluster of a `vm` package sees the application inside (A.11.19); else the machine alone. */
  readonly monitor?: 'in-guest' | undefined;
  /** `sglx_vm` (A.11.18.02) or PKG_PR_MODE (A.11.19) as the file has it. */
  readonly persistentReservation: boolean;
  /** Names of LUNs. */
  readonly luns: readonly string[];
  /** Names of nodes in the order of preference. */
  readonly nodes: readonly string[];
  /** What it takes of the capacities of its node (weight_name, weight_value). */
  readonly weight?: Amounts | undefined;
  /** Whether it returns to its first node when that joins the cluster again; `manual` where nothing is said. */
  readonly failback?: 'automatic' | 'manual' | undefined;
  /** A legacy package: the control script that starts and halts it, absolute; null for a modular one. */
  readonly controlScript: string | null;
}

/** One of several routes from a node to a LUN: what a node knows by a device name. */
export interface DevicePath {
  readonly node: string;
  readonly lun: number;
  readonly lunName: string;
  /** From 0; it leads to the target port with relative target port identifier `portalIndex + 1`. */
  readonly portalIndex: number;
  /** `/dev/sdb`, the same on every node. */
  readonly device: string;
}

/** A model that contradicts itself: a scenario names what is not there. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
}

export function nodeOf(site: Site, name: string): NodeModel {
  return found(site.nodes, name, 'node');
}

export function clusterOf(site: Site, name: string): ClusterModel {
  return found(site.clusters, name, 'cluster');
}

export function packageOf(site: Site, name: string): PackageModel {
  return found(site.packages, name, 'package');
}

export function lunOf(site: Site, name: string): LunModel {
  return found(site.array.luns, name, 'LUN');
}

function found<T extends { readonly name: string }>(list: readonly T[], name: string, what: string): T {
  const item = list.find((candidate) => candidate.name === name);
  if (item === undefined) {
    throw new SiteError(
      `there is no ${what} '${name}'; there is ${list.map((each) => each.name).join(', ')}`,
    );
  }
  return item;
}

/**
 * What the way of a node or of a host to a LUN passes: a file or a logical volume of a VM package is read and written, no
 * more.
 */
export function mappingOf(site: Site, owner: string, lunName: string): MappingMode {
  const behindVolume = site.packages.some(
    ({ type, disk, luns }) => type === 'vm' && disk !== 'whole-disk' && luns.includes(lunName),
  );
  if (behindVolume) return 'virtual';
  return site.nodes.find(({ name }) => name === owner)?.mapping ?? 'physical';
}

/** At least one node of the cluster is a virtual machine, or the package itself is one. */
export function runsVirtually(
  site: Site,
  { cluster, type }: Pick<PackageModel, 'cluster' | 'type'>,
): boolean {
  return type === 'vm' || site.nodes.some((node) => node.cluster === cluster && node.host !== null);
}

/** Every path of a node to the LUNs given by name, all LUNs by default; LUN by LUN. */
export function pathsOf(
  site: Site,
  node: string,
  luns = site.array.luns.map(({ name }) => name),
): DevicePath[] {
  return luns.flatMap((lunName) => {
    const { lun } = lunOf(site, lunName);
    return Array.from({ length: site.array.portals }, (_, portalIndex) => ({
      node,
      lun,
      lunName,
      portalIndex,
      device: deviceName(lun, portalIndex, site.array.portals),
    }));
  });
}

/** Devices are lettered path by path as a kernel finds them, from `/dev/sdb`: `sda` is the system disk. */
export function deviceName(lun: number, portalIndex: number, portals: number): string {
  const letter = 1 + lun * portals + portalIndex;
  const first = Math.floor(letter / 26);
  const last = String.fromCharCode(97 + (letter % 26));
  return `/dev/sd${first === 0 ? '' : String.fromCharCode(96 + first)}${last}`;
}
