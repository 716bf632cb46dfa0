import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** The file system, as far as a capture needs it. */
export interface CaptureFileSystem {
  /** Creates the file, or empties it. */
  open(path: string): number;
  /** Returns how many bytes were written. */
  write(file: number, bytes: Buffer): number;
  truncate(file: number, lengthBytes: number): void;
  close(file: number): void;
}

const systemFiles: CaptureFileSystem = {
  open: (path) => openSync(path, 'w', 0o600),
  write: (file, bytes) => writeSync(file, bytes),
  truncate: ftruncateSync,
  close: closeSync,
};

export interface CaptureFilesOptions {
  readonly path: string;
  /** No file grows beyond; absent: one file of any size. */
  readonly sizeBytesMax?: number | undefined;
  /** After so many files the first is overwritten; absent: any number. */
  readonly filesMax?: number | undefined;
  /** What each file begins with. */
  readonly begin: Buffer;
  /** One line for whoever runs the target. */
  readonly warn: (line: string) => void;
  readonly files?: CaptureFileSystem;
}

/** So much waits at most before it is written. */
const PENDING_BYTES_MAX = 262_144;

/**
 * The files of a capture: `path`, then `path.1`, `path.2`, ... as each is full. Blocks are written soon, in one go for each
 * round of the event loop, and before the process goes on: what was answered longer ago is in the file whatever
 * becomes of the process. An error ends the capture with one warning, and cuts the file to whole blocks.
 */
export class CaptureFiles {
  readonly #options: CaptureFilesOptions;
  readonly #files: CaptureFileSystem;
  #file: number | null = null;
  #index = 0;
  /** Bytes of whole blocks in the file, and those that wait. */
  #writtenBytes = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writeScheduled = false;

  /** Opens the first file. Throws an Error with one line for the user where it cannot be written. */
  constructor(options: CaptureFilesOptions) {
    this.#options = options;
    this.#files = options.files ?? systemFiles;
    try {
      this.#begin(0);
    } catch (cause) {
      this.#letGo();
      throw new Error(`capture file ${options.path} cannot be written: ${reasonOf(cause)}`, { cause });
    }
  }

  /** False once the capture has ended. */
  get isOpen(): boolean {
    return this.#file !== null;
  }

  /** Adds a whole block, which is not divided between files. */
  append(block: Buffer): void {
    const { sizeBytesMax, begin } = this.#options;
    const fileBytes = this.#writtenBytes + this.#pendingBytes;
    if (
      sizeBytesMax !== undefined &&
      fileBytes + block.length > sizeBytesMax &&
      fileBytes > begin.length &&
      !this.#next()
    ) {
      return;
    }
    if (this.#file === null) return;
    this.#pending.push(block);
    this.#pendingBytes += block.length;
    if (this.#pendingBytes >= PENDING_BYTES_MAX) this.#writePending();
    else if (!this.#writeScheduled) {
      this.#writeScheduled = true;
      setImmediate(() => {
        this.#writeScheduled = false;
        this.#writePending();
      });
    }
  }

  close(): void {
    this.#writePending();
    this.#letGo();
  }

  /** True: the next file is there. */
  #next(): boolean {
    this.#writePending();
    if (this.#file === null) return false;
    const { filesMax = Infinity } = this.#options;
    const index = this.#index + 1 < filesMax ? this.#index + 1 : 0;
    try {
      this.#files.close(this.#file);
      this.#file = null;
      this.#begin(index);
      return true;
    } catch (error) {
      this.#fail(this.#pathOf(index), error);
      return false;
    }
  }

  #begin(index: number): void {
    this.#index = index;
    this.#writtenBytes = 0;
    this.#file = this.#files.open(this.#pathOf(index));
    this.#write(this.#file, this.#options.begin);
  }

  #writePending(): void {
    if (this.#file === null || this.#pending.length === 0) return;
    const bytes = this.#pending.length === 1 ? this.#pending[0] : undefined;
    const all = bytes ?? Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      this.#write(this.#file, all);
    } catch (error) {
      this.#fail(this.#pathOf(this.#index), error);
    }
  }

  #write(file: number, bytes: Buffer): void {
    for (let start = 0; start < bytes.length;) start += this.#files.write(file, bytes.subarray(start));
    this.#writtenBytes += bytes.length;
  }

  #fail(path: string, error: unknown): void {
    if (this.#file !== null) {
      try {
        this.#files.truncate(this.#file, this.#writtenBytes);
      } catch {
        // It is the last block that is not whole then; the warning says that the file ends there.
      }
    }
    this.#letGo();
    this.#options.warn(`capture ended at ${path}: ${reasonOf(error)}; the target goes on without`);
  }

  #letGo(): void {
    const file = this.#file;
    this.#file = null;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (file === null) return;
    try {
      this.#files.close(file);
    } catch {
      // Whatever could be kept of it is there.
    }
  }

  #pathOf(index: number): string {
    return index === 0 ? this.#options.path : `${this.#options.path}.${index}`;
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'the quota is used up'],
  ['EFBIG', 'it may not grow any further'],
  ['EACCES', 'permission denied'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'there is no such directory'],
  ['ENOTDIR', 'a part of its path is no directory'],
  ['EISDIR', 'it is a directory'],
]);

function reasonOf(error: unknown): string {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  return REASONS.get(code) ?? code;
}
