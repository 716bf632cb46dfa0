import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** The few file operations that the state directory needs; given from outside, so that each can be made to fail. */
export interface StateFileSystem {
  /** Makes a directory and those above it; one that exists is fine. */
  makeDirectory(path: string): Promise<void>;
  /** The content of a file; undefined if there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Creates a file, or empties one that exists, for writing. */
  create(path: string): Promise<StateFileHandle>;
  /** Atomic within a directory: the old file or the new one is there at any time. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; one that does not exist is fine. */
  remove(path: string): Promise<void>;
  /** Makes what was created, renamed and removed in a directory durable. */
  syncDirectory(path: string): Promise<void>;
}

export interface StateFileHandle {
  write(content: Uint8Array): Promise<void>;
  /** Resolves when the content is on the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const nodeFileSystem: StateFileSystem = {
  makeDirectory,
  read: async (path) => {
    try {
      return await readFile(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  create: async (path) => {
    const handle = await open(path, 'w', 0o600);
    return {
      write: (content) => handle.writeFile(content),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  syncDirectory: async (path) => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/**
 * One level after the other: where nothing can be made below a folder that exists, as in /proc, Node's own recursive
 * mkdir tries for ever.
 */
async function makeDirectory(path: string): Promise<void> {
  const whole = resolve(path);
  try {
    await makeOne(whole);
  } catch (error) {
    const parent = dirname(whole);
    if (!isMissing(error) || parent === whole) throw error;
    await makeDirectory(parent);
    await makeOne(whole);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!(await stat(path)).isDirectory()) throw new Error(`${path} is no directory`, { cause: error });
  }
}

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;
