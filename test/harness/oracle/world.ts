import { encodeRecord, slotLba } from '../../../harness/oracle/record.js';
import {
  PLACEMENT,
  RECORD_LENGTH_BYTES,
  type BlockImage,
  type BlockKind,
  type HistoryEvent,
  type HistoryHappening,
  type WriteIdentity,
} from '../../../harness/oracle/types.js';

/**
 * A medium and its writers in a few lines: what a test does to it becomes a history. What is issued, what lands and
 * what the writer learns are three separate steps, so that a test can put them in any order.
 */
export class World {
  readonly history: HistoryEvent[] = [];
  readonly medium = new Map<string, Uint8Array>();
  readonly #sequences = new Map<number, number>();
  readonly #packageName: string;
  #at = 0;

  constructor(packageName = 'pkg1') {
    this.#packageName = packageName;
  }

  tell(happening: HistoryHappening): void {
    this.#at += 10;
    this.history.push({ at: this.#at, packageName: this.#packageName, ...happening });
  }

  pass(milliseconds: number): void {
    this.#at += milliseconds;
  }

  start(incarnation: number, node = `node${incarnation}`): void {
    this.tell({ type: 'incarnationStarted', incarnation, node });
  }

  issue(incarnation: number, kind: BlockKind, index: number, lun = 0): WriteIdentity {
    const sequence = (this.#sequences.get(incarnation) ?? 0) + 1;
    this.#sequences.set(incarnation, sequence);
    const write: WriteIdentity = {
      packageName: this.#packageName,
      node: `node${incarnation}`,
      incarnation,
      sequence,
      kind,
      lun,
      lba: kind === 'shared' ? index % PLACEMENT.sharedBlocks : slotLba(incarnation, index),
    };
    this.tell({ type: 'writeIssued', write });
    return write;
  }

  land(write: WriteIdentity, bytes: Uint8Array = encodeRecord(write)): void {
    this.medium.set(`${write.lun}/${write.lba}`, bytes);
  }

  acknowledge(write: WriteIdentity): void {
    this.tell({ type: 'writeAcknowledged', write });
  }

  refuse(write: WriteIdentity): void {
    this.tell({ type: 'writeRefused', write });
  }

  /** Issued, landed and acknowledged. */
  write(incarnation: number, kind: BlockKind, index: number, lun = 0): WriteIdentity {
    const write = this.issue(incarnation, kind, index, lun);
    this.land(write);
    this.acknowledge(write);
    return write;
  }

  fence(by: number, fenced: readonly number[], lun = 0): void {
    this.tell({ type: 'fencePoint', lun, by, fenced });
  }

  recover(by: number, lun = 0): void {
    this.tell({ type: 'recoveryRead', lun, by, blocks: this.#read(lun) });
  }

  finish(lun = 0): void {
    this.tell({ type: 'finalRead', lun, blocks: this.#read(lun) });
  }

  /** The first slots of each incarnation are enough here: tests use no others. */
  #read(lun: number): BlockImage[] {
    const lbas = [0, 1, 2, 3];
    for (let incarnation = 1; incarnation <= 4; incarnation++) {
      for (let index = 0; index < 4; index++) lbas.push(slotLba(incarnation, index));
    }
    return lbas.map((lba) => ({
      lba,
      bytes: this.medium.get(`${lun}/${lba}`) ?? new Uint8Array(RECORD_LENGTH_BYTES),
    }));
  }
}
