import type {
  AsymmetricAccessState,
  ChapAccount,
  ChapAlgorithm,
  DigestAlgorithm,
  ItNexus,
  ItNexusId,
  TargetPortGroupState,
} from '../protocol/index.js';
import type { InMemoryPath } from './logical-unit/in-memory-path.js';
import type { ReservationState } from './reservations/types.js';
import type { TargetEvent } from './events.js';
import type { Deviation } from './faults/quirks/quirk.js';

/** How a target is made; the command line and the YAML configuration are two ways to write this. */
export interface TargetOptions extends SecurityOptions {
  readonly iqn: string;
  /** Each is a target port; relative target port identifiers 1, 2, ... in this order. Port 0: any free port. */
  readonly portals: readonly PortalOptions[];
  readonly logicalUnits: readonly LogicalUnitOptions[];
  /** Where APTPL state, saved mode pages and identifiers survive a restart; without it nothing survives. */
  readonly stateDirectory?: string | undefined;
  /**
   * Without a state directory: APTPL and saved mode pages are supported, and survive `powerCycle()`, though not the process.
   */
  readonly nonVolatileMemory?: boolean | undefined;
  /**
   * Deviations that this target has: names of quirks, or what you make up yourself; a later one stands before an
   * earlier one.
   */
  readonly quirks?: readonly (string | Deviation)[] | undefined;
  /** Milliseconds on a clock that never goes back, for the times of events; the machine's unless given. */
  readonly now?: (() => number) | undefined;
  /** Writes what goes over every connection to files. */
  readonly capture?: CaptureOptions | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
  /** Watches commands as they are taken; nothing depends on it. */
  readonly commandWatch?: CommandWatch | undefined;
}

/** Who may log in to a target, and how. Secrets have 12 bytes and more, and are never the same both ways. */
export interface SecurityOptions {
  /** CHAP that a normal session must pass; absent: none, unless `initiators` says otherwise of some. */
  readonly chap?: TargetChap | undefined;
  /** CHAP that a discovery session must pass; absent: none. */
  readonly discoveryChap?: TargetChap | undefined;
  /** Hash algorithms that CHAP may use; absent: all. The first of the initiator's list that is one of them is used. */
  readonly chapAlgorithms?: readonly ChapAlgorithm[] | undefined;
  /** Who may have a normal session; absent: everybody. Others are refused with 02/02, and discover nothing. */
  readonly initiators?: readonly InitiatorAccess[] | undefined;
  /** Opens portals that are not on loopback though nobody need authenticate. */
  readonly insecure?: boolean | undefined;
}

/** One initiator that may log in. */
export interface InitiatorAccess {
  /** iSCSI name. */
  readonly name: string;
  /** What it must prove to know; absent: the `chap` of the target. Without `mutual`, that of the target too. */
  readonly chap?: TargetChap | undefined;
  /** What it sees; absent: every LUN of the target by its own number. */
  readonly luns?: LunMap | undefined;
}

/** LUNs as an initiator sees them, with those of the target that they are. */
export type LunMap = ReadonlyMap<number, number>;

/** A capture of the target's connections in pcapng files, for Wireshark and its like. */
export interface CaptureOptions {
  /** The first file; the next are `path.1`, `path.2`, ... What was in a file before is gone. */
  readonly path: string;
  /** No file grows beyond, 131072 bytes or more; absent: all is in one file. */
  readonly sizeBytesMax?: number | undefined;
  /** At most so many files, 2 or more: then the first is overwritten, and so on; absent: any number. */
  readonly filesMax?: number | undefined;
}

/** How long a target waits for initiators, in milliseconds up to a day; in brackets what holds where nothing is said. */
export interface TimeoutOptions {
  /** One that has said nothing for so long, or for twice as long at most, is pinged by NOP-In (30,000). */
  readonly idleMs?: number | undefined;
  /** Within which something must come of it, or its connection is given up (30,000). */
  readonly pingMs?: number | undefined;
  /**
   * What it owes must go on within this time, or a quarter more (60,000). Data-Out that was asked for or announced, and a
   * command whose CmdSN is missing: else the session is dropped. A text negotiation: else it is forgotten.
   */
  readonly sequenceMs?: number | undefined;
  /** From the connection to full feature phase (15,000). */
  readonly loginMs?: number | undefined;
}

/** Told of commands in the order in which the logical units take them. `data` and `cdb` are valid during the call only. */
export interface CommandWatch {
  /** A command enters, before any check; `lun` is as its initiator numbers it. */
  entered(nexusId: ItNexusId, lun: number, tag: number, cdb: Uint8Array): void;
  /** All of its Data-Out is there; never told of a command that was refused before. */
  dataOutArrived(nexusId: ItNexusId, lun: number, tag: number, data: Uint8Array): void;
}

/** What initiators must prove to know, and what the target proves to those that ask it to. */
export interface TargetChap extends ChapAccount {
  /** For mutual CHAP; without it, an initiator that asks for it is refused. */
  readonly mutual?: ChapAccount | undefined;
}

export interface PortalOptions {
  /** IPv4 or IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Identifier of its target port group (SPC-4 5.15), 1 unless given: ports of a group share their access state. */
  readonly targetPortGroup?: number;
}

export interface LogicalUnitOptions {
  readonly lun: number;
  readonly medium:
    | { readonly kind: 'memory'; readonly sizeBytes: number }
    | { readonly kind: 'file'; readonly path: string };
  readonly thin?: boolean;
  readonly readonly?: boolean;
  readonly removable?: boolean;
  /** PERSISTENT RESERVE IN and OUT answer 05/20/00. */
  readonly nopr?: boolean;
  /** Logical block length in bytes: 512 (default) or 4096. */
  readonly blockLengthBytes?: number;
  /** Physical block length in bytes, a power-of-two multiple of the logical one. */
  readonly physicalBlockLengthBytes?: number;
  /** SANITIZE is supported, and an operation takes so many seconds at least. */
  readonly sanitizeSeconds?: number;
  readonly serial?: string;
  /** NAA designator, 16 or 32 hex digits. */
  readonly naa?: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly revision?: string;
  /** Registrations beyond this answer 05/55/04. */
  readonly registrationsMax?: number;
}

/** A running target. */
export interface Target {
  readonly iqn: string;
  readonly portals: readonly {
    readonly host: string;
    readonly port: number;
    readonly relativeTargetPortId: number;
  }[];
  /** LUNs in ascending order. */
  readonly luns: readonly number[];
  /** `iscsi://host:port/iqn/lun`, of the first portal unless told otherwise. */
  urlOf(lun: number, portalIndex?: number): string;
  /** A nexus in memory, without sockets: the same device server. */
  connectInMemory(nexus: ItNexus, lun: number): InMemoryPath;
  reservations(lun: number): ReservationState;
  /** Called for every event until the returned function is called. */
  onEvent(listener: (event: TargetEvent) => void): () => void;
  sessions(): readonly SessionView[];
  /** Target port groups with their asymmetric access states, as the logical unit reports them. */
  accessStates(lun: number): readonly TargetPortGroupState[];
  /**
   * Puts a target port group into another asymmetric access state, as a controller that fails over does; on every
   * logical unit unless `luns` are given. Throws RangeError for what is not there.
   */
  setAccessState(targetPortGroup: number, state: AsymmetricAccessState, luns?: readonly number[]): void;
  /**
   * Another logical unit, which initiators are told of on the others (3F/0E). Rejects, in one line, where the LUN is
   * taken or the medium cannot be opened.
   */
  addLogicalUnit(options: LogicalUnitOptions): Promise<void>;
  /**
   * Takes a logical unit away: its commands end with TASK ABORTED, initiators are told on the others, and what a state
   * directory keeps of it is removed. Rejects with RangeError for a LUN that is not there, and where a file cannot be
   * removed; the LUN is gone then all the same.
   */
  removeLogicalUnit(lun: number): Promise<void>;
  /** What initiators see of its medium, in bytes. Throws RangeError for a LUN that is not there. */
  capacityOf(lun: number): number;
  /**
   * Gives a logical unit more bytes while initiators use it; each of them is told (2A/09). A file grows with it, and what
   * is in a file that is longer already becomes visible; in memory the size is the configured one again at the next start.
   * Rejects with RangeError, in one line, for fewer bytes than it has, for more than 64 TiB, for no whole number of blocks,
   * while a sanitize operation runs, where the file cannot grow, and for a LUN that is not there.
   */
  resizeLogicalUnit(lun: number, sizeBytes: number): Promise<void>;
  /** Faults on purpose, for scenarios and tests. */
  faults(lun: number): LogicalUnitFaults;
  /**
   * Drops every connection of a nexus abruptly (TCP reset), as a lost path does; in memory its commands end without
   * status, and the next one finds the nexus anew.
   */
  dropConnections(nexusId: ItNexusId): void;
  /**
   * Power goes and comes back: every connection is dropped without a word, no command and no volatile state is left, and
   * of the reservations what APTPL keeps. Media keep their data. Resolves when nothing is at the media any more.
   * With `loseReservations`, what APTPL keeps cannot be read any more (SPC-4 5.13.5.3).
   */
  powerCycle(options?: PowerCycleOptions): Promise<void>;
  /** Ends sessions, closes portals and files; resolves when nothing is left. */
  close(options?: CloseOptions): Promise<void>;
}

export interface CloseOptions {
  /** Initiators are first asked to log out, and have so many whole seconds for it; 0 (default): they are not asked. */
  readonly logoutWithinSeconds?: number;
}

export interface PowerCycleOptions {
  readonly loseReservations?: boolean;
}

export interface SessionView {
  readonly kind: 'discovery' | 'normal';
  readonly initiatorName: string;
  readonly isid: bigint;
  readonly tsih: number;
  readonly relativeTargetPortId: number;
  readonly remoteAddress: string;
  readonly loggedInAt: string;
  /** How its initiator was authenticated (RFC 7143 12.1). */
  readonly authMethod: 'None' | 'CHAP';
  readonly headerDigest: DigestAlgorithm;
  readonly dataDigest: DigestAlgorithm;
}

export interface LogicalUnitFaults {
  /**
   * Holds writes between admission and medium (the reservation check is behind them): a barrier, never a sleep.
   * Applies to the next `count` writes (default 1) that come by one of `nexusIds` (default any).
   */
  holdWrites(options?: { readonly nexusIds?: readonly ItNexusId[]; readonly count?: number }): WriteHold;
}

export interface WriteHold {
  /** Settles when the `count` writes are held. */
  readonly held: Promise<void>;
  /** How many are held now; one that is aborted is gone. */
  readonly heldCount: () => number;
  /** How many it has taken so far, those that were aborted since among them. */
  readonly takenCount: () => number;
  /** Lets them go on to the medium; settles when they are there. */
  release(): Promise<void>;
}
