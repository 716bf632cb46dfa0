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
  /** Who takes the lock to keep it, and how its users reach it: whoever meets it does not wait. */
  readonly host?: HostAddress;
  /** The machine that this process stands for: another one does not see its locks. Default: one for all. */
  readonly machine?: string;
}

/** Where a host serves the devices of its nexus. */
export interface HostAddress {
  readonly socketPath: string;
  readonly devices: readonly string[];
}

/** What the holder of a lock says of itself to those who meet it: one line of JSON. */
interface Holder {
  readonly pid: number;
  readonly host?: HostAddress;
}

/**
 * One process at a time owns the session of a nexus: a second login with its ISID would reinstate the session
 * (RFC 7143 6.3.5), which ends the commands of the first. The lock is a listening socket in Linux's abstract
 * namespace: binding is atomic, the kernel frees the name when its holder ends, however it ends, and a process that
 * waits is connected to the holder and sees at once that it is gone. There is nothing to clean up and nothing stale.
 */
export async function lockNexus(identity: NexusIdentity, options: NexusLockOptions = {}): Promise<NexusLock> {
  const waitMs = options.waitMs ?? NEXUS_LOCK_WAIT_MS;
  const address = lockAddress(identity, options.machine);
  const self: Holder = {
    pid: process.pid,
    ...(options.host === undefined ? {} : { host: options.host }),
  };
  const giveUp = AbortSignal.timeout(waitMs);
  let holder: Holder | undefined;
  for (;;) {
    const lock = await tryLock(address, self);
    if (lock !== undefined) return lock;
    if (holder?.host !== undefined) throw ownedByHost(identity, holder.pid, holder.host);
    if (giveUp.aborted) {
      const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
      throw new DeviceOpenError(
        'EBUSY',
        `${who} owns the session of ${nexusIdentityName(identity)}; gave up after ${waitMs / 1000} s`,
      );
    }
    holder = (await holderIsGone(address, giveUp)) ?? holder;
  }
}

/** A host keeps its session as long as it runs, so that there is nothing to wait for. */
function ownedByHost(identity: NexusIdentity, pid: number, host: HostAddress): DeviceOpenError {
  return new DeviceOpenError(
    'EBUSY',
    `a host, process ${pid}, owns the session of ${nexusIdentityName(identity)}; go through it: a name in the ` +
      `device map with socket: ${host.socketPath} and device: ${host.devices.join(' or ')}`,
  );
}

/** Names are per user: another user's processes log in for themselves, as on two hosts. */
function lockAddress(identity: NexusIdentity, machine = ''): string {
  const digest = createHash('sha256')
    .update(`${machine}\0${nexusIdentityName(identity)}`)
    .digest('hex');
  return `\0fencelab-nexus-${userInfo().uid}-${digest.slice(0, 40)}`;
}

async function tryLock(address: string, self: Holder): Promise<NexusLock | undefined> {
  const waiters = new Set<Socket>();
  const server = createServer((waiter) => {
    waiters.add(waiter.unref());
    waiter.on('error', () => waiter.destroy());
    waiter.on('close', () => waiters.delete(waiter));
    waiter.write(`${JSON.stringify(self)}\n`);
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

/** Settles when the holder ended or released, has said that it is a host, or at `giveUp`; yields who it said it was. */
async function holderIsGone(address: string, giveUp: AbortSignal): Promise<Holder | undefined> {
  let said = '';
  let holder: Holder | undefined;
  const socket = connect(address);
  const end = (): void => void socket.destroy();
  giveUp.addEventListener('abort', end, { once: true });
  socket.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
    if (!said.endsWith('\n')) return;
    // Only processes of this user, and of this program, bind names like this one.
    holder = JSON.parse(said) as Holder;
    if (holder.host !== undefined) end();
  });
  // Refused: it went between our attempt to bind and this one.
  socket.on('error', end);
  await new Promise((resolve) => socket.once('close', resolve));
  giveUp.removeEventListener('abort', end);
  return holder;
}
