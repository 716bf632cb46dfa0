import { OPERATION_CODE, sanitizeInProgress, type Sense } from '../../protocol/index.js';
import type { CommandTable, CommandUnit, Verdict } from '../commands/command.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';

export interface WithdrawalParts {
  readonly tasks: TaskSet;
  readonly unit: CommandUnit & { readonly commands: CommandTable };
  /** Ends a task that was pending, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

/**
 * Ends commands that may not reach the medium any more, because of what has become of it since they were admitted. They
 * are sought out at the change, which is rare, so that no command has to ask a second time.
 */
export class Withdrawal {
  readonly #parts: WithdrawalParts;

  constructor(parts: WithdrawalParts) {
    this.#parts = parts;
  }

  /** The medium is gone, stopped or write protected: commands that wait and would be refused now are. */
  refuseWaiting(): void {
    const { tasks, unit } = this.#parts;
    for (const task of tasks.waiting()) {
      const row = unit.commands.find(task.cdb);
      if (typeof row === 'string' || !row.needsMedium) continue;
      const problem = unit.medium.notReady() ?? row.admit?.(task, unit) ?? null;
      if (problem !== null) this.#end(task, problem);
    }
  }

  /**
   * A sanitize operation of the task `by` begins: other commands end, those apart whose effect is on something else than
   * the medium and has begun. Settles when no bytes are at the medium; null: none are.
   */
  clearForSanitize(by: Task): Promise<void> | null {
    const { tasks } = this.#parts;
    for (const task of tasks.all()) {
      if (task !== by && (task.state === 'awaitingDataOut' || this.#usesMedium(task))) {
        this.#end(task, sanitizeInProgress(0));
      }
    }
    return tasks.settled(() => true);
  }

  #usesMedium({ cdb }: Task): boolean {
    const row = this.#parts.unit.commands.find(cdb);
    if (typeof row === 'string') return false;
    return row.needsMedium || row.operationCode === OPERATION_CODE.extendedCopy;
  }

  #end(task: Task, sense: Sense): void {
    this.#parts.tasks.undo(task);
    this.#parts.finish(task, sense);
  }
}
