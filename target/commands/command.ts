import type { ItNexusId, Sense } from '../../protocol/index.js';
import type { AccessStates } from '../logical-unit/access-states.js';
import type { Task } from '../logical-unit/task.js';
import type { Extent } from '../medium/medium.js';
import type { ProvisioningExtent } from '../medium/provisioning-map.js';
import type { ConflictColumns } from '../reservations/types.js';
import type { ModePages, ModePageValue } from './mode-pages.js';
import type { UnitDescription } from './unit-description.js';

/**
 * How a handler ends: GOOD (Data-In is in the task), RESERVATION CONFLICT, CHECK CONDITION with sense data, or
 * `pending`: the logical unit ends the task later.
 */
export type Verdict = 'good' | 'reservationConflict' | 'pending' | Sense;

/**
 * What GOOD says of a write: `cached`, the blocks may be in a cache; `durable`, they are on stable storage; `readable`,
 * and were read again; `compared`, and are what was sent, else 0E/1D/00.
 */
export type WriteCare = 'cached' | 'durable' | 'readable' | 'compared';

/** What a handler may use of the logical unit. */
export interface CommandUnit {
  readonly description: UnitDescription;
  readonly modePages: ModePages;
  readonly modeSelection: ModeOperations;
  /** The commands this logical unit has. */
  readonly commands: CommandTable;
  /** The medium is write protected: by option, or by SWP of the Control mode page. */
  readonly writeProtected: boolean;

  readonly blocks: BlockOperations;
  readonly medium: MediumOperations;
  readonly accessStates: Pick<AccessStates, 'groups' | 'has' | 'setByCommand'>;
  readonly sanitization: SanitizeOperations;
  readonly copyManager: CopyOperations;
  /** The logical units that the nexus of the task sees. */
  copyDevicesOf(task: Task): readonly CopyDevice[];
  /** START STOP UNIT. */
  startOrStop(task: Task, change: MediumState): Verdict;
  /** The unit attention condition of the task's nexus, which is then gone. */
  takeUnitAttention(task: Task): Sense | null;
  reserve(task: Task): Verdict;
  release(task: Task): Verdict;
  persistentReserveIn(task: Task): Verdict;
  persistentReserveOut(task: Task): Verdict;
}

/** What MODE SELECT may do with the mode pages. */
export interface ModeOperations {
  /** Whole pages, already checked, take effect; with `save`, a reset and power on bring them back, and all others too. */
  select(task: Task, pages: readonly ModePageValue[], save: boolean): Verdict;
}

/** What a handler may do with the blocks; positions and lengths are in bytes, in whole blocks of a range that exists. */
export interface BlockOperations {
  /** Answers with `task.dataInBytes` bytes that begin at byte `position` of the medium. */
  read(task: Task, position: number): Verdict;
  /** Writes the first `lengthBytes` of `task.dataOut`. */
  write(task: Task, position: number, lengthBytes: number, care: WriteCare): Verdict;
  /**
   * Writes what `change` makes of the blocks and of `task.dataOut`, as many as they are, or ends with the sense data that
   * it returns: no other command comes between.
   */
  update(task: Task, extent: Extent, change: Change, care: 'cached' | 'durable'): Verdict;
  /**
   * Reads the blocks, piece by piece, and ends with the first sense data that `check` returns; null: it is enough that
   * they can be read.
   */
  verify(task: Task, extent: Extent, check: Check | null): Verdict;
  /** Writes `block`, again and again, over the whole extent. */
  fill(task: Task, extent: Extent, block: Uint8Array): Verdict;
  /** The blocks read as zero; those of a thin provisioned logical unit are deallocated. */
  unmap(task: Task, extents: readonly Extent[]): Verdict;
  /** Provisioning state at byte `position`. */
  provisioningAt(position: number): ProvisioningExtent;
  /** Everything written before is on stable storage at GOOD. */
  synchronizeCache(task: Task): Verdict;
}

export type Change = (current: Buffer, dataOut: Uint8Array) => Uint8Array | Sense;
/** `offsetBytes`: where the piece begins within the extent. */
export type Check = (piece: Buffer, offsetBytes: number, dataOut: Uint8Array) => Sense | null;

/** What a handler may do with the medium as a whole. */
export interface MediumOperations {
  readonly isEjected: boolean;
  /** By any nexus. */
  readonly isRemovalPrevented: boolean;
  /** Why the medium cannot be accessed now, if so. */
  notReady(): Sense | null;
  /** Until the nexus allows it or is lost, or a reset. */
  preventRemoval(nexusId: ItNexusId): void;
  allowRemoval(nexusId: ItNexusId): void;
}

/** How a sanitize operation wipes the blocks: with each block in turn, or by erasing them. */
export type SanitizeMethod =
  { readonly kind: 'overwrite'; readonly passes: readonly Uint8Array[] } | { readonly kind: 'erase' };

export interface SanitizeTerms {
  /** GOOD comes when the operation has begun, not when it is over. */
  readonly immediate: boolean;
  /** AUSE: an operation that failed may be given up. */
  readonly allowUnrestrictedExit: boolean;
}

/** What a handler may do with the sanitize operation of the logical unit (SBC-4 4.11). */
export interface SanitizeOperations {
  /** The last operation failed, and only another one that succeeds ends that. */
  readonly isFailedRestricted: boolean;
  /** Why no other command is served now, if so. */
  notReady(): Sense | null;
  begin(task: Task, method: SanitizeMethod, terms: SanitizeTerms): Verdict;
  exitFailureMode(): void;
}

/** A logical unit that EXTENDED COPY reads or writes. */
export interface CopyDevice {
  readonly description: UnitDescription;
  readonly commands: CommandTable;
  readonly writeProtected: boolean;
  /** It was taken away, and nothing may reach its medium any more. */
  readonly isRemoved: boolean;
  /** What stands against a command of this row by the nexus of the task, whatever its fields say. */
  refusalOf(row: CommandRow, task: Task): Exclude<Verdict, 'good' | 'pending'> | null;
  readonly blocks: {
    copyOut(task: Task, extent: Extent): Promise<Buffer>;
    copyIn(task: Task, position: number, data: Uint8Array): Promise<void>;
  };
}

/** One segment descriptor; `notReachable`: no logical unit is seen by that name, `notThere`: no such descriptor. */
export interface CopySegment {
  readonly source: CopyDevice | 'notReachable' | 'notThere';
  readonly destination: CopyDevice | 'notReachable' | 'notThere';
  readonly sourceLba: bigint;
  readonly destinationLba: bigint;
  readonly blocks: number;
  /** DC: `blocks` are the destination's. */
  readonly countsDestinationBlocks: boolean;
}

export interface CopyPlan {
  /** Null: nobody will ask for its status. */
  readonly listIdentifier: number | null;
  readonly segments: readonly CopySegment[];
}

export interface CopyStatus {
  readonly state: 'running' | 'good' | 'failed';
  readonly segmentsProcessed: number;
  readonly copiedBytes: number;
}

/** The copy manager of a logical unit (SPC-4 5.17). */
export interface CopyOperations {
  begin(task: Task, plan: CopyPlan): Verdict;
  statusOf(nexusId: ItNexusId, listIdentifier: number): CopyStatus | undefined;
}

/** What START STOP UNIT leaves behind. */
export type MediumState = 'ready' | 'stopped' | 'ejected';

/**
 * Access states beside the active ones in which a command is served (SPC-4 5.15.2): `standby`; `settled`, all of them but
 * transitioning; `every`.
 */
export type AccessibleIn = 'standby' | 'settled' | 'every';

/** One row of the table of commands: an operation code, or one service action of it. */
export interface CommandRow {
  readonly operationCode: number;
  /** Service action in bits 4-0 of CDB byte 1, for operation codes that have them. */
  readonly serviceAction?: number;
  readonly name: string;
  /** Only these logical units have the command; absent: every one. */
  readonly presentOn?: (description: UnitDescription) => boolean;
  /** CDB usage data (SPC-4 6.35.3): a one for each bit that is evaluated; byte 0 is the operation code. */
  readonly usage: readonly number[];
  /** How the command fares under a reservation. */
  readonly columns: ConflictColumns;
  /** Other columns for some values of the CDB. */
  readonly columnsOf?: (cdb: Uint8Array) => ConflictColumns;
  /** Absent: active states only. */
  readonly accessibleIn?: AccessibleIn;
  /** Ends with NOT READY while the medium is stopped or gone. */
  readonly needsMedium: boolean;
  /**
   * Before Data-Out: checks what the CDB alone can tell and sets `task.dataOutWantedBytes`. Null: go on. Only
   * commands with Data-Out have it.
   */
  readonly admit?: (task: Task, unit: CommandUnit) => Sense | null;
  /** The action; of a command with Data-Out when that is there. */
  readonly run: (task: Task, unit: CommandUnit) => Verdict;
}

/** Rows by operation code, ready for dispatch. */
export interface CommandTable {
  readonly rows: readonly CommandRow[];
  /** The row of a CDB; 'operationCode' or 'serviceAction' is what is not supported. */
  find(cdb: Uint8Array): CommandRow | 'operationCode' | 'serviceAction';
  /** Rows of one operation code; none: it is not supported. */
  rowsOf(operationCode: number): readonly CommandRow[];
}
