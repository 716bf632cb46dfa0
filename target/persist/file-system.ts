import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';

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
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
  },
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
