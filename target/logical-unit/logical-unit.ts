import {
  encodeSense,
  initializingCommandRequired,
  internalTargetFailure,
  invalidCommandOperationCode,
  invalidFieldInCdb,
  OPERATION_CODE,
  SCSI_STATUS,
  SENSE_KEY,
  type ItNexusId,
  type Sense,
} from '../../protocol/index.js';
import type { CommandRow, CommandTable, CommandUnit, MediumState, Verdict } from '../commands/command.js';
import { ModePages } from '../commands/mode-pages.js';
import { commandTable, reservedBitProblem } from '../commands/table.js';
import type { UnitDescription } from '../commands/unit-description.js';
import type { EventSink } from '../events.js';
import { HeldWrites, type HeldWrite } from '../faults/held-writes.js';
import type { Medium } from '../medium/medium.js';
import type { LogicalUnitOptions } from '../options.js';
import {
  conflictsWithReservation,
  isReservedByAnother,
  isServedUnderSpc2Reservation,
  isServedWhileInformationLost,
  persistentReservationInformationLost,
} from '../reservations/index.js';
import type {
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationState,
} from '../reservations/types.js';
import { REGISTRATIONS_MAX_DEFAULT } from './limits.js';
import { attachmentOf, type NexusRegistry } from './nexus-registry.js';
import { ReservationShell, type ReservationHost } from './reservation-shell.js';
import { TaskSet } from './task-set.js';
import type { NexusAttachment, Task } from './task.js';
import { ATTENTION, senseOfAttention } from './unit-attentions.js';

export interface LogicalUnitParts {
  readonly options: LogicalUnitOptions;
  readonly description: UnitDescription;
  readonly medium: Medium;
  /** At power on. */
  readonly reservations: ReservationState;
  readonly persist: ((state: ReservationState) => Promise<void>) | undefined;
  /** Place of this logical unit in the lists that nexuses keep. */
  readonly index: number;
  readonly nexuses: NexusRegistry;
  readonly luns: readonly number[];
  readonly targetPorts: readonly number[];
  readonly events: EventSink;
}

/** These bypass a pending unit attention condition (SAM-5): INQUIRY, REPORT LUNS, REQUEST SENSE. */
function bypassesUnitAttention(operationCode: number): boolean {
  return (
    operationCode === OPERATION_CODE.inquiry ||
    operationCode === OPERATION_CODE.reportLuns ||
    operationCode === OPERATION_CODE.requestSense
  );
}

const NO_BYTES = new Uint8Array(0);
/** 02/3A/00: the medium was ejected. */
const mediumNotPresent = (): Sense => ({ key: SENSE_KEY.notReady, asc: 0x3a, ascq: 0x00 });

/** One logical unit: its task set, its unit attentions, its reservations and its medium. */
export class LogicalUnit implements CommandUnit, ReservationHost {
  readonly description: UnitDescription;
  readonly modePages: ModePages;
  readonly commands: CommandTable;
  readonly luns: readonly number[];
  readonly faults = new HeldWrites();
  readonly persist: ((state: ReservationState) => Promise<void>) | undefined;
  readonly ignoreReservations: boolean;
  readonly #parts: LogicalUnitParts;
  readonly #medium: Medium;
  readonly #tasks = new TaskSet();
  readonly #reservations: ReservationShell;
  #mediumState: MediumState = 'ready';

  constructor(parts: LogicalUnitParts) {
    this.#parts = parts;
    this.#medium = parts.medium;
    this.description = parts.description;
    this.modePages = new ModePages(parts.description.volatileCache);
    this.commands = commandTable({ nopr: parts.options.nopr ?? false });
    this.luns = parts.luns;
    this.persist = parts.persist;
    this.ignoreReservations = parts.options.ignoreReservations ?? false;
    this.#reservations = new ReservationShell(this, parts.reservations);
  }

  get reservations(): ReservationState {
    return this.#reservations.state;
  }

  get writeProtected(): boolean {
    return this.#parts.options.readonly === true || this.modePages.softwareWriteProtect;
  }

  /**
   * A command enters; the LUN was found already. The order of checks: unit attention, operation code, reserved CDB
   * bits, reservation, medium, what the CDB says; with Data-Out the parameter list; then the action. The reservation is
   * checked here, once, and never again.
   */
  submit(task: Task): 'ended' | 'dataOutWanted' | 'executing' {
    const { cdb } = task;
    task.dataOutWantedBytes = 0;
    const attention = this.#attentionToReport(task);
    if (attention !== null) return this.#end(task, attention);
    const row = this.commands.find(cdb);
    if (row === 'operationCode') return this.#end(task, invalidCommandOperationCode());
    if (row === 'serviceAction') return this.#end(task, invalidFieldInCdb({ byte: 1, bit: 4 }));
    const reserved = reservedBitProblem(row, cdb);
    if (reserved !== null) return this.#end(task, reserved);
    const { guard } = this.#reservations;
    if (guard !== null) {
      const refusal = refusedBy(guard, row, task);
      if (refusal !== null) return this.#end(task, refusal);
    }
    if (row.needsMedium && this.#mediumState !== 'ready') return this.#end(task, this.notReady() ?? 'good');
    const problem = row.admit?.(task, this) ?? null;
    if (problem !== null) return this.#end(task, problem);
    if (task.dataOutWantedBytes > 0 && task.expectedDataOutBytes > 0) {
      task.state = 'awaitingDataOut';
      this.#tasks.add(task);
      return 'dataOutWanted';
    }
    return this.#run(row, task);
  }

  dataOutArrived(task: Task): 'ended' | 'executing' {
    // It was aborted meanwhile: late Data-Out is discarded.
    if (task.state !== 'awaitingDataOut' || !this.#tasks.remove(task)) return 'ended';
    const row = this.commands.find(task.cdb);
    return typeof row === 'string' ? this.#end(task, internalTargetFailure()) : this.#run(row, task);
  }

  failTask(task: Task, sense: Sense): void {
    if (this.#tasks.remove(task)) this.#end(task, sense);
  }

  #run(row: CommandRow, task: Task): 'ended' | 'executing' {
    task.state = 'executing';
    const verdict = row.run(task, this);
    return verdict === 'pending' ? 'executing' : this.#end(task, verdict);
  }

  // How tasks end

  #end(task: Task, verdict: Exclude<Verdict, 'pending'>): 'ended' {
    task.state = 'ended';
    if (verdict === 'good') {
      task.status = SCSI_STATUS.good;
    } else {
      task.dataInBytes = 0;
      task.dataIn = NO_BYTES;
      task.dataInSource = null;
      if (verdict === 'reservationConflict') this.#reservationConflict(task);
      else this.#checkCondition(task, verdict);
    }
    task.owner.taskCompleted(task);
    return 'ended';
  }

  #reservationConflict(task: Task): void {
    task.status = SCSI_STATUS.reservationConflict;
    const { events, description } = this.#parts;
    if (!events.active) return;
    const { nexusId } = task.attachment;
    events.emit({
      type: 'reservationConflict',
      lun: description.lun,
      nexusId,
      operationCode: task.cdb[0] ?? 0,
    });
  }

  #checkCondition(task: Task, sense: Sense): void {
    task.status = SCSI_STATUS.checkCondition;
    task.sense = encodeSense(sense, this.modePages.descriptorFormatSense ? 'descriptor' : 'fixed');
  }

  isUnderWay(task: Task): boolean {
    return this.#tasks.has(task);
  }

  /** Ends a task that was pending, unless it was aborted meanwhile. */
  finish(task: Task, verdict: Verdict): void {
    if (verdict !== 'pending' && this.#tasks.remove(task)) this.#end(task, verdict);
  }

  // Unit attentions

  #attentionToReport(task: Task): Sense | null {
    const queue = attachmentOf(task.attachment).record.attentions[this.#parts.index];
    if (queue === undefined || queue.isEmpty || bypassesUnitAttention(task.cdb[0] as number)) return null;
    return this.takeUnitAttention(task);
  }

  takeUnitAttention(task: Task): Sense | null {
    const { nexusId, record } = attachmentOf(task.attachment);
    const code = record.attentions[this.#parts.index]?.take();
    if (code === undefined) return null;
    this.#tellAttention(nexusId, code, 'reported');
    return senseOfAttention(code);
  }

  establishAttention(nexusId: ItNexusId, asc: number, ascq: number): void {
    this.#establish(nexusId, asc * 256 + ascq);
  }

  #establish(nexusId: ItNexusId, code: number): void {
    const queue = this.#parts.nexuses.recordOf(nexusId).attentions[this.#parts.index];
    if (queue?.establish(code) === true) this.#tellAttention(nexusId, code, 'established');
  }

  #tellAttention(nexusId: ItNexusId, code: number, what: 'established' | 'reported'): void {
    const { events, description } = this.#parts;
    if (!events.active) return;
    events.emit({
      type: 'unitAttention',
      lun: description.lun,
      nexusId,
      asc: code >> 8,
      ascq: code & 0xff,
      what,
    });
  }

  #establishForAll(code: number, except?: ItNexusId): void {
    for (const [nexusId] of [...this.#parts.nexuses.records()]) {
      if (nexusId !== except) this.#establish(nexusId, code);
    }
  }

  modeParametersChanged(task: Task): void {
    this.#establishForAll(ATTENTION.modeParametersChanged, task.attachment.nexusId);
  }

  // Medium

  readBlocks(task: Task, position: number): Verdict {
    if (this.#medium.kind === 'synchronous') {
      task.dataInSource = this.#medium;
      task.dataInPosition = position;
      return 'good';
    }
    // Only what the initiator takes is fetched; the residual is counted from the whole.
    const target = Buffer.allocUnsafe(Math.min(task.dataInBytes, task.expectedDataInBytes));
    task.dataIn = target;
    return this.#atMedium(task, this.#medium.read(position, target));
  }

  writeBlocks(task: Task, position: number, lengthBytes: number, durable: boolean): Verdict {
    if (lengthBytes === 0) return 'good';
    if (!this.faults.idle && this.#hold(task, position, lengthBytes, durable)) return 'pending';
    if (this.#medium.kind === 'synchronous') {
      this.#medium.write(position, task.dataOut, lengthBytes);
      return 'good';
    }
    // Data-Out may lie in a receive buffer that is used again when this call is over.
    const data = Uint8Array.from(task.dataOut.subarray(0, lengthBytes));
    return this.#atMedium(task, this.#medium.write(position, data, durable));
  }

  synchronizeCache(task: Task): Verdict {
    return this.#medium.kind === 'synchronous' ? 'good' : this.#atMedium(task, this.#medium.flush());
  }

  #atMedium(task: Task, work: Promise<void>): 'pending' {
    this.#tasks.add(task);
    this.#tasks.trackAtMedium(task, work);
    work.then(
      () => {
        this.finish(task, 'good');
      },
      () => {
        this.finish(task, internalTargetFailure());
      },
    );
    return 'pending';
  }

  /** A held write is admitted, so its reservation check is behind it, but it is not at the medium: an abort drops it. */
  #hold(task: Task, position: number, lengthBytes: number, durable: boolean): boolean {
    const data = Uint8Array.from(task.dataOut.subarray(0, lengthBytes));
    const write: HeldWrite = {
      nexusId: task.attachment.nexusId,
      proceed: async () => {
        if (this.#medium.kind === 'synchronous') {
          this.#medium.write(position, data, lengthBytes);
          this.finish(task, 'good');
          return;
        }
        this.#atMedium(task, this.#medium.write(position, data, durable));
        await this.#tasks.settled((operation) => operation.task === task);
      },
    };
    if (!this.faults.take(write)) return false;
    this.#tasks.add(task, () => {
      this.faults.remove(write);
    });
    return true;
  }

  startOrStop(task: Task, change: MediumState): Verdict {
    const before = this.#mediumState;
    this.#mediumState = change;
    if (change !== 'ready') return this.synchronizeCache(task);
    if (before === 'ejected') this.#establishForAll(ATTENTION.mediumMayHaveChanged, task.attachment.nexusId);
    return 'good';
  }

  notReady(): Sense | null {
    if (this.#mediumState === 'ready') return null;
    return this.#mediumState === 'ejected' ? mediumNotPresent() : initializingCommandRequired();
  }

  // Reservations

  reserve(task: Task): Verdict {
    return this.#reservationCommand(task, this.#reservations.reserve(task));
  }

  release(task: Task): Verdict {
    return this.#reservationCommand(task, this.#reservations.release(task));
  }

  persistentReserveIn(task: Task): Verdict {
    return this.#reservationCommand(task, this.#reservations.persistentReserveIn(task));
  }

  persistentReserveOut(task: Task): Verdict {
    return this.#reservationCommand(task, this.#reservations.persistentReserveOut(task));
  }

  #reservationCommand(task: Task, verdict: Verdict): Verdict {
    if (verdict === 'pending') this.#tasks.add(task);
    return verdict;
  }

  contextOf(task: Task): ReservationContext {
    const { nexuses, targetPorts, options } = this.#parts;
    return {
      nexus: task.attachment.nexus,
      targetPorts,
      initiatorPortsOf: (iscsiName) => nexuses.initiatorPortsOf(iscsiName),
      registrationsMax: options.registrationsMax ?? REGISTRATIONS_MAX_DEFAULT,
      noUnitAttentionOnRelease: this.modePages.noUnitAttentionOnRelease,
      aptplSupported: this.persist !== undefined,
    };
  }

  told(task: Task, request: PersistentReserveOutRequest, status: number, before: ReservationState): void {
    const { events, description } = this.#parts;
    if (!events.active) return;
    events.emit({
      type: 'persistentReserveOut',
      lun: description.lun,
      nexusId: task.attachment.nexusId,
      serviceAction: request.serviceAction,
      scope: request.scope,
      reservationType: request.type,
      status,
      before,
      after: this.reservations,
    });
  }

  abortForPreempt(nexusIds: readonly ItNexusId[], task: Task): Promise<void> | null {
    const preempted = new Set(nexusIds);
    this.#abort(
      (other) => other !== task && preempted.has(other.attachment.nexusId),
      task.attachment.nexusId,
    );
    return this.#tasks.settled((operation) => preempted.has(operation.nexusId));
  }

  // Task management; each settles when the bytes of the tasks it ended are no longer at the medium

  async abortTask(attachment: NexusAttachment, tag: number): Promise<boolean> {
    const chosen = (task: Task): boolean => task.attachment === attachment && task.tag === tag;
    const aborted = this.#abort(chosen, attachment.nexusId);
    if (aborted.length === 0) return false;
    await this.#tasks.settled((operation) => aborted.includes(operation.task));
    return true;
  }

  async abortTaskSet(attachment: NexusAttachment): Promise<void> {
    this.#abort((task) => task.attachment === attachment, attachment.nexusId);
    await this.#tasks.settled((operation) => operation.task.attachment === attachment);
  }

  async clearTaskSet(attachment: NexusAttachment): Promise<void> {
    this.#abort(() => true, attachment.nexusId);
    await this.#tasks.settled(() => true);
  }

  /** LOGICAL UNIT RESET, or its part of a target reset (SAM-5): registrations stay. */
  async reset(attachment: NexusAttachment, code: number): Promise<void> {
    this.#abort(() => true, attachment.nexusId);
    this.modePages.reset();
    this.#reservations.reset();
    if (this.#mediumState === 'stopped') this.#mediumState = 'ready';
    // The nexus that asked is told by the response; iscsi-test-cu and other initiators expect no attention of their own.
    this.#establishForAll(code, attachment.nexusId);
    await this.#tasks.settled(() => true);
  }

  nexusLost(attachment: NexusAttachment): void {
    this.#abort((task) => task.attachment === attachment, attachment.nexusId);
    this.#reservations.nexusLost(attachment.nexusId);
    this.#establish(attachment.nexusId, ATTENTION.nexusLoss);
  }

  /**
   * Tasks of the nexus that aborts end without status; those of others as TAS says (SPC-4 7.5.8). Null: nobody is left
   * to be told.
   */
  #abort(which: (task: Task) => boolean, by: ItNexusId | null): Task[] {
    const aborted = this.#tasks.takeAborted(which);
    for (const task of aborted) {
      task.state = 'ended';
      task.dataInBytes = 0;
      task.dataIn = NO_BYTES;
      const { nexusId } = task.attachment;
      const { events, description } = this.#parts;
      if (events.active) events.emit({ type: 'taskAborted', lun: description.lun, nexusId, tag: task.tag });
      const byAnother = by !== null && nexusId !== by;
      if (byAnother && this.modePages.taskAbortedStatus) {
        task.status = SCSI_STATUS.taskAborted;
        task.owner.taskCompleted(task);
        continue;
      }
      if (byAnother) this.#establish(nexusId, ATTENTION.commandsClearedByAnotherInitiator);
      task.owner.taskDropped(task);
    }
    return aborted;
  }

  /** Held writes are dropped; what is at the medium finishes, then it is closed. */
  async close(): Promise<void> {
    this.#abort(() => true, null);
    await this.#tasks.settled(() => true);
    await this.#medium.close();
  }
}

function refusedBy(
  state: ReservationState,
  row: CommandRow,
  task: Task,
): Exclude<Verdict, 'good' | 'pending'> | null {
  const { cdb, attachment } = task;
  if (state.reservationInformationLost && !isServedWhileInformationLost(cdb)) {
    return persistentReservationInformationLost();
  }
  if (isReservedByAnother(state, attachment.nexusId) && !isServedUnderSpc2Reservation(cdb[0] as number)) {
    return 'reservationConflict';
  }
  const columns = row.columnsOf?.(cdb) ?? row.columns;
  return conflictsWithReservation(state, attachment.nexusId, columns) ? 'reservationConflict' : null;
}
