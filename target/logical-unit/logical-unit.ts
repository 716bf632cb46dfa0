import {
  encodeSense,
  incorrectAmountOfData,
  internalTargetFailure,
  invalidCommandOperationCode,
  invalidFieldInCdb,
  SCSI_STATUS,
  type ItNexusId,
  type Sense,
} from '../../protocol/index.js';
import type {
  CommandRow,
  CommandTable,
  CommandUnit,
  CopyDevice,
  MediumState,
  Verdict,
} from '../commands/command.js';
import { isWrongDirection } from '../commands/data-out.js';
import { ModePages } from '../commands/mode-pages.js';
import { commandTable, reservedBitProblem } from '../commands/table.js';
import type { UnitDescription } from '../commands/unit-description.js';
import type { LogicalUnitFaults, PowerCycleOptions } from '../options.js';
import type {
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationState,
} from '../reservations/types.js';
import { AccessStates } from './access-states.js';
import { AttentionsOfUnit } from './attentions-of-unit.js';
import type { DeviceBehaviour } from './behaviour.js';
import { BlockAccess } from './block-access.js';
import { REGISTRATIONS_MAX_DEFAULT } from './limits.js';
import type { LogicalUnitParts } from './logical-unit-parts.js';
import { attachmentOf } from './nexus-registry.js';
import { CopyManager } from './copy-manager.js';
import { MediumControl } from './medium-control.js';
import { ModeSelection } from './mode-selection.js';
import { Sanitization } from './sanitization.js';
import { Resizing } from './resizing.js';
import { ReservationShell, type ReservationHost } from './reservation-shell.js';
import { TaskManagement } from './task-management.js';
import { TaskSet } from './task-set.js';
import type { NexusAttachment, Task } from './task.js';
import { ATTENTION } from './unit-attentions.js';
import { UnitEvents } from './unit-events.js';
import { Withdrawal } from './withdrawal.js';
import { warnOfFault } from '../warn.js';

const NO_BYTES = new Uint8Array(0);

/** One logical unit: its task set, its unit attentions, its reservations and its medium. */
export class LogicalUnit implements CommandUnit, ReservationHost {
  readonly description: UnitDescription;
  readonly modePages: ModePages;
  readonly modeSelection: ModeSelection;
  readonly commands: CommandTable;
  readonly persist: ((state: ReservationState) => Promise<void>) | undefined;
  readonly behaviour: DeviceBehaviour;
  readonly accessStates: AccessStates;
  isRemoved = false;
  readonly #parts: LogicalUnitParts;
  readonly #tasks = new TaskSet();
  readonly #attentions: AttentionsOfUnit;
  readonly blocks: BlockAccess;
  readonly medium = new MediumControl();
  readonly sanitization: Sanitization;
  readonly copyManager: CopyManager;
  readonly resizing: Resizing;
  readonly #management: TaskManagement;
  readonly #withdrawal: Withdrawal;
  readonly #reservations: ReservationShell;
  readonly #events: UnitEvents;

  constructor(parts: LogicalUnitParts) {
    const { description, medium, clock, behaviour, index, nexuses, events } = parts;
    const { lun, targetPortGroups: groups } = description;
    const tasks = this.#tasks;
    const finish = (task: Task, verdict: Verdict): void => {
      this.finish(task, verdict);
    };
    this.#parts = parts;
    this.description = description;
    this.behaviour = behaviour;
    this.persist = parts.persist;
    this.commands = commandTable(behaviour.rows.filter(({ presentOn }) => presentOn?.(description) ?? true));
    const { modePageStore: store } = parts;
    const modePages = new ModePages(description.volatileCache, store?.saved ?? null);
    this.modePages = modePages;
    this.#events = new UnitEvents(lun, events);
    const { attention } = behaviour;
    const attentions = new AttentionsOfUnit({ lun, index, nexuses, events, attention });
    this.#attentions = attentions;
    this.accessStates = new AccessStates({ groups, attentions, events: this.#events });
    this.blocks = new BlockAccess({ description, medium, tasks, finish });
    this.copyManager = new CopyManager({ tasks, finish });
    const withdrawal = new Withdrawal({ tasks, unit: this, finish });
    this.#withdrawal = withdrawal;
    const clear = (by: Task): Promise<void> | null => withdrawal.clearForSanitize(by);
    this.sanitization = new Sanitization({ description, clock, blocks: this.blocks, tasks, clear, finish });
    const { blocks, sanitization } = this;
    this.resizing = new Resizing({ description, medium, blocks, sanitization, attentions });
    this.#management = new TaskManagement({ lun, tasks, attentions, modePages, events });
    const refuseWaiting = (): void => {
      withdrawal.refuseWaiting();
    };
    this.modeSelection = new ModeSelection({ modePages, store, tasks, attentions, refuseWaiting, finish });
    this.#reservations = new ReservationShell(this, parts.durable);
  }

  get faults(): LogicalUnitFaults {
    return this.blocks.faults;
  }

  get reservations(): ReservationState {
    return this.#reservations.state;
  }

  get writeProtected(): boolean {
    return this.#parts.options.readonly === true || this.modePages.softwareWriteProtect;
  }

  /**
   * A command enters; the LUN was found already. The order of checks: unit attention, operation code, reserved CDB
   * bits, asymmetric access state, reservation, sanitize operation, medium, what the CDB says; with Data-Out the
   * parameter list; then the action. The reservation is checked here, once, and never again.
   */
  submit(task: Task): 'ended' | 'dataOutWanted' | 'executing' {
    try {
      return this.#admit(task);
    } catch (error) {
      return this.#fault(task, error);
    }
  }

  #admit(task: Task): 'ended' | 'dataOutWanted' | 'executing' {
    const { cdb } = task;
    task.dataOutWantedBytes = 0;
    const attention = this.#attentions.toReport(task);
    if (attention !== null) return this.#end(task, attention);
    const row = this.commands.find(cdb);
    if (row === 'operationCode') return this.#end(task, invalidCommandOperationCode());
    if (row === 'serviceAction') return this.#end(task, invalidFieldInCdb({ byte: 1, bit: 4 }));
    const reserved = reservedBitProblem(row, cdb);
    if (reserved !== null) return this.#end(task, reserved);
    const refusal = this.refusalOf(row, task);
    if (refusal !== null) return this.#end(task, refusal);
    const problem = row.admit?.(task, this) ?? null;
    if (problem !== null) return this.#end(task, problem);
    if (isWrongDirection(task)) return this.#end(task, incorrectAmountOfData());
    if (task.dataOutWantedBytes > 0 && task.expectedDataOutBytes > 0) {
      task.state = 'awaitingDataOut';
      this.#tasks.add(task);
      return 'dataOutWanted';
    }
    return this.#run(row, task);
  }

  refusalOf(row: CommandRow, task: Task): Exclude<Verdict, 'good' | 'pending'> | null {
    if (!this.accessStates.allActive) {
      const { relativeTargetPortId } = task.attachment.nexus;
      const inaccessible = this.accessStates.refusalOf(row.accessibleIn, relativeTargetPortId);
      if (inaccessible !== null) return inaccessible;
    }
    const { guard } = this.#reservations;
    const conflict = guard === null ? null : this.behaviour.refusedBy(guard, row, task);
    if (conflict !== null) return conflict;
    const sanitizing = this.sanitization.isIdle ? null : this.sanitization.refusal(row.operationCode);
    return sanitizing ?? (row.needsMedium ? this.medium.notReady() : null);
  }

  dataOutArrived(task: Task): 'ended' | 'executing' {
    // It was aborted meanwhile: late Data-Out is discarded.
    if (task.state !== 'awaitingDataOut' || !this.#tasks.remove(task)) return 'ended';
    const row = this.commands.find(task.cdb);
    try {
      return typeof row === 'string' ? this.#end(task, internalTargetFailure()) : this.#run(row, task);
    } catch (error) {
      return this.#fault(task, error);
    }
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
    if (verdict === 'good') {
      task.status = SCSI_STATUS.good;
    } else {
      task.dataInBytes = 0;
      task.dataIn = NO_BYTES;
      task.dataInSource = null;
      if (verdict === 'reservationConflict') this.#reservationConflict(task);
      else this.#checkCondition(task, verdict);
    }
    task.state = 'ended';
    task.owner.taskCompleted(task);
    return 'ended';
  }

  /** A fault of ours costs the command in which it showed, and no other. */
  #fault(task: Task, error: unknown): 'ended' {
    // The owner was told already: the fault is in what it did then.
    if (task.state === 'ended') throw error;
    this.#tasks.remove(task);
    this.#warn(task, error);
    return this.#end(task, internalTargetFailure());
  }

  #warn({ cdb, attachment }: Task, error: unknown): void {
    const command = `operation code ${(cdb[0] as number).toString(16).padStart(2, '0')}h`;
    warnOfFault(`LUN ${this.description.lun}, ${attachment.nexusId}, ${command} failed`, error);
  }

  attempt(task: Task, act: () => Verdict): Verdict {
    try {
      return act();
    } catch (error) {
      this.#warn(task, error);
      return internalTargetFailure();
    }
  }

  #reservationConflict(task: Task): void {
    task.status = SCSI_STATUS.reservationConflict;
    this.#events.refused(task.attachment.nexusId, task.cdb[0] ?? 0);
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
    if (verdict === 'pending' || !this.#tasks.remove(task)) return;
    try {
      this.#end(task, verdict);
    } catch (error) {
      this.#fault(task, error);
    }
  }

  // Unit attentions

  takeUnitAttention(task: Task): Sense | null {
    return this.#attentions.take(task);
  }

  establishAttention(nexusId: ItNexusId, asc: number, ascq: number): void {
    this.#attentions.establish(nexusId, asc * 256 + ascq);
  }

  // Medium

  startOrStop(task: Task, change: MediumState): Verdict {
    const isPutIn = this.medium.change(change);
    if (change !== 'ready') {
      this.#withdrawal.refuseWaiting();
      return this.blocks.synchronizeCache(task);
    }
    if (isPutIn) {
      this.#attentions.establishForOthers(ATTENTION.mediumMayHaveChanged, task.attachment.nexusId);
    }
    return 'good';
  }

  copyDevicesOf({ attachment }: Task): readonly CopyDevice[] {
    return [...attachmentOf(attachment).view.units.values()];
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
    this.#events.persistentReserveOut(task, request, status, before, this.reservations);
  }

  abortForPreempt(nexusIds: readonly ItNexusId[], task: Task): Promise<void> | null {
    // SPC-4 5.13.11.2.6: as if they had allowed it.
    for (const nexusId of nexusIds) this.medium.allowRemoval(nexusId);
    return this.#management.abortForPreempt(nexusIds, task);
  }

  // Task management

  abortTask(attachment: NexusAttachment, tag: number): Promise<boolean> {
    return this.#management.abortTask(attachment, tag);
  }

  abortTaskSet(attachment: NexusAttachment): Promise<void> {
    return this.#management.abortTaskSet(attachment);
  }

  clearTaskSet(attachment: NexusAttachment): Promise<void> {
    return this.#management.abortAll(attachment.nexusId);
  }

  /** LOGICAL UNIT RESET, or its part of a target reset (SAM-5): registrations stay. */
  async reset(attachment: NexusAttachment, code: number): Promise<void> {
    const settled = this.#management.abortAll(attachment.nexusId);
    this.modePages.reset();
    this.#reservations.reset();
    this.medium.reset();
    this.copyManager.forgetAll();
    // The nexus that asked too: what it knew of mode pages and SPC-2 reservations is as void as what the others knew.
    this.#attentions.establishForAll(code);
    await settled;
  }

  /** Power goes and comes back: no task and no volatile state is left, and every nexus is told (29/00). */
  async powerCycle(options: PowerCycleOptions): Promise<void> {
    const settled = this.#management.abortAll(null);
    this.modePages.reset();
    const before = this.reservations;
    this.#reservations.powerCycle(options);
    this.medium.powerCycle();
    this.copyManager.forgetAll();
    this.#events.powerCycled(before, this.reservations);
    this.#attentions.establishForAll(ATTENTION.powerOnOrReset);
    await Promise.all([settled, this.#reservations.persisted()]);
  }

  nexusLost(attachment: NexusAttachment): void {
    this.#management.dropTasksOf(attachment);
    this.#reservations.nexusLost(attachment.nexusId);
    this.medium.allowRemoval(attachment.nexusId);
    this.copyManager.forget(attachment.nexusId);
    this.#attentions.establish(attachment.nexusId, ATTENTION.nexusLoss);
  }

  /** Its tasks end with TASK ABORTED, and it is closed. */
  async remove(): Promise<void> {
    this.isRemoved = true;
    await this.#management.endAll();
    await this.close();
  }

  /** Held writes are dropped; what is at the medium or about to be durable finishes, then the medium is closed. */
  async close(): Promise<void> {
    this.sanitization.close();
    await this.#management.abortAll(null);
    await this.#reservations.persisted();
    await this.#parts.medium.close();
  }
}
