import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { userInfo } from 'node:os';
import { NEXUS_LOCK_WAIT_MS } from '../limits.js';
import { DeviceOpenError, messageOf } from './errors.js';
import { nexusIdentityName } from './nexus-identity.js';
import type { NexusIdentity } from './nexus-identity.js';

/** Held while this process owns the session of a nexus. */
export interface NexusLock {
  release(): void;
}

export interface NexusLockOptions {
  /** How long to wait for another process. Default NEXUS_LOCK_WAIT_MS. */
  readonly waitMs?: number;
}

/**
 * One process at a time owns the session of a nexus: a second login with its ISID would reinstate the session
 * (RFC 7143 6.3.5), which ends the commands of the first. The lock is a listening socket in Linux's abstract
 * namespace: binding is atomic, the kernel frees the name when its holder ends, however it ends, and a process that
 * waits is connected to the holder and sees at once that it is gone. There is nothing to clean up and nothing stale.
 */
export async function lockNexus(identity: NexusIdentity, options: NexusLockOptions = {}): Promise<NexusLock> {
  const waitMs = options.waitMs ?? NEXUS_LOCK_WAIT_MS;
  const address = lockAddress(identity);
  const giveUp = AbortSignal.timeout(waitMs);
  let holder = 'another process';
  for (;;) {
    const lock = await tryLock(address);
    if (lock !== undefined) return lock;
    if (giveUp.aborted) {
      throw new DeviceOpenError(
        'EBUSY',
        `${holder} owns the session of ${nexusIdentityName(identity)}; gave up after ${waitMs / 1000} s`,
      );
    }
    holder = (await holderIsGone(address, giveUp)) ?? holder;
  }
}

/** Names are per user: another user's processes log in for themselves, as on two hosts. */
function lockAddress(identity: NexusIdentity): string {
  const digest = createHash('sha256').update(nexusIdentityName(identity)).digest('hex');
  return `\0fencelab-nexus-${userInfo().uid}-${digest.slice(0, 40)}`;
}

async function tryLock(address: string): Promise<NexusLock | undefined> {
  const waiters = new Set<Socket>();
  const server = createServer((waiter) => {
    waiters.add(waiter.unref());
    waiter.on('error', () => waiter.destroy());
    waiter.on('close', () => waiters.delete(waiter));
    waiter.write(`process ${process.pid}`);
  });
  if (!(await listens(server, address))) return undefined;
  // A tool that ends without release must end all the same.
  server.unref();
  return {
    release: () => {
      server.close();
      for (const waiter of waiters) waiter.destroy();
    },
  };
}

async function listens(server: Server, address: string): Promise<boolean> {
  server.listen(address);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw new DeviceOpenError('EIO', `cannot lock the nexus (Linux is needed): ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Settles when the holder ended or released, or at `giveUp`; yields who it said it was. */
async function holderIsGone(address: string, giveUp: AbortSignal): Promise<string | undefined> {
  let holder: string | undefined;
  const socket = connect(address);
  const end = (): void => void socket.destroy();
  giveUp.addEventListener('abort', end, { once: true });
  socket.on('data', (greeting) => (holder = greeting.toString('latin1')));
  // Refused: it went between our attempt to bind and this one.
  socket.on('error', end);
  await new Promise((resolve) => socket.once('close', resolve));
  giveUp.removeEventListener('abort', end);
  return holder;
}
