import { internalTargetFailure, miscompareDuringVerify, type Sense } from '../../protocol/index.js';
import type { BlockOperations, Change, Check, Verdict, WriteCare } from '../commands/command.js';
import type { UnitDescription } from '../commands/unit-description.js';
import { HeldWrites, type HeldWrite } from '../faults/held-writes.js';
import type { AsynchronousMedium, Extent, Medium } from '../medium/medium.js';
import { ProvisioningMap, type ProvisioningExtent } from '../medium/provisioning-map.js';
import type { SanitizedBlocks } from './sanitization.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';

/** What the blocks of a logical unit need of it. */
export interface BlockAccessParts {
  readonly description: UnitDescription;
  readonly medium: Medium;
  readonly tasks: TaskSet;
  /** Ends a task that was pending, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

/** Long extents are read and filled in pieces of this size. */
const PIECE_BYTES = 1024 * 1024;

/** Reads and writes of tasks at the medium, at once or later, and the writes that are held on their way to it. */
export class BlockAccess implements BlockOperations, SanitizedBlocks {
  readonly faults = new HeldWrites();
  readonly #medium: Medium;
  readonly #description: UnitDescription;
  /** Null: every block is mapped, and stays so. */
  readonly #provisioning: ProvisioningMap | null;
  readonly #tasks: TaskSet;
  readonly #finish: BlockAccessParts['finish'];

  constructor({ description, medium, tasks, finish }: BlockAccessParts) {
    const { blockLengthBytes, physicalBlockExponent, thin } = description;
    this.#medium = medium;
    this.#description = description;
    this.#provisioning = thin
      ? new ProvisioningMap(this.#capacityBytes, blockLengthBytes * 2 ** physicalBlockExponent, medium.blank)
      : null;
    this.#tasks = tasks;
    this.#finish = finish;
  }

  get #capacityBytes(): number {
    return this.#description.capacityBlocks * this.#description.blockLengthBytes;
  }

  /** The medium has grown; from byte `blankFrom` on nothing of what was added takes space. */
  grown(sizeBytes: number, blankFrom: number): void {
    this.#provisioning?.grow(sizeBytes, blankFrom);
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
    if (!this.faults.idle && this.#holdWrite(task, position, lengthBytes, care)) return 'pending';
    if (this.#medium.kind === 'synchronous') {
      return this.#land(task, position, task.dataOut, lengthBytes, care);
    }
    // Data-Out may lie in a receive buffer that is used again when this call is over.
    const data = Uint8Array.from(task.dataOut.subarray(0, lengthBytes));
    return this.#land(task, position, data, lengthBytes, care);
  }

  update(task: Task, extent: Extent, change: Change, care: 'cached' | 'durable'): Verdict {
    if (extent.lengthBytes === 0) return 'good';
    return this.#unlessHeld(task, (data) => this.#updateNow(task, extent, change, data, care));
  }

  fill(task: Task, extent: Extent, block: Uint8Array): Verdict {
    if (extent.lengthBytes === 0) return 'good';
    const repeated = Math.min(extent.lengthBytes, PIECE_BYTES - (PIECE_BYTES % block.length));
    const piece = Buffer.alloc(repeated, block);
    return this.#unlessHeld(task, () => this.#fillNow(task, extent, piece));
  }

  unmap(task: Task, extents: readonly Extent[]): Verdict {
    if (extents.length === 0) return 'good';
    return this.#unlessHeld(task, () => this.#unmapNow(task, extents));
  }

  verify(task: Task, { position, lengthBytes }: Extent, check: Check | null): Verdict {
    const medium = this.#medium;
    if (medium.kind === 'synchronous') {
      if (check === null) return 'good';
      for (const piece of piecesOf(lengthBytes)) {
        const back = Buffer.allocUnsafe(piece.lengthBytes);
        medium.copyTo(back, 0, position + piece.position, piece.lengthBytes);
        const problem = check(back, piece.position, task.dataOut);
        if (problem !== null) return problem;
      }
      return 'good';
    }
    const data = Uint8Array.from(task.dataOut);
    const verified = async (): Promise<Verdict> => {
      for (const piece of piecesOf(lengthBytes)) {
        const back = Buffer.allocUnsafe(piece.lengthBytes);
        await medium.read(position + piece.position, back);
        const problem = check?.(back, piece.position, data);
        if (problem) return problem;
        // Aborted: whoever waits for this task waits for no more than the piece.
        if (!this.#tasks.has(task)) return 'good';
      }
      return 'good';
    };
    return this.#atMedium(task, verified());
  }

  provisioningAt(position: number): ProvisioningExtent {
    return this.#provisioning?.extentAt(position) ?? { deallocated: false, endBytes: this.#capacityBytes };
  }

  synchronizeCache(task: Task): Verdict {
    return this.#medium.kind === 'synchronous'
      ? 'good'
      : this.#atMedium(task, this.#medium.flush().then(good));
  }

  // For operations of the logical unit itself

  async put(position: number, data: Uint8Array): Promise<void> {
    this.#provisioning?.map(position, data.length);
    if (this.#medium.kind === 'synchronous') this.#medium.write(position, data, data.length);
    else await this.#medium.write(position, data, false);
  }

  /** Who waits for the nexus of the task waits for these bytes too. */
  async copyIn(task: Task, position: number, data: Uint8Array): Promise<void> {
    const written = this.put(position, data);
    this.#tasks.trackAtMedium(task, written);
    await written;
  }

  async copyOut(task: Task, { position, lengthBytes }: Extent): Promise<Buffer> {
    const data = Buffer.allocUnsafe(lengthBytes);
    if (this.#medium.kind === 'synchronous') this.#medium.copyTo(data, 0, position, lengthBytes);
    else {
      const read = this.#medium.read(position, data);
      this.#tasks.trackAtMedium(task, read);
      await read;
    }
    return data;
  }

  async erase(extent: Extent): Promise<void> {
    this.#provisioning?.unmap(extent.position, extent.lengthBytes);
    if (this.#medium.kind === 'synchronous') this.#medium.discard([extent]);
    else await this.#discard(this.#medium, [extent]);
  }

  async flush(): Promise<void> {
    if (this.#medium.kind === 'asynchronous') await this.#medium.flush();
  }

  #land(task: Task, position: number, data: Uint8Array, lengthBytes: number, care: WriteCare): Verdict {
    const medium = this.#medium;
    this.#provisioning?.map(position, lengthBytes);
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

  #updateNow(
    task: Task,
    extent: Extent,
    change: Change,
    dataOut: Uint8Array,
    care: 'cached' | 'durable',
  ): Verdict {
    const medium = this.#medium;
    let verdict: Verdict = 'good';
    const changed = (current: Buffer): Uint8Array | null => {
      const outcome = change(current, dataOut);
      if (!(outcome instanceof Uint8Array)) {
        verdict = outcome;
        return null;
      }
      this.#provisioning?.map(extent.position, extent.lengthBytes);
      return outcome;
    };
    if (medium.kind === 'synchronous') {
      const current = Buffer.allocUnsafe(extent.lengthBytes);
      medium.copyTo(current, 0, extent.position, extent.lengthBytes);
      const outcome = changed(current);
      if (outcome !== null) medium.write(extent.position, outcome, extent.lengthBytes);
      return verdict;
    }
    const updated = medium.update(extent, changed, care === 'durable');
    return this.#atMedium(
      task,
      updated.then(() => verdict),
    );
  }

  #fillNow(task: Task, { position, lengthBytes }: Extent, piece: Buffer): Verdict {
    const medium = this.#medium;
    this.#provisioning?.map(position, lengthBytes);
    const writes: Promise<void>[] = [];
    for (let done = 0; done < lengthBytes; done += piece.length) {
      const length = Math.min(piece.length, lengthBytes - done);
      if (medium.kind === 'synchronous') medium.write(position + done, piece, length);
      // All begun in the same turn, so that no other write comes between them.
      else writes.push(medium.write(position + done, piece.subarray(0, length), false));
    }
    return medium.kind === 'synchronous' ? 'good' : this.#atMedium(task, Promise.all(writes).then(good));
  }

  #unmapNow(task: Task, extents: readonly Extent[]): Verdict {
    const medium = this.#medium;
    for (const { position, lengthBytes } of extents) this.#provisioning?.unmap(position, lengthBytes);
    if (medium.kind === 'synchronous') {
      medium.discard(extents);
      return 'good';
    }
    return this.#atMedium(task, this.#discard(medium, extents));
  }

  async #discard(medium: AsynchronousMedium, extents: readonly Extent[]): Promise<'good'> {
    try {
      await medium.discard(extents);
      return 'good';
    } catch (error) {
      // Deallocated blocks read as zero: what may not is mapped.
      for (const { position, lengthBytes } of extents) this.#provisioning?.map(position, lengthBytes);
      throw error;
    }
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

  /** Hands a change to the medium, unless a hold takes it. */
  #unlessHeld(task: Task, land: (dataOut: Uint8Array) => Verdict): Verdict {
    if (!this.faults.idle && this.#hold(task, land)) return 'pending';
    return land(this.#medium.kind === 'synchronous' ? task.dataOut : Uint8Array.from(task.dataOut));
  }

  /** Apart from `write`, which would else pay for the closure with every command. */
  #holdWrite(task: Task, position: number, lengthBytes: number, care: WriteCare): boolean {
    return this.#hold(task, (dataOut) =>
      this.#land(task, position, dataOut.subarray(0, lengthBytes), lengthBytes, care),
    );
  }

  /** A held write is admitted, so its reservation check is behind it, but it is not at the medium: an abort drops it. */
  #hold(task: Task, land: (dataOut: Uint8Array) => Verdict): boolean {
    const data = Uint8Array.from(task.dataOut);
    const write: HeldWrite = {
      nexusId: task.attachment.nexusId,
      proceed: async () => {
        const verdict = land(data);
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

function* piecesOf(lengthBytes: number): Generator<Extent> {
  for (let position = 0; position < lengthBytes; position += PIECE_BYTES) {
    yield { position, lengthBytes: Math.min(PIECE_BYTES, lengthBytes - position) };
  }
}
