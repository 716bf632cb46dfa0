import { SCSI_STATUS, scsiStatusName, SENSE_KEY, type LogicalUnitPath } from '../../protocol/index.js';
import { LogicalUnit, type CommandResult } from '../../initiator/index.js';
import { encodeRecord, slotLba } from '../oracle/record.js';
import { PLACEMENT, RECORD_LENGTH_BYTES, type BlockImage, type WriteIdentity } from '../oracle/types.js';

/** Which application of a package this is, and what it writes to. */
export interface ApplicationSpec {
  readonly packageName: string;
  readonly node: string;
  readonly incarnation: number;
  /** A failover package overwrites shared blocks; instances of a multi-node package keep to their slots. */
  readonly sharesBlocks: boolean;
  readonly luns: readonly number[];
}

/** What an application tells of itself. */
export type ApplicationReport =
  | { readonly type: 'writeIssued'; readonly write: WriteIdentity }
  | { readonly type: 'writeAcknowledged'; readonly write: WriteIdentity }
  | { readonly type: 'writeRefused'; readonly write: WriteIdentity }
  | { readonly type: 'writeFailed'; readonly write: WriteIdentity; readonly reason: string };

/** How many writes a transaction of an application is. */
export function writesPerTransaction({ luns, sharesBlocks }: ApplicationSpec): number {
  return luns.length * (sharesBlocks ? 2 : 1);
}

/** Attentions that a kernel swallows before it gives a command up. */
const ATTENTION_RETRIES_MAX = 3;
/** Blocks that recovery reads at once. */
const READ_BLOCKS_MAX = 64;

/**
 * The application that a package runs, whatever it runs in: each transaction writes, on every LUN, one slot of its own
 * and one shared block. A write goes down the first path that carries it. RESERVATION CONFLICT is final, a unit
 * attention is not.
 */
export class Application {
  readonly #spec: ApplicationSpec;
  readonly #paths: ReadonlyMap<number, readonly LogicalUnitPath[]>;
  readonly #report: (report: ApplicationReport) => void;
  #sequence = 0;
  #transactions = 0;
  #last = Promise.resolve();

  /** `paths`: the ways to each LUN, by LUN number, in the order in which they are tried. */
  constructor(
    spec: ApplicationSpec,
    paths: ReadonlyMap<number, readonly LogicalUnitPath[]>,
    report: (report: ApplicationReport) => void,
  ) {
    this.#spec = spec;
    this.#paths = paths;
    this.#report = report;
  }

  /** Carries out `count` transactions, each write after the answer to the one before. */
  transact(count: number): Promise<void> {
    this.#last = this.#last.then(() => this.#transactNow(count));
    return this.#last;
  }

  async #transactNow(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const transaction = this.#transactions++;
      for (const lun of this.#spec.luns) {
        await this.#write('slot', lun, slotLba(this.#spec.incarnation, transaction));
        if (this.#spec.sharesBlocks) await this.#write('shared', lun, transaction % PLACEMENT.sharedBlocks);
      }
    }
  }

  /** What recovery reads of a LUN: the shared blocks and the slots of incarnations 1 to `incarnations`. */
  recover(lun: number, incarnations: number): Promise<readonly BlockImage[]> {
    return readPlacement(this.#pathsOf(lun), incarnations);
  }

  async close(): Promise<void> {
    for (const paths of this.#paths.values()) for (const path of paths) await path.close();
  }

  #pathsOf(lun: number): readonly LogicalUnitPath[] {
    return this.#paths.get(lun) ?? [];
  }

  async #write(kind: WriteIdentity['kind'], lun: number, lba: number): Promise<void> {
    const { packageName, node, incarnation } = this.#spec;
    const write = { packageName, node, incarnation, sequence: ++this.#sequence, kind, lun, lba };
    const record = encodeRecord(write);
    this.#report({ type: 'writeIssued', write });
    try {
      const result = await onSomePath(this.#pathsOf(lun), (unit) =>
        unit.write(BigInt(lba), record, RECORD_LENGTH_BYTES),
      );
      if (result.good) this.#report({ type: 'writeAcknowledged', write });
      else if (result.status === SCSI_STATUS.reservationConflict)
        this.#report({ type: 'writeRefused', write });
      else this.#report({ type: 'writeFailed', write, reason: scsiStatusName(result.status) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report({ type: 'writeFailed', write, reason });
    }
  }
}

/** Reads the shared blocks of a LUN and the slots of incarnations 1 to `incarnations`. */
export async function readPlacement(
  paths: readonly LogicalUnitPath[],
  incarnations: number,
): Promise<readonly BlockImage[]> {
  const shared = await readBlocks(paths, 0, PLACEMENT.sharedBlocks);
  const slots = await readBlocks(
    paths,
    PLACEMENT.slotsFromLba,
    Math.min(incarnations, PLACEMENT.incarnationsMax) * PLACEMENT.slotsPerIncarnation,
  );
  return [...shared, ...slots];
}

async function readBlocks(
  paths: readonly LogicalUnitPath[],
  firstLba: number,
  count: number,
): Promise<BlockImage[]> {
  const images: BlockImage[] = [];
  for (let done = 0; done < count; done += READ_BLOCKS_MAX) {
    const blocks = Math.min(READ_BLOCKS_MAX, count - done);
    const result = await onSomePath(paths, (unit) =>
      unit.read(BigInt(firstLba + done), blocks, RECORD_LENGTH_BYTES),
    );
    const data = result.value;
    if (data?.length !== blocks * RECORD_LENGTH_BYTES) {
      throw new Error(`READ of block ${firstLba + done}: ${scsiStatusName(result.status)}`);
    }
    for (let block = 0; block < blocks; block++) {
      const start = block * RECORD_LENGTH_BYTES;
      images.push({ lba: firstLba + done + block, bytes: data.slice(start, start + RECORD_LENGTH_BYTES) });
    }
  }
  return images;
}

/** Sends down the first path that carries it: the next is tried only where no status came back. */
export async function onSomePath<T>(
  paths: readonly LogicalUnitPath[],
  send: (unit: LogicalUnit) => Promise<CommandResult<T>>,
): Promise<CommandResult<T>> {
  let lost: unknown = new Error('there is no path');
  for (const path of paths) {
    try {
      return await pastAttentions(() => send(new LogicalUnit(path)));
    } catch (error) {
      lost = error;
    }
  }
  throw lost;
}

/** Sends a command again while it meets a unit attention, a few times. */
export async function pastAttentions<T>(send: () => Promise<CommandResult<T>>): Promise<CommandResult<T>> {
  let result = await send();
  for (let again = 0; again < ATTENTION_RETRIES_MAX && isAttention(result); again++) result = await send();
  return result;
}

function isAttention({ status, senseData }: CommandResult<unknown>): boolean {
  return status === SCSI_STATUS.checkCondition && senseData?.key === SENSE_KEY.unitAttention;
}
