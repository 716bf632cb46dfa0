import { internalTargetFailure, miscompareDuringVerify, type Sense } from '../../protocol/index.js';
import type { BlockOperations, Verdict, WriteCare } from '../commands/command.js';
import { HeldWrites, type HeldWrite } from '../faults/held-writes.js';
import type { Medium } from '../medium/medium.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';

/** What the blocks of a logical unit need of it. */
export interface BlockAccessParts {
  readonly medium: Medium;
  readonly tasks: TaskSet;
  /** Ends a task that was pending, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

/** Reads and writes of tasks at the medium, at once or later, and the writes that are held on their way to it. */
export class BlockAccess implements BlockOperations {
  readonly faults = new HeldWrites();
  readonly #medium: Medium;
  readonly #tasks: TaskSet;
  readonly #finish: BlockAccessParts['finish'];

  constructor({ medium, tasks, finish }: BlockAccessParts) {
    this.#medium = medium;
    this.#tasks = tasks;
    this.#finish = finish;
  }

  read(task: Task, position: number): Verdict {
    if (this.#medium.kind === 'synchronous') {
      task.dataInSource = this.#medium;
      task.dataInPosition = position;
      return 'good';
    }
    // Only what the initiator takes is fetched; the residual is counted from the whole.
    const target = Buffer.allocUnsafe(Math.min(task.dataInBytes, task.expectedDataInBytes));
    task.dataIn = target;
    return this.#atMedium(task, this.#medium.read(position, target).then(good));
  }

  write(task: Task, position: number, lengthBytes: number, care: WriteCare): Verdict {
    if (lengthBytes === 0) return 'good';
    if (!this.faults.idle && this.#hold(task, position, lengthBytes, care)) return 'pending';
    if (this.#medium.kind === 'synchronous') {
      return this.#land(task, position, task.dataOut, lengthBytes, care);
    }
    // Data-Out may lie in a receive buffer that is used again when this call is over.
    const data = Uint8Array.from(task.dataOut.subarray(0, lengthBytes));
    return this.#land(task, position, data, lengthBytes, care);
  }

  synchronizeCache(task: Task): Verdict {
    return this.#medium.kind === 'synchronous'
      ? 'good'
      : this.#atMedium(task, this.#medium.flush().then(good));
  }

  #land(task: Task, position: number, data: Uint8Array, lengthBytes: number, care: WriteCare): Verdict {
    const medium = this.#medium;
    if (medium.kind === 'synchronous') {
      medium.write(position, data, lengthBytes);
      if (care !== 'compared') return 'good';
      const back = Buffer.allocUnsafe(lengthBytes);
      medium.copyTo(back, 0, position, lengthBytes);
      return comparison(data, back);
    }
    const written = medium.write(position, data, care !== 'cached');
    if (care === 'cached' || care === 'durable') return this.#atMedium(task, written.then(good));
    // Begun in the same turn, so that no other write comes between the write and the read of these blocks.
    const back = Buffer.allocUnsafe(lengthBytes);
    const readBack = medium.read(position, back);
    const work = Promise.all([written, readBack]).then(() =>
      care === 'compared' ? comparison(data, back) : good(),
    );
    return this.#atMedium(task, work);
  }

  #atMedium(task: Task, work: Promise<Verdict>): 'pending' {
    this.#tasks.add(task);
    this.#tasks.trackAtMedium(task, work);
    work.then(
      (verdict) => {
        this.#finish(task, verdict);
      },
      () => {
        this.#finish(task, internalTargetFailure());
      },
    );
    return 'pending';
  }

  /** A held write is admitted, so its reservation check is behind it, but it is not at the medium: an abort drops it. */
  #hold(task: Task, position: number, lengthBytes: number, care: WriteCare): boolean {
    const data = Uint8Array.from(task.dataOut.subarray(0, lengthBytes));
    const write: HeldWrite = {
      nexusId: task.attachment.nexusId,
      proceed: async () => {
        const verdict = this.#land(task, position, data, lengthBytes, care);
        if (verdict === 'pending') await this.#tasks.settled((operation) => operation.task === task);
        else this.#finish(task, verdict);
      },
    };
    if (!this.faults.take(write)) return false;
    this.#tasks.add(task, () => {
      this.faults.remove(write);
    });
    return true;
  }
}

const good = (): 'good' => 'good';

/** WRITE AND VERIFY with BYTCHK=1: what the medium gives back against what was to be written. */
function comparison(data: Uint8Array, back: Buffer): 'good' | Sense {
  return back.equals(data.subarray(0, back.length)) ? 'good' : miscompareDuringVerify();
}
