import { open, type FileHandle } from 'node:fs/promises';
import type { AsynchronousMedium } from './medium.js';

interface Operation {
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
  readonly settled: Promise<unknown>;
}

/** Blocks in a file. */
export class FileMedium implements AsynchronousMedium {
  readonly kind = 'asynchronous';
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  readonly #underWay = new Set<Operation>();

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  read(position: number, target: Uint8Array): Promise<void> {
    return this.#inOrder(position, target.length, false, async () => {
      let done = 0;
      while (done < target.length) {
        const { bytesRead } = await this.#file.read(target, done, target.length - done, position + done);
        // The file was cut short behind our back.
        if (bytesRead === 0) throw new Error(`the file ends before byte ${position + target.length}`);
        done += bytesRead;
      }
    });
  }

  write(position: number, data: Uint8Array, durable: boolean): Promise<void> {
    return this.#inOrder(position, data.length, true, async () => {
      let done = 0;
      while (done < data.length) {
        const { bytesWritten } = await this.#file.write(data, done, data.length - done, position + done);
        done += bytesWritten;
      }
      if (durable) await this.#file.datasync();
    });
  }

  flush(): Promise<void> {
    return this.#inOrder(0, this.sizeBytes, true, () => this.#file.sync());
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#underWay].map(({ settled }) => settled));
    await this.#file.close();
  }

  #inOrder(start: number, lengthBytes: number, writes: boolean, act: () => Promise<void>): Promise<void> {
    const end = start + lengthBytes;
    const before = [...this.#underWay].filter(
      (other) => (writes || other.writes) && other.start < end && start < other.end,
    );
    const work =
      before.length === 0 ? act() : Promise.allSettled(before.map(({ settled }) => settled)).then(act);
    const operation: Operation = { start, end, writes, settled: work };
    this.#underWay.add(operation);
    const over = (): void => {
      this.#underWay.delete(operation);
    };
    work.then(over, over);
    return work;
  }
}

/** Opens the file of a logical unit. Rejects with one line that says which file and why. */
export async function openFileMedium(path: string, access: 'read' | 'readWrite'): Promise<FileMedium> {
  try {
    const file = await open(path, access === 'read' ? 'r' : 'r+');
    const { size } = await file.stat();
    return new FileMedium(file, size);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`file ${path} of a logical unit cannot be opened: ${reason}`, { cause: error });
  }
}
