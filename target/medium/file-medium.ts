import { constants, type BigIntStats, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { AsynchronousMedium, Extent } from './medium.js';
import { punchHole } from './punch-hole.js';

interface Operation {
  readonly start: number;
  readonly end: number;
  readonly writes: boolean;
  readonly settled: Promise<unknown>;
}

/** Less than a block of a file system gives no space back. */
const HOLE_BYTES_MIN = 4096;
/** Zeros are written in pieces. */
const ZEROS = Buffer.alloc(1024 * 1024);

interface FileState {
  /** The same for every name and every open of one file. */
  readonly identity: string;
  readonly sizeBytes: number;
  /** The file is one hole. */
  readonly blank: boolean;
  readonly writable: boolean;
}

/** Blocks in a file. */
export class FileMedium implements AsynchronousMedium {
  readonly kind = 'asynchronous';
  readonly identity: string;
  sizeBytes: number;
  readonly blank: boolean;
  /** Resolves when the file is closed. */
  readonly closed: Promise<void>;
  #tellClosed: (() => void) | undefined;
  readonly #file: FileHandle;
  readonly #writable: boolean;
  readonly #underWay = new Set<Operation>();
  /** Until it is seen that it cannot be done here. */
  #holesCanBePunched = true;

  constructor(file: FileHandle, { identity, sizeBytes, blank, writable }: FileState) {
    this.#file = file;
    this.identity = identity;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
    this.sizeBytes = sizeBytes;
    this.blank = blank;
    this.#writable = writable;
  }

  read(position: number, target: Uint8Array): Promise<void> {
    return this.#inOrder(position, target.length, false, () => this.#readNow(position, target));
  }

  write(position: number, data: Uint8Array, durable: boolean): Promise<void> {
    return this.#inOrder(position, data.length, true, () => this.#writeNow(position, data, durable));
  }

  update(
    { position, lengthBytes }: Extent,
    change: (current: Buffer) => Uint8Array | null,
    durable: boolean,
  ): Promise<void> {
    return this.#inOrder(position, lengthBytes, true, async () => {
      const current = Buffer.allocUnsafe(lengthBytes);
      await this.#readNow(position, current);
      const changed = change(current);
      if (changed !== null) await this.#writeNow(position, changed, durable);
    });
  }

  discard(extents: readonly Extent[]): Promise<void> {
    const start = Math.min(...extents.map(({ position }) => position));
    const end = Math.max(...extents.map(({ position, lengthBytes }) => position + lengthBytes));
    return this.#inOrder(start, end - start, true, async () => {
      for (const extent of extents) await this.#discardNow(extent);
    });
  }

  /** A file that somebody made longer before keeps what it has; it is never cut. */
  grow(sizeBytes: number): Promise<number> {
    return this.#inOrder(0, sizeBytes, true, async () => {
      const { size } = await this.#file.stat();
      if (size > sizeBytes) throw new RangeError(`its file has ${size} bytes: expected so many or more`);
      if (size < sizeBytes) {
        if (!this.#writable) throw new RangeError(`its file is read only and has ${size} bytes`);
        await this.#file.truncate(sizeBytes);
        await this.#file.sync();
      }
      this.sizeBytes = sizeBytes;
      return size;
    });
  }

  flush(): Promise<void> {
    return this.#inOrder(0, this.sizeBytes, true, () => this.#file.sync());
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#underWay].map(({ settled }) => settled));
    try {
      await this.#file.close();
    } finally {
      this.#tellClosed?.();
    }
  }

  async #readNow(position: number, target: Uint8Array): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await this.#file.read(target, done, target.length - done, position + done);
      // The file was cut short behind our back.
      if (bytesRead === 0) throw new Error(`the file ends before byte ${position + target.length}`);
      done += bytesRead;
    }
  }

  async #writeNow(position: number, data: Uint8Array, durable: boolean): Promise<void> {
    let done = 0;
    while (done < data.length) {
      const { bytesWritten } = await this.#file.write(data, done, data.length - done, position + done);
      done += bytesWritten;
    }
    if (durable) await this.#file.datasync();
  }

  async #discardNow(extent: Extent): Promise<void> {
    if (this.#holesCanBePunched && extent.lengthBytes >= HOLE_BYTES_MIN) {
      if (await punchHole(this.#file, extent)) return;
      this.#holesCanBePunched = false;
    }
    const end = extent.position + extent.lengthBytes;
    for (let at = extent.position; at < end; at += ZEROS.length) {
      await this.#writeNow(at, ZEROS.subarray(0, end - at), false);
    }
  }

  #inOrder<T>(start: number, lengthBytes: number, writes: boolean, act: () => Promise<T>): Promise<T> {
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

/**
 * Opens the file of a logical unit, which must be a regular one: a pipe or a terminal may keep whoever opens it waiting for
 * ever, and opening some devices does something to them. Rejects with one line that says which file and why.
 */
export async function openFileMedium(path: string, access: 'read' | 'readWrite'): Promise<FileMedium> {
  const writable = access === 'readWrite';
  let file: FileHandle | undefined;
  try {
    refuseIrregular(await stat(path));
    // What is behind the path may be another file by now.
    file = await open(path, (writable ? constants.O_RDWR : constants.O_RDONLY) | constants.O_NONBLOCK);
    const found = await file.stat({ bigint: true });
    refuseIrregular(found);
    return new FileMedium(file, {
      identity: `${found.dev}:${found.ino}`,
      sizeBytes: Number(found.size),
      blank: found.blocks === 0n,
      writable,
    });
  } catch (error) {
    await file?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`file ${path} of a logical unit cannot be opened: ${reason}`, { cause: error });
  }
}

function refuseIrregular(found: Stats | BigIntStats): void {
  if (!found.isFile()) throw new Error(`expected a regular file, found ${kindOf(found)}`);
}

function kindOf(found: Stats | BigIntStats): string {
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
