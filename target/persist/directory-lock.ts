import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { StateStoreError } from './state-store.js';

/** Held while a target uses its state directory. */
export interface StateDirectoryLock {
  release(): Promise<void>;
}

/**
 * One target at a time uses a state directory: a second one would start from what the first is about to replace. The
 * lock is a listening socket in Linux's abstract namespace, named after the directory itself and not after its path:
 * binding is atomic, and the kernel frees the name when its holder ends, however it ends. Rejects with
 * `StateStoreError` where another target holds it.
 */
export async function lockStateDirectory(directory: string): Promise<StateDirectoryLock> {
  const server = createServer((caller) => {
    caller.destroy();
  });
  try {
    const { dev, ino } = await stat(directory, { bigint: true });
    server.listen(`\0fencelab-state-${dev}-${ino}`);
    await once(server, 'listening');
  } catch (error) {
    throw new StateStoreError(problemWith(directory, error), { cause: error });
  }
  // The lock alone keeps no process running.
  server.unref();
  return { release: () => closed(server) };
}

function problemWith(directory: string, error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `state directory ${directory} is in use by another target`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `state directory ${directory} cannot be locked (Linux is needed): ${reason}`;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const over = once(server, 'close');
  server.close();
  await over;
}
