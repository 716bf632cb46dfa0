import type { ItNexusId } from '../../protocol/index.js';
import type { Task } from './task.js';

interface MediumOperation {
  readonly task: Task;
  readonly nexusId: ItNexusId;
  readonly settled: Promise<void>;
}

/** The commands of one logical unit that are under way, and the bytes that are at its medium. */
export class TaskSet {
  /** With what an abort has to undo. */
  readonly #tasks = new Map<Task, (() => void) | null>();
  /** An operation stays here until its bytes are settled, even if its task was aborted. */
  readonly #atMedium = new Set<MediumOperation>();

  /** Enters a task, or says what its abort has to undo. */
  add(task: Task, undo: (() => void) | null = null): void {
    this.#tasks.set(task, undo);
  }

  /** Takes a task out because it ends; false where it ended before. */
  remove(task: Task): boolean {
    return this.#tasks.delete(task);
  }

  has(task: Task): boolean {
    return this.#tasks.has(task);
  }

  all(): Task[] {
    return [...this.#tasks.keys()];
  }

  /** Those that are on their way to the medium: they await Data-Out, or are held. */
  waiting(): Task[] {
    return this.all().filter((task) => task.state === 'awaitingDataOut' || this.#tasks.get(task) !== null);
  }

  /** Does what its abort would do here; the task stays, so that it can end with a status. */
  undo(task: Task): void {
    this.#tasks.get(task)?.();
  }

  /** Takes out the tasks that `which` chooses, with what was to be undone. */
  takeAborted(which: (task: Task) => boolean): Task[] {
    const aborted: Task[] = [];
    for (const [task, undo] of this.#tasks) {
      if (!which(task)) continue;
      this.#tasks.delete(task);
      undo?.();
      aborted.push(task);
    }
    return aborted;
  }

  /** Counts an operation of a task until it is settled, however it ends. */
  trackAtMedium(task: Task, work: Promise<unknown>): void {
    const over = (): void => {
      this.#atMedium.delete(operation);
    };
    const operation: MediumOperation = {
      task,
      nexusId: task.attachment.nexusId,
      settled: work.then(over, over),
    };
    this.#atMedium.add(operation);
  }

  /** Settles when the chosen operations are no longer at the medium; null: none is. */
  settled(
    which: (operation: { readonly task: Task; readonly nexusId: ItNexusId }) => boolean,
  ): Promise<void> | null {
    const operations = [...this.#atMedium].filter(which);
    if (operations.length === 0) return null;
    return Promise.all(operations.map((operation) => operation.settled)).then(() => undefined);
  }
}
