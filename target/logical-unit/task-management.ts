import { SCSI_STATUS, type ItNexusId } from '../../protocol/index.js';
import type { ModePages } from '../commands/mode-pages.js';
import type { EventSink } from '../events.js';
import type { AttentionsOfUnit } from './attentions-of-unit.js';
import type { TaskSet } from './task-set.js';
import type { NexusAttachment, Task } from './task.js';
import { ATTENTION } from './unit-attentions.js';

export interface TaskManagementParts {
  readonly lun: number;
  readonly tasks: TaskSet;
  readonly attentions: AttentionsOfUnit;
  readonly modePages: ModePages;
  readonly events: EventSink;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Ends tasks of one logical unit before their time. What returns a promise settles when the bytes of the tasks that it
 * ended are no longer at the medium.
 */
export class TaskManagement {
  readonly #parts: TaskManagementParts;
  readonly #tasks: TaskSet;

  constructor(parts: TaskManagementParts) {
    this.#parts = parts;
    this.#tasks = parts.tasks;
  }

  async abortTask(attachment: NexusAttachment, tag: number): Promise<boolean> {
    const chosen = (task: Task): boolean => task.attachment === attachment && task.tag === tag;
    const aborted = this.#abort(chosen, attachment.nexusId);
    if (aborted.length === 0) return false;
    await this.#tasks.settled((operation) => aborted.includes(operation.task));
    return true;
  }

  /** The logical unit goes away: every task ends with TASK ABORTED, since no attention could tell of it later. */
  async endAll(): Promise<void> {
    for (const task of this.#take(() => true)) this.#endAborted(task);
    await this.#tasks.settled(() => true);
  }

  async abortTaskSet(attachment: NexusAttachment): Promise<void> {
    this.dropTasksOf(attachment);
    await this.#tasks.settled((operation) => operation.task.attachment === attachment);
  }

  /** `by`: the nexus that asks for it; null: nobody is left to be told. */
  async abortAll(by: ItNexusId | null): Promise<void> {
    this.#abort(() => true, by);
    await this.#tasks.settled(() => true);
  }

  /** I_T nexus loss: what is at the medium finishes there, and nobody waits for it. */
  dropTasksOf(attachment: NexusAttachment): void {
    this.#abort((task) => task.attachment === attachment, attachment.nexusId);
  }

  /** Null: no bytes of a preempted nexus are at the medium. `task`, the PERSISTENT RESERVE OUT itself, goes on. */
  abortForPreempt(nexusIds: readonly ItNexusId[], task: Task): Promise<void> | null {
    const preempted = new Set(nexusIds);
    this.#abort(
      (other) => other !== task && preempted.has(other.attachment.nexusId),
      task.attachment.nexusId,
    );
    return this.#tasks.settled((operation) => preempted.has(operation.nexusId));
  }

  /** Tasks of the nexus that aborts end without status; those of others as TAS says (SPC-4 7.5.8). */
  #abort(which: (task: Task) => boolean, by: ItNexusId | null): Task[] {
    const { attentions, modePages } = this.#parts;
    const aborted = this.#take(which);
    for (const task of aborted) {
      const { nexusId } = task.attachment;
      const byAnother = by !== null && nexusId !== by;
      if (byAnother && modePages.taskAbortedStatus) {
        this.#endAborted(task);
        continue;
      }
      if (byAnother) attentions.establish(nexusId, ATTENTION.commandsClearedByAnotherInitiator);
      task.owner.taskDropped(task);
    }
    return aborted;
  }

  /** Tasks that are over now, and whose owners are still to be told. */
  #take(which: (task: Task) => boolean): Task[] {
    const { lun, events } = this.#parts;
    const taken = this.#tasks.takeAborted(which);
    for (const task of taken) {
      task.state = 'ended';
      task.dataInBytes = 0;
      task.dataIn = NO_BYTES;
      const { nexusId } = task.attachment;
      if (events.active) events.emit({ type: 'taskAborted', lun, nexusId, tag: task.tag });
    }
    return taken;
  }

  #endAborted(task: Task): void {
    task.status = SCSI_STATUS.taskAborted;
    task.owner.taskCompleted(task);
  }
}
