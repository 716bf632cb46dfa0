import {
  OPERATION_CODE,
  sanitizeCommandFailed,
  sanitizeInProgress,
  type Sense,
} from '../../protocol/index.js';
import type { SanitizeMethod, SanitizeOperations, SanitizeTerms, Verdict } from '../commands/command.js';
import type { UnitDescription } from '../commands/unit-description.js';
import type { Extent } from '../medium/medium.js';
import { warnOfFault } from '../warn.js';
import { OVERWRITE_PIECE_BYTES_MAX, SANITIZE_STEPS_MIN } from './limits.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';

/** Time, as an operation that outlasts its command needs it. */
export interface OperationClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls `callback` once after `delayMs`. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The blocks, as a sanitize operation changes them; positions and lengths in bytes. */
export interface SanitizedBlocks {
  put(position: number, data: Uint8Array): Promise<void>;
  /** They read as zero; a thin provisioned LU deallocates them. */
  erase(extent: Extent): Promise<void>;
  flush(): Promise<void>;
}

export interface SanitizationParts {
  readonly description: UnitDescription;
  readonly clock: OperationClock;
  readonly blocks: SanitizedBlocks;
  readonly tasks: Pick<TaskSet, 'add'>;
  /** Ends what would write behind the operation; settles when nothing is at the medium, null: nothing is. */
  readonly clear: (by: Task) => Promise<void> | null;
  /** Ends a task that waited, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly operation: Operation }
  /** The last operation failed; only an unrestricted one may be given up. */
  | { readonly kind: 'failed'; readonly unrestricted: boolean };

interface Operation {
  readonly startedAtMs: number;
  /** What it wipes: a resize that was under way already may add to what there is. */
  readonly capacityBytes: number;
  readonly totalBytes: number;
  doneBytes: number;
}

const PROGRESS_OF = 0x1_0000;
const IDLE: State = { kind: 'idle' };

/** These are served while an operation runs and after it failed (SBC-4 4.11). */
const SERVED: ReadonlySet<number> = new Set([
  OPERATION_CODE.inquiry,
  OPERATION_CODE.reportLuns,
  OPERATION_CODE.requestSense,
]);

/**
 * The sanitize operation of a logical unit (SBC-4 4.11). It goes on whatever becomes of its command: an abort, a loss of
 * the nexus, a reset or a power cycle does not end it.
 */
export class Sanitization implements SanitizeOperations {
  readonly #parts: SanitizationParts;
  #state: State = IDLE;
  #cancelWait: () => void = () => undefined;
  #closed = false;

  constructor(parts: SanitizationParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#state.kind === 'running';
  }

  /** No command is refused for it. */
  get isIdle(): boolean {
    return this.#state.kind === 'idle';
  }

  get isFailedRestricted(): boolean {
    return this.#state.kind === 'failed' && !this.#state.unrestricted;
  }

  notReady(): Sense | null {
    switch (this.#state.kind) {
      case 'idle':
        return null;
      case 'running': {
        const { doneBytes, totalBytes } = this.#state.operation;
        return sanitizeInProgress(
          Math.min(PROGRESS_OF - 1, Math.floor((doneBytes / totalBytes) * PROGRESS_OF)),
        );
      }
      case 'failed':
        return sanitizeCommandFailed();
    }
  }

  refusal(operationCode: number): Sense | null {
    if (this.isIdle || SERVED.has(operationCode)) return null;
    return this.#state.kind === 'failed' && operationCode === OPERATION_CODE.sanitize
      ? null
      : this.notReady();
  }

  begin(task: Task, method: SanitizeMethod, { immediate, allowUnrestrictedExit }: SanitizeTerms): Verdict {
    const { clock, tasks, description } = this.#parts;
    const passes = method.kind === 'overwrite' ? method.passes.length : 1;
    const capacityBytes = description.capacityBlocks * description.blockLengthBytes;
    const totalBytes = passes * capacityBytes;
    const operation = { startedAtMs: clock.now(), capacityBytes, totalBytes, doneBytes: 0 };
    this.#state = { kind: 'running', operation };
    if (!immediate) tasks.add(task);
    const cleared = this.#parts.clear(task);
    void this.#carryOut(operation, method, cleared).then(
      () => {
        if (this.#closed) return;
        this.#state = IDLE;
        if (!immediate) this.#parts.finish(task, 'good');
      },
      (error: unknown) => {
        this.#state = { kind: 'failed', unrestricted: allowUnrestrictedExit };
        warnOfFault(`LUN ${this.#parts.description.lun}: a sanitize operation failed`, error);
        if (!immediate) this.#parts.finish(task, sanitizeCommandFailed());
      },
    );
    return immediate ? 'good' : 'pending';
  }

  exitFailureMode(): void {
    this.#state = IDLE;
  }

  /** What is not done yet is not done. */
  close(): void {
    this.#closed = true;
    this.#cancelWait();
  }

  async #carryOut(
    operation: Operation,
    method: SanitizeMethod,
    cleared: Promise<void> | null,
  ): Promise<void> {
    const { blocks, description } = this.#parts;
    await cleared;
    const durationMs = (description.sanitizeSeconds ?? 0) * 1000;
    const passes = method.kind === 'overwrite' ? method.passes : [null];
    for (const block of passes) {
      for (const extent of this.#pieces(method, operation)) {
        const done = operation.doneBytes + extent.lengthBytes;
        await this.#until(operation.startedAtMs + (durationMs * done) / operation.totalBytes);
        if (this.#closed) return;
        if (block === null) await blocks.erase(extent);
        else await blocks.put(extent.position, Buffer.alloc(extent.lengthBytes, block));
        operation.doneBytes = done;
      }
    }
    await blocks.flush();
  }

  *#pieces(method: SanitizeMethod, { capacityBytes }: Operation): Generator<Extent> {
    const { blockLengthBytes } = this.#parts.description;
    const blocks = Math.ceil(capacityBytes / blockLengthBytes / SANITIZE_STEPS_MIN);
    const wanted = blocks * blockLengthBytes;
    const most = method.kind === 'overwrite' ? Math.min(wanted, OVERWRITE_PIECE_BYTES_MAX) : wanted;
    for (let position = 0; position < capacityBytes; position += most) {
      yield { position, lengthBytes: Math.min(most, capacityBytes - position) };
    }
  }

  /** At once where it is that late already, in a turn of its own. */
  #until(atMs: number): Promise<void> {
    const { clock } = this.#parts;
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.schedule(Math.max(0, atMs - clock.now()), resolve);
      this.#cancelWait = () => {
        cancel();
        resolve();
      };
    });
  }
}
