import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { attachLogicalUnit, requireLogicalUnit } from '../devices/attach.js';
import type { AttachedPath } from '../devices/attach.js';
import { DeviceIoError, messageOf } from '../devices/errors.js';
import { isMediumRead, isMediumWrite } from '../devices/medium-commands.js';
import type { NexusSession } from '../devices/nexus-session.js';
import { RECONNECT_PAUSE_MS, REPLACEMENT_TIMEOUT_MS } from '../limits.js';

export interface HostNexusOptions {
  /** For messages. */
  readonly name: string;
  /** Logs in; always with the same initiator name and ISID, until `logInAgain` says otherwise. */
  readonly connect: () => Promise<NexusSession>;
  /** How long commands wait for a lost session. Default REPLACEMENT_TIMEOUT_MS. */
  readonly replacementTimeoutMs?: number;
  /** A first login that fails is tried again too: the path of a machine that boots may come later. */
  readonly keepTrying?: boolean;
  /** Between two attempts to log in again. Default RECONNECT_PAUSE_MS. */
  readonly reconnectPauseMs?: number;
}

/** A session with the LUs that were attached in it. */
interface Connection {
  readonly session: NexusSession;
  readonly attached: Map<number, Promise<AttachedPath>>;
  ended: boolean;
}

/**
 * The nexus of a host and one target port: one session, several LUNs, kept up as a kernel does. After a loss it logs
 * in again with the same ISID; what is handed over meanwhile waits. A READ or WRITE that was under way is sent again,
 * since it belongs to the block layer; any other command fails with EIO, since only its sender knows whether sending
 * it twice is right.
 */
export class HostNexus {
  #options: HostNexusOptions;
  #connection: Promise<Connection>;
  /** False until there was a session: what a LU is like is not known before. */
  #wasUp = false;
  #closed = false;
  /** Each fails a command that waits for the session. */
  readonly #waitingEnded = new Set<() => void>();

  private constructor(options: HostNexusOptions, session: NexusSession | undefined) {
    this.#options = options;
    this.#connection = session === undefined ? this.#logInAgain() : Promise.resolve(this.#watch(session));
    this.#connection.catch(() => undefined);
  }

  /** Logs in. Rejects if that fails the first time, as no kernel has a device then, unless it is to keep trying. */
  static async connect(options: HostNexusOptions): Promise<HostNexus> {
    try {
      return new HostNexus(options, await options.connect());
    } catch (error) {
      if (options.keepTrying !== true) throw error;
      return new HostNexus(options, undefined);
    }
  }

  /** Attaches a LU, as a kernel that meets a disk; the way to it outlives sessions. */
  async attach(lun: number): Promise<LogicalUnitPath> {
    const name = `${this.#options.name} LUN ${lun}`;
    if (this.#wasUp) requireLogicalUnit(await this.#attached(await this.#connected(), lun), name);
    return {
      name,
      execute: (cdb, options) => this.#execute(lun, cdb, options),
      close: () => Promise.resolve(),
    };
  }

  /** Logs out; commands that still wait fail. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#waitingEnded) end();
    const connection = await this.#present();
    await connection?.session.logout();
  }

  /**
   * Ends the session and logs in by another nexus. Settles when it has; rejects with EIO where the target cannot be
   * reached in time, and goes on trying. What was under way fares as with a session that is lost.
   */
  async logInAgain(as: Pick<HostNexusOptions, 'name' | 'connect'>): Promise<void> {
    this.#options = { ...this.#options, ...as };
    const connection = await this.#present();
    if (connection !== undefined) {
      await connection.session.logout();
      await connection.session.ended;
    }
    await this.#connected();
  }

  /** The session, unless it is away. */
  async #present(): Promise<Connection | undefined> {
    const connection = await Promise.race([this.#connection, Promise.resolve(undefined)]);
    return connection?.ended === false ? connection : undefined;
  }

  async #execute(lun: number, cdb: Uint8Array, options?: ExecuteOptions): Promise<ScsiResult> {
    for (;;) {
      const connection = await this.#connected();
      try {
        const path = await this.#attached(connection, lun);
        return await path.execute(cdb, options);
      } catch (error) {
        // The end of the session and the failure of its commands are told in either order.
        await Promise.race([connection.session.ended, new Promise((resolve) => setImmediate(resolve))]);
        if (!connection.ended) throw error;
        if (this.#isClosed() || !(isMediumRead(cdb) || isMediumWrite(cdb))) {
          throw new DeviceIoError('EIO', `${this.#options.name}: ${messageOf(error)}`, { cause: error });
        }
      }
    }
  }

  #attached(connection: Connection, lun: number): Promise<AttachedPath> {
    const known = connection.attached.get(lun);
    if (known !== undefined) return known;
    const attached = attachLogicalUnit(connection.session.path(lun));
    connection.attached.set(lun, attached);
    // An attempt that failed is not kept: the next command tries again.
    attached.catch(() => connection.attached.delete(lun));
    return attached;
  }

  /** The session, waiting for it if it is away, but not for ever. */
  async #connected(): Promise<Connection> {
    const timeoutMs = this.#options.replacementTimeoutMs ?? REPLACEMENT_TIMEOUT_MS;
    if (this.#closed) throw new DeviceIoError('EIO', `${this.#options.name}: closed`);
    let end = (): void => undefined;
    const over = new Promise<never>((_, reject) => {
      const fail = (): void => {
        reject(new DeviceIoError('EIO', `${this.#options.name}: no session for ${timeoutMs / 1000} s`));
      };
      const timer = setTimeout(fail, timeoutMs);
      this.#waitingEnded.add(fail);
      end = () => {
        clearTimeout(timer);
        this.#waitingEnded.delete(fail);
      };
    });
    try {
      return await Promise.race([this.#connection, over]);
    } finally {
      end();
    }
  }

  #watch(session: NexusSession): Connection {
    this.#wasUp = true;
    const connection: Connection = { session, attached: new Map(), ended: false };
    const lost = (): void => {
      connection.ended = true;
      if (this.#closed) return;
      this.#connection = this.#logInAgain();
      // Who waits for it hears of a failure; with nobody waiting it is no news.
      this.#connection.catch(() => undefined);
    };
    session.ended.then(lost, lost);
    return connection;
  }

  /** Tries until it succeeds or the host ends: the target may be away for any length of time. */
  async #logInAgain(): Promise<Connection> {
    for (;;) {
      try {
        const { connect } = this.#options;
        const session = await connect();
        if (!this.#isClosed() && connect === this.#options.connect) return this.#watch(session);
        await session.logout();
      } catch {
        // The next attempt tells; commands that wait too long say that there is no session.
      }
      if (this.#isClosed()) throw new DeviceIoError('EIO', `${this.#options.name}: closed`);
      await new Promise((resolve) =>
        setTimeout(resolve, this.#options.reconnectPauseMs ?? RECONNECT_PAUSE_MS).unref(),
      );
    }
  }

  /** Asked after an await, when the flag may have changed. */
  #isClosed(): boolean {
    return this.#closed;
  }
}
