import {
  copyAborted,
  internalTargetFailure,
  OPERATION_CODE,
  type ItNexusId,
  type Sense,
} from '../../protocol/index.js';
import type {
  CopyDevice,
  CopyOperations,
  CopyPlan,
  CopySegment,
  CopyStatus,
  Verdict,
} from '../commands/command.js';
import { COPY_PIECE_BYTES } from './limits.js';
import type { TaskSet } from './task-set.js';
import type { Task } from './task.js';

export interface CopyManagerParts {
  readonly tasks: TaskSet;
  /** Ends a task that was pending, unless it was aborted meanwhile. */
  readonly finish: (task: Task, verdict: Verdict) => void;
}

type Progress = { -readonly [K in keyof CopyStatus]: CopyStatus[K] };
type Cdb = Uint8Array;

const READ_CDB: Cdb = Uint8Array.of(OPERATION_CODE.read16);
const WRITE_CDB: Cdb = Uint8Array.of(OPERATION_CODE.write16);
/** ASC and ASCQ with COPY ABORTED (SPC-4 6.4.6). */
const unreachableCopyTarget = (): Sense => copyAborted(0x08, 0x04);
const thirdPartyDeviceFailure = (): Sense => copyAborted(0x0d, 0x01);
const copyTargetNotReachable = (): Sense => copyAborted(0x0d, 0x02);
const unexpectedInexactSegment = (): Sense => copyAborted(0x26, 0x0a);
const beyondTheEnd = (): Sense => copyAborted(0x00, 0x00);

/** What waits at the event loop goes first, a fence for one: media in memory would never let it. */
const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Copies between the logical units that a nexus sees, for EXTENDED COPY. Every piece is refused where a READ and a WRITE
 * of that nexus would be: reservations, access states and write protection of both logical units hold, also when they
 * come while the copy is under way. `holdWrites` takes no piece: it holds commands of the logical unit that they are for.
 */
export class CopyManager implements CopyOperations {
  readonly #parts: CopyManagerParts;
  /** By list identifier. */
  readonly #statuses = new Map<ItNexusId, Map<number, Progress>>();

  constructor(parts: CopyManagerParts) {
    this.#parts = parts;
  }

  begin(task: Task, { listIdentifier, segments }: CopyPlan): Verdict {
    const { tasks, finish } = this.#parts;
    const progress: Progress = { state: 'running', segmentsProcessed: 0, copiedBytes: 0 };
    if (listIdentifier !== null) this.#statusesOf(task.attachment.nexusId).set(listIdentifier, progress);
    tasks.add(task);
    const work = this.#copyAll(task, segments, progress).catch(internalTargetFailure);
    tasks.trackAtMedium(task, work);
    void work.then((verdict) => {
      progress.state = verdict === 'good' ? 'good' : 'failed';
      finish(task, verdict);
    });
    return 'pending';
  }

  statusOf(nexusId: ItNexusId, listIdentifier: number): CopyStatus | undefined {
    return this.#statuses.get(nexusId)?.get(listIdentifier);
  }

  forget(nexusId: ItNexusId): void {
    this.#statuses.delete(nexusId);
  }

  forgetAll(): void {
    this.#statuses.clear();
  }

  #statusesOf(nexusId: ItNexusId): Map<number, Progress> {
    const known = this.#statuses.get(nexusId);
    if (known !== undefined) return known;
    const statuses = new Map<number, Progress>();
    this.#statuses.set(nexusId, statuses);
    return statuses;
  }

  async #copyAll(task: Task, segments: readonly CopySegment[], progress: Progress): Promise<'good' | Sense> {
    for (const segment of segments) {
      const problem = await this.#copy(task, segment, progress);
      if (problem !== null) return problem;
      progress.segmentsProcessed++;
    }
    return 'good';
  }

  async #copy(task: Task, segment: CopySegment, progress: Progress): Promise<Sense | null> {
    const { source, destination } = segment;
    if (source === 'notThere' || destination === 'notThere') return unreachableCopyTarget();
    if (source === 'notReachable' || destination === 'notReachable') return copyTargetNotReachable();
    const range = rangeOf(segment, source, destination);
    if (!('lengthBytes' in range)) return range;
    for (let done = 0; done < range.lengthBytes; done += COPY_PIECE_BYTES) {
      // Never before the first: a copy of one piece is as much one turn as a WRITE is.
      if (progress.copiedBytes > 0) await turnOfTheLoop();
      // Aborted: nothing more is written.
      if (!this.#parts.tasks.has(task)) return thirdPartyDeviceFailure();
      const length = Math.min(COPY_PIECE_BYTES, range.lengthBytes - done);
      const unreadable = problemAt(source, READ_CDB, task);
      if (unreadable !== null) return unreadable;
      const data = await source.blocks.copyOut(task, { position: range.from + done, lengthBytes: length });
      if (!this.#parts.tasks.has(task) || destination.writeProtected) return thirdPartyDeviceFailure();
      const unwritable = problemAt(destination, WRITE_CDB, task);
      if (unwritable !== null) return unwritable;
      await destination.blocks.copyIn(task, range.to + done, data);
      progress.copiedBytes += length;
    }
    return null;
  }
}

/** Asked anew for each piece, since all of it may change between two. */
function problemAt(device: CopyDevice, cdb: Cdb, task: Task): Sense | null {
  if (device.isRemoved) return copyTargetNotReachable();
  const row = device.commands.find(cdb);
  return typeof row === 'string' || device.refusalOf(row, task) !== null ? thirdPartyDeviceFailure() : null;
}

function rangeOf(
  { sourceLba, destinationLba, blocks, countsDestinationBlocks }: CopySegment,
  source: CopyDevice,
  destination: CopyDevice,
): { readonly from: number; readonly to: number; readonly lengthBytes: number } | Sense {
  const [of, other] = countsDestinationBlocks ? [destination, source] : [source, destination];
  const lengthBytes = blocks * of.description.blockLengthBytes;
  if (lengthBytes % other.description.blockLengthBytes !== 0) return unexpectedInexactSegment();
  if (!isWithin(source, sourceLba, lengthBytes) || !isWithin(destination, destinationLba, lengthBytes)) {
    return beyondTheEnd();
  }
  const from = Number(sourceLba) * source.description.blockLengthBytes;
  return { from, to: Number(destinationLba) * destination.description.blockLengthBytes, lengthBytes };
}

const isWithin = ({ description }: CopyDevice, lba: bigint, lengthBytes: number): boolean =>
  lba + BigInt(lengthBytes / description.blockLengthBytes) <= BigInt(description.capacityBlocks);
