import type { ItNexus, ItNexusId } from '../../protocol/index.js';

/** Task attribute (SAM-5 8.9; RFC 7143 11.3.1). */
export type TaskAttribute = 'untagged' | 'simple' | 'ordered' | 'headOfQueue' | 'aca';

/** Blocks that can be copied out at once, without a buffer between: the memory medium. */
export interface SynchronousSource {
  /** Copies `lengthBytes` bytes that begin at byte `position` of the medium into `target` at `targetOffset`. */
  copyTo(target: Uint8Array, targetOffset: number, position: number, lengthBytes: number): void;
}

/** What carries commands: an iSCSI session, or the transport in memory. */
export interface TaskOwner {
  /**
   * The task ended with `task.status`; called exactly once for each task that was submitted, often before `submit`
   * returns. The owner must copy Data-In (`task.copyDataIn`) within this call: the blocks may change afterwards.
   */
  taskCompleted(task: Task): void;
  /** The task was aborted without a status (ABORT TASK, a reset, or PREEMPT AND ABORT with TAS=0): say nothing. */
  taskDropped(task: Task): void;
}

/**
 * One command from admission to status. The owner makes it (or takes it from a pool of tasks that ended within the call
 * that began them: an aborted one must not be used again), fills the first group and hands
 * it to `DeviceServer.submit`; when Data-Out is wanted it collects it and calls `DeviceServer.dataOutArrived`.
 */
export class Task {
  // Set by the owner.
  owner: TaskOwner;
  attachment: NexusAttachment;
  /**
   * The eight bytes of the LUN field decoded: peripheral or flat addressing, or `REPORT_LUNS_WELL_KNOWN_LUN`; -1 if
   * none of these.
   */
  lun = -1;
  /** The CDB, 16 bytes long here whatever its own length (short ones padded with zero). Owned by the task. */
  readonly cdb: Buffer = Buffer.alloc(16);
  attribute: TaskAttribute = 'simple';
  /** Initiator task tag, for task management. */
  tag = 0;
  /** Expected Data-Out and Data-In lengths in bytes; 0 where the direction is absent. */
  expectedDataOutBytes = 0;
  expectedDataInBytes = 0;

  // Data-Out. `dataOut` is whole when `dataOutArrived` is called; it may be a view into a receive buffer that is valid
  // only during that call: who keeps it longer copies it.
  /** Set by the device server at admission: how many bytes the command wants; may exceed what the owner expects. */
  dataOutWantedBytes = 0;
  dataOut: Uint8Array = EMPTY;

  // Result.
  status = 0;
  sense: Uint8Array = EMPTY;
  /** How many bytes of Data-In the command has; may exceed what the owner expects (then a residual overflow). */
  dataInBytes = 0;
  /** Data-In as bytes, or, when `dataInSource` is set, as a place on a medium. */
  dataIn: Uint8Array = EMPTY;
  dataInSource: SynchronousSource | null = null;
  dataInPosition = 0;

  // Progress, kept by the device server.
  state: 'new' | 'awaitingDataOut' | 'executing' | 'ended' = 'new';

  constructor(owner: TaskOwner, attachment: NexusAttachment) {
    this.owner = owner;
    this.attachment = attachment;
  }

  /** Copies `lengthBytes` of Data-In from `offset` into `target`. Valid within `taskCompleted` only. */
  copyDataIn(target: Uint8Array, targetOffset: number, offset: number, lengthBytes: number): void {
    if (this.dataInSource === null) {
      target.set(this.dataIn.subarray(offset, offset + lengthBytes), targetOffset);
    } else {
      this.dataInSource.copyTo(target, targetOffset, this.dataInPosition + offset, lengthBytes);
    }
  }
}

const EMPTY = new Uint8Array(0);

/** A transport's side of an I_T nexus while it is connected: made by `DeviceServer.attach`. */
export interface NexusAttachment {
  readonly nexus: ItNexus;
  readonly nexusId: ItNexusId;
  /** LUNs that it sees, ascending. */
  readonly luns: readonly number[];
  /** REPORT LUNS told of them: 3F/0E need not be told any more on any of them (SPC-4 6.33). */
  lunsReported(): void;
}

/** Task management functions (SAM-5 clause 7; RFC 7143 11.5.1). */
export type TaskManagementFunction =
  | { readonly function: 'abortTask'; readonly lun: number; readonly tag: number }
  | { readonly function: 'abortTaskSet'; readonly lun: number }
  | { readonly function: 'clearTaskSet'; readonly lun: number }
  | { readonly function: 'clearAca'; readonly lun: number }
  | { readonly function: 'logicalUnitReset'; readonly lun: number }
  | { readonly function: 'targetWarmReset' }
  | { readonly function: 'targetColdReset' };

export type TaskManagementResponse =
  | 'complete'
  | 'taskDoesNotExist'
  | 'lunDoesNotExist'
  | 'functionNotSupported'
  | 'authorizationFailed'
  | 'functionRejected';

/** The device server with its logical units, as a transport sees it. */
export interface DeviceServer {
  /** An I_T nexus was established. Registrations and unit attentions of the nexus are found again by its identity. */
  attach(nexus: ItNexus): NexusAttachment;
  /**
   * I_T nexus loss: the commands of the nexus end without status, RESERVE(6/10) is gone, registrations stay
   * (SPC-4 5.13.1). Commands whose bytes are at the medium finish there.
   */
  nexusLost(attachment: NexusAttachment): void;
  /**
   * A command enters in CmdSN order: LUN, unit attention, operation code, CDB and reservation are checked here, once.
   * `ended`: `taskCompleted` was called already. `dataOutWanted`: collect `min(dataOutWantedBytes,
   * expectedDataOutBytes)` bytes, then call `dataOutArrived`. `executing`: `taskCompleted` or `taskDropped` comes later.
   */
  submit(task: Task): 'ended' | 'dataOutWanted' | 'executing';
  /** All Data-Out of the task is in `task.dataOut`. */
  dataOutArrived(task: Task): 'ended' | 'executing';
  /** The transport gives a task up that still awaits Data-Out (a protocol error): ends it with the sense given. */
  failTask(task: Task, key: number, asc: number, ascq: number): void;
  /** Tasks that it ends get `taskCompleted` (TASK ABORTED) or `taskDropped` before the promise settles. */
  manageTasks(attachment: NexusAttachment, request: TaskManagementFunction): Promise<TaskManagementResponse>;
}
