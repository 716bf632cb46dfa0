import { formatPortal } from '../../protocol/index.js';
import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { basename, extname, resolve } from 'node:path';
import type { LogicalUnitPath } from '../../protocol/index.js';
import { DeviceIoError, DeviceOpenError, messageOf } from '../devices/errors.js';
import { nexusIdentity, nexusIdentityName } from '../devices/nexus-identity.js';
import type { NexusIdentity } from '../devices/nexus-identity.js';
import { lockNexus } from '../devices/nexus-lock.js';
import type { NexusLock } from '../devices/nexus-lock.js';
import { openExecDevice } from '../exec/exec-device.js';
import { loginSettings, type LoginSettings } from '../devices/login-settings.js';
import { connectNexus } from '../devices/nexus-session.js';
import type { NexusSession } from '../devices/nexus-session.js';
import { connectHostSocket, HostClient } from './client.js';
import type { ControlAnswers, ControlRequest } from './control.js';
import type { HostDeviceOptions } from './device-spec.js';
import { HostDevice } from './host-device.js';
import { HostNexus } from './host-nexus.js';
import { UserConnection } from './user-connection.js';
import { WriteHold } from './write-hold.js';

export interface HostOptions {
  /** iSCSI name of its initiator port; a host that is only a guest needs none. */
  readonly initiatorName?: string;
  /** Unix socket for its users. */
  readonly socketPath: string;
  readonly devices: readonly HostDeviceOptions[];
  /** What it is called where it is itself a user. Default: the socket's file name without its ending. */
  readonly name?: string;
  /** How long commands wait for a lost session. Default REPLACEMENT_TIMEOUT_MS. */
  readonly replacementTimeoutMs?: number;
  /** A portal that cannot be reached at the start is tried again; its devices answer EIO meanwhile. */
  readonly keepTrying?: boolean;
  /** The machine that it stands for: a nexus has one owner in each machine. Default: one for all. */
  readonly machine?: string;
  /** Where what `loginSettings` names is looked up. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long to wait for another process that owns one of the nexuses. */
  readonly lockWaitMs?: number;
}

/** A nexus that this host logs in by. */
interface OwnNexus {
  readonly identity: NexusIdentity;
  readonly settings: LoginSettings;
  readonly nexus: HostNexus;
  readonly lock: NexusLock;
}

interface PlacedHold {
  readonly hold: WriteHold;
  readonly devices: readonly HostDevice[];
}

/**
 * A node or a hypervisor: owns the sessions of its initiator port and serves commands to its users on a Unix socket.
 * A guest is a host whose devices are another host's.
 */
export class Host {
  readonly name: string;
  readonly socketPath: string;
  readonly #options: HostOptions;
  readonly #devices = new Map<string, HostDevice>();
  /** By the name that each device was given it by. */
  readonly #nexuses = new Map<string, OwnNexus>();
  readonly #locks = new Set<NexusLock>();
  readonly #users = new Set<UserConnection>();
  readonly #holds = new Map<number, PlacedHold>();
  #lastHold = 0;
  #server: Server | undefined;

  private constructor(options: HostOptions) {
    this.#options = options;
    this.socketPath = options.socketPath;
    this.name = options.name ?? basename(options.socketPath, extname(options.socketPath));
  }

  /** Logs in to every device, then listens. Throws DeviceOpenError; nothing is left behind then. */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    try {
      checkSocketPath(options.socketPath);
      await refuseLiveSocket(options.socketPath);
      for (const device of options.devices) await host.#addDevice(device);
      await host.#listen();
      return host;
    } catch (error) {
      await host.close();
      throw error;
    }
  }

  get deviceNames(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /** Logs out and removes the socket. Writes that are held never go out. */
  async close(): Promise<void> {
    this.#server?.close();
    for (const user of this.#users) user.end();
    const nexuses = [...this.#nexuses.values()].map(({ nexus }) => nexus);
    const closing = [...nexuses, ...this.#devices.values()].map((part) => part.close());
    await Promise.allSettled(closing);
    for (const lock of this.#locks) lock.release();
  }

  async #addDevice(options: HostDeviceOptions): Promise<void> {
    if (this.#devices.has(options.name)) {
      throw new DeviceOpenError('EINVAL', `device "${options.name}" is given twice`);
    }
    const path = await this.#upstreamPath(options);
    this.#devices.set(options.name, new HostDevice(options.name, path, options.mapping ?? 'physical'));
  }

  async #upstreamPath({ name, upstream }: HostDeviceOptions): Promise<LogicalUnitPath> {
    if (upstream.kind === 'socket') {
      return connectHostSocket(upstream.socketPath, upstream.device, this.name);
    }
    // Who runs it owns the nexus: there is nothing to log in to, and nothing to lock.
    if (upstream.kind === 'exec') return openExecDevice(upstream.line, { readOnly: false });
    const { initiatorName } = this.#options;
    if (initiatorName === undefined) {
      throw new DeviceOpenError('EINVAL', `device "${name}" is an iscsi:// URL: an initiator name is needed`);
    }
    const identity = nexusIdentity(upstream.url, initiatorName, upstream.isid);
    const nexus = await this.#nexus(
      identity,
      loginSettings(upstream.url.chap, this.#options.environment ?? process.env),
    );
    return nexus.attach(upstream.url.lun);
  }

  /** The nexus to a target portal, logged in once for all its LUNs. */
  async #nexus(identity: NexusIdentity, settings: LoginSettings): Promise<HostNexus> {
    const name = nexusIdentityName(identity);
    const known = this.#nexuses.get(name);
    if (known !== undefined) return known.nexus;
    const lock = await this.#lock(identity);
    const { replacementTimeoutMs, keepTrying = false } = this.#options;
    const nexus = await HostNexus.connect({
      name,
      connect: () => logIn(identity, settings),
      keepTrying,
      ...(replacementTimeoutMs === undefined ? {} : { replacementTimeoutMs }),
    });
    this.#nexuses.set(name, { identity, settings, nexus, lock });
    return nexus;
  }

  async #lock(identity: NexusIdentity): Promise<NexusLock> {
    const { lockWaitMs, machine } = this.#options;
    const lock = await lockNexus(identity, {
      host: {
        socketPath: resolve(this.socketPath),
        devices: this.#options.devices.map((device) => device.name),
      },
      ...(lockWaitMs === undefined ? {} : { waitMs: lockWaitMs }),
      ...(machine === undefined ? {} : { machine }),
    });
    this.#locks.add(lock);
    return lock;
  }

  /** By each nexus: out, and in again by another ISID. One whose target cannot be reached logs in when it can. */
  async #logInAgain(isid: bigint): Promise<void> {
    if (this.#nexuses.size === 0) throw new DeviceIoError('EINVAL', 'the host has no session of its own');
    const all = [...this.#nexuses].map(([name, own]) => this.#logInBy(name, own, isid));
    await Promise.all(all);
  }

  async #logInBy(key: string, own: OwnNexus, isid: bigint): Promise<void> {
    const { nexus, settings } = own;
    const identity = { ...own.identity, isid };
    const lock = isid === own.identity.isid ? own.lock : await this.#lock(identity);
    this.#nexuses.set(key, { identity, settings, nexus, lock });
    await nexus
      .logInAgain({ name: nexusIdentityName(identity), connect: () => logIn(identity, settings) })
      .catch(() => undefined);
    if (lock === own.lock) return;
    own.lock.release();
    this.#locks.delete(own.lock);
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => {
      const user = new UserConnection(socket, {
        device: (name) => this.#devices.get(name),
        control: (request) => this.#control(request),
      });
      this.#users.add(user);
      socket.on('close', () => this.#users.delete(user));
    });
    try {
      server.listen(this.socketPath);
      await once(server, 'listening');
    } catch (error) {
      throw new DeviceOpenError('EINVAL', `cannot listen on ${this.socketPath}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#server = server;
  }

  async #control(
    request: Exclude<ControlRequest, { request: 'open' }>,
  ): Promise<ControlAnswers[keyof ControlAnswers]> {
    const devices = [...this.#devices.values()];
    switch (request.request) {
      case 'hold':
        return this.#hold(request);
      case 'awaitHeld':
        await this.#placedHold(request.hold).hold.allHeld();
        return {};
      case 'listHeld':
        return { held: [...this.#placedHold(request.hold).hold.held()] };
      case 'release': {
        const { hold, devices } = this.#placedHold(request.hold);
        this.#holds.delete(request.hold);
        for (const device of devices) device.removeHold(hold);
        return { statuses: await hold.release() };
      }
      case 'quiesce':
        await Promise.all(devices.map((device) => device.quiesce()));
        return {};
      case 'resume':
        for (const device of devices) device.resume();
        return {};
      case 'relocate':
        await this.#relocate(request.socketPath);
        return {};
      case 'logInAgain':
        await this.#logInAgain(BigInt(request.isid));
        return {};
    }
  }

  #placedHold(id: number): PlacedHold {
    const placed = this.#holds.get(id);
    if (placed === undefined) throw new DeviceIoError('EINVAL', `the host has no hold ${id}`);
    return placed;
  }

  #hold(request: Extract<ControlRequest, { request: 'hold' }>): ControlAnswers['hold'] {
    const devices = request.devices.map((name) => {
      const device = this.#devices.get(name);
      if (device === undefined) throw new DeviceOpenError('ENOENT', `the host has no device "${name}"`);
      return device;
    });
    const hold = new WriteHold(request.count, request.user);
    for (const device of devices) device.addHold(hold);
    this.#lastHold += 1;
    this.#holds.set(this.#lastHold, { hold, devices });
    return { hold: this.#lastHold };
  }

  /** Every way to the other host is open before the first device goes over. */
  async #relocate(socketPath: string): Promise<void> {
    const moves: { readonly device: HostDevice; readonly path: LogicalUnitPath }[] = [];
    try {
      for (const { name, upstream } of this.#options.devices) {
        const device = this.#devices.get(name);
        if (upstream.kind !== 'socket' || device === undefined) continue;
        moves.push({ device, path: await connectHostSocket(socketPath, upstream.device, this.name) });
      }
      for (const { device, path } of moves) await device.relocate(path);
    } catch (error) {
      await Promise.all(moves.map(({ path }) => path.close()));
      throw error;
    }
  }
}

/** A socket that a killed host left behind is removed; one that somebody listens on is not ours to take. */
/** Throws DeviceOpenError: who reads it needs to know which of the devices it was. */
async function logIn(identity: NexusIdentity, settings: LoginSettings): Promise<NexusSession> {
  try {
    return await connectNexus(identity, settings);
  } catch (error) {
    const where = `iscsi://${formatPortal(identity)}/${identity.targetName}`;
    throw new DeviceOpenError('ENXIO', `${where}: ${messageOf(error)}`, { cause: error });
  }
}

/** What `sun_path` holds beside its closing zero (unix(7)); a longer one would be cut without a word. */
const SOCKET_PATH_BYTES_MAX = 107;

function checkSocketPath(socketPath: string): void {
  const lengthBytes = Buffer.byteLength(socketPath);
  if (lengthBytes > 0 && lengthBytes <= SOCKET_PATH_BYTES_MAX) return;
  throw new DeviceOpenError(
    'EINVAL',
    `socket path ${socketPath}: it has ${lengthBytes} bytes, expected 1 to ${SOCKET_PATH_BYTES_MAX}`,
  );
}

async function refuseLiveSocket(socketPath: string): Promise<void> {
  let client: HostClient;
  try {
    client = await HostClient.connect(socketPath);
  } catch (error) {
    const code = error instanceof DeviceOpenError ? (error.cause as NodeJS.ErrnoException).code : undefined;
    if (code !== 'ECONNREFUSED') return;
    // A plain file refuses connections too, and is not ours to remove.
    if (!(await lstat(socketPath)).isSocket()) {
      throw new DeviceOpenError('EINVAL', `${socketPath} exists and is no socket`, { cause: error });
    }
    await unlink(socketPath);
    return;
  }
  client.close();
  throw new DeviceOpenError('EBUSY', `another host listens on ${socketPath}`);
}
