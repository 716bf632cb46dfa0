import { internalTargetFailure } from '../../protocol/index.js';
import type { ModeOperations, Verdict } from '../commands/command.js';
import type { ModePages, ModePageValue } from '../commands/mode-pages.js';
import type { AttentionsOfUnit } from './attentions-of-unit.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';
import { ATTENTION } from './unit-attentions.js';

/** Where mode pages outlast a loss of power. */
export interface ModePageStore {
  /** What was saved before. */
  readonly saved: readonly ModePageValue[];
  /** Resolves when the pages are there for good; rejects with what was saved before as it was. */
  save(pages: readonly ModePageValue[]): Promise<void>;
}

export interface ModeSelectionParts {
  readonly modePages: ModePages;
  /** Undefined: nothing can be saved. */
  readonly store: ModePageStore | undefined;
  readonly tasks: TaskSet;
  readonly attentions: AttentionsOfUnit;
  /** The medium may have become write protected. */
  readonly refuseWaiting: () => void;
  /** Ends a task that was pending, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

/** MODE SELECT of one logical unit. */
export class ModeSelection implements ModeOperations {
  readonly #parts: ModeSelectionParts;
  /** One is saved after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ModeSelectionParts) {
    this.#parts = parts;
  }

  select(task: Task, pages: readonly ModePageValue[], save: boolean): Verdict {
    const { store, tasks, finish } = this.#parts;
    if (!save || store === undefined) {
      this.#takeEffect(task, pages);
      return 'good';
    }
    tasks.add(task);
    const work = this.#last.then(() => this.#saveFirst(task, pages, store));
    this.#last = work;
    // Who waits for the nexus of the task waits until its pages can change no more.
    tasks.trackAtMedium(task, work);
    void work.then((verdict) => {
      finish(task, verdict);
    });
    return 'pending';
  }

  /** All or nothing: what cannot be saved does not take effect either. */
  async #saveFirst(task: Task, pages: readonly ModePageValue[], store: ModePageStore): Promise<Verdict> {
    const { modePages, tasks } = this.#parts;
    // Aborted while it waited for its turn.
    if (!tasks.has(task)) return 'good';
    // SPC-4 6.11: every page is saved, those that were not sent as they are.
    const whole = modePages.currentWith(pages);
    try {
      await store.save(whole);
    } catch {
      return internalTargetFailure();
    }
    modePages.keep(whole);
    this.#takeEffect(task, pages);
    return 'good';
  }

  /** SPC-4 6.11: every other nexus is told. */
  #takeEffect(task: Task, pages: readonly ModePageValue[]): void {
    const { modePages, attentions, refuseWaiting } = this.#parts;
    if (!modePages.replace(pages)) return;
    refuseWaiting();
    attentions.establishForOthers(ATTENTION.modeParametersChanged, task.attachment.nexusId);
  }
}
