import { setTimeout as sleep } from 'node:timers/promises';
import {
  ASYNC_EVENT,
  LOGOUT_RESPONSE,
  LUN_MAX,
  taskManagementResponseName,
  type ExecuteOptions,
  type LogicalUnitPath,
  type OperationalParameters,
  type ScsiResult,
  formatPortal,
} from '../../protocol/index.js';
import {
  ABORT_TIMEOUT_MS,
  LOGOUT_TIMEOUT_MS,
  QUEUE_DEPTH,
  RECONNECT_PAUSE_MS,
  REPLACEMENT_TIMEOUT_MS,
} from '../limits.js';
import { openConnection, type Connection } from './connection.js';
import { CommandTimeoutError, ConnectionLostError, IscsiProtocolError } from './errors.js';
import type { TaskManagementRequest } from './exchanges.js';
import type { AsynchronousMessage } from './full-feature-phase.js';
import type { IscsiConnectOptions, IscsiPortal } from './options.js';
import { ScsiTask } from './scsi-task.js';
import { readSendTargets, type DiscoveredTarget } from './send-targets.js';

/** What a session tells about itself. */
export type IscsiSessionEvent =
  | { readonly type: 'connectionLost'; readonly error: Error }
  /** Logged in again after a loss: the same nexus. */
  | { readonly type: 'reconnected' }
  | { readonly type: 'reconnectFailed'; readonly error: Error }
  | { readonly type: 'asynchronousMessage'; readonly message: AsynchronousMessage }
  | { readonly type: 'closed'; readonly error: Error | undefined };

/** The target's answer to a task management function. */
export interface TaskManagementResult {
  /** Response byte (RFC 7143 11.6.1); 0: function complete. */
  readonly response: number;
  readonly name: string;
}

/**
 * Logs in to a target: a normal session with one connection.
 *
 * @throws IscsiLoginError where the login is refused, ConnectionLostError where there is nobody
 */
export async function connectIscsi(options: IscsiConnectOptions): Promise<IscsiSession> {
  const session = new IscsiSession(options);
  await session.connect();
  return session;
}

/** An I_T nexus over iSCSI, as long as this process holds it. Made by `connectIscsi`. */
export class IscsiSession {
  readonly #options: IscsiConnectOptions;
  readonly #queueDepth: number;
  readonly #listeners = new Set<(event: IscsiSessionEvent) => void>();
  #portal: IscsiPortal;
  #connection: Connection | undefined;
  /** Commands that wait for a slot, the target's window, or the session itself. */
  #waiting: ScsiTask[] = [];
  /** `failing`: the session has not come back in time, so commands fail at once until it does. */
  #state: 'open' | 'recovering' | 'failing' | 'closed' = 'open';
  #closedBecause = 'it was closed';
  /** `wanted`: the target has asked for it, and commands under way may still end. Nothing new is sent either way. */
  #logout: 'none' | 'wanted' | 'sent' = 'none';
  /** We log out: what becomes of the connection now is no loss. */
  #closing = false;
  #keepAlive: NodeJS.Timeout | undefined;
  #replacementTimer: NodeJS.Timeout | undefined;
  readonly #stopRecovery = new AbortController();

  constructor(options: IscsiConnectOptions) {
    this.#options = options;
    this.#queueDepth = options.queueDepth ?? QUEUE_DEPTH;
    this.#portal = { host: options.host, port: options.port };
  }

  /** The first login, and each after a loss. */
  async connect(): Promise<void> {
    const { connection, movedTo } = await openConnection(
      { ...this.#options, ...this.#portal },
      this.#options.targetName,
      {
        received: () => {
          this.#sendWaiting();
        },
        asynchronousMessage: (message) => {
          this.#asynchronousMessage(message);
        },
        closed: (lost, error) => {
          // One that broke between its login and this session's taking it over is reported below.
          if (lost === this.#connection) this.#connectionClosed(error);
        },
      },
    );
    if (this.#isClosed() || connection.closed) {
      connection.drop(this.#closedError());
      throw this.#closedError();
    }
    if (movedTo !== undefined) this.#portal = movedTo;
    this.#connection = connection;
    this.#state = 'open';
    this.#logout = 'none';
    this.#startKeepAlive(connection);
    this.#sendWaiting();
  }

  /** What this login has negotiated; undefined while there is no connection. */
  get parameters(): OperationalParameters | undefined {
    return this.#connection?.phase.parameters;
  }

  /** A way to a LU. It does not own the session: closing it changes nothing. Throws RangeError for a bad LUN. */
  path(lun: number): LogicalUnitPath {
    if (!Number.isInteger(lun) || lun < 0 || lun > LUN_MAX) {
      throw new RangeError(`LUN ${lun}: expected 0 to ${LUN_MAX}`);
    }
    return {
      name: `iscsi://${formatPortal(this.#portal)}/${this.#options.targetName}/${lun}`,
      execute: (cdb, options) => this.#execute(lun, cdb, options),
      close: () => Promise.resolve(),
    };
  }

  #execute(lun: number, cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    const { dataOut, dataInLength, timeoutMs, whenDataOutIsAskedFor } = options;
    if (cdb.length > 16)
      return Promise.reject(new RangeError('CDBs of more than 16 bytes are not supported'));
    if ((dataOut?.length ?? 0) > 0 && (dataInLength ?? 0) > 0) {
      return Promise.reject(new RangeError('commands with Data-Out and Data-In are not supported'));
    }
    if (this.#state === 'closed' || this.#state === 'failing') return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      const wants = { lun, cdb, dataOut, dataInLength, timeoutMs, whenDataOutIsAskedFor };
      const task = new ScsiTask(wants, resolve, reject, this.#taskSettled);
      if (timeoutMs !== undefined) {
        task.timer = setTimeout(() => {
          this.#timedOut(task, timeoutMs);
        }, timeoutMs);
      }
      this.#waiting.push(task);
      this.#sendWaiting();
    });
  }

  readonly #taskSettled = (): void => {
    if (this.#waiting.length > 0 || this.#logout === 'wanted') this.#sendWaiting();
  };

  #sendWaiting(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { phase } = connection;
    if (this.#logout !== 'none') {
      if (this.#logout === 'wanted' && phase.taskCount === 0) this.#logoutAsAsked(connection);
      return;
    }
    let sent = 0;
    for (const task of this.#waiting) {
      if (task.state === 'waiting') {
        if (phase.taskCount >= this.#queueDepth || !phase.windowOpen) break;
        phase.sendCommand(task);
      }
      sent++;
    }
    if (sent > 0) this.#waiting = sent === this.#waiting.length ? [] : this.#waiting.slice(sent);
  }

  /** ABORT TASK for what was sent; what was not is simply forgotten. */
  #timedOut(task: ScsiTask, timeoutMs: number): void {
    const connection = this.#connection;
    const error = new CommandTimeoutError(`the command got no answer within ${timeoutMs} ms and was aborted`);
    if (task.state !== 'sent' || connection === undefined) {
      task.fail(error);
      return;
    }
    task.givenUp = error;
    const timer = setTimeout(() => {
      connection.drop(new ConnectionLostError(`ABORT TASK got no answer within ${ABORT_TIMEOUT_MS} ms`));
    }, ABORT_TIMEOUT_MS);
    const request = {
      function: 'abortTask',
      lun: task.lun,
      initiatorTaskTag: task.initiatorTaskTag,
    } as const;
    connection.phase
      .manageTask(request)
      .then(
        () => {
          connection.phase.abandon(task, error);
        },
        // Rejected or not understood: the target's view of the task is unknown, only a new session clears it.
        (cause: unknown) => {
          connection.drop(new ConnectionLostError('ABORT TASK failed', { cause }));
        },
      )
      .finally(() => {
        clearTimeout(timer);
      });
  }

  /** Commands under way, for ABORT TASK. */
  outstandingTasks(): readonly { readonly lun: number; readonly initiatorTaskTag: number }[] {
    const tasks = this.#connection?.phase.tasks ?? [];
    return [...tasks].map(({ lun, initiatorTaskTag }) => ({ lun, initiatorTaskTag }));
  }

  /** Sends a task management function; commands that it ends reject with CommandAbortedError. */
  async manageTask(request: TaskManagementRequest): Promise<TaskManagementResult> {
    const response = await this.#loggedIn().phase.manageTask(request);
    return { response, name: taskManagementResponseName(response) };
  }

  /** SendTargets within this session: `''` asks about the session's own target (RFC 7143 13.3). */
  async sendTargets(value = ''): Promise<readonly DiscoveredTarget[]> {
    const connection = this.#loggedIn();
    return readSendTargets(
      await connection.phase.exchanges.text([['SendTargets', value]]),
      connection.portal,
    );
  }

  /** NOP-Out and its answer, which must echo `data`. */
  async ping(data?: Uint8Array): Promise<void> {
    await this.#loggedIn().phase.exchanges.ping(data);
  }

  #loggedIn(): Connection {
    if (this.#connection === undefined) throw this.#closedError();
    return this.#connection;
  }

  /** Calls `listener` for each event until the returned function is called. */
  onEvent(listener: (event: IscsiSessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #emit(event: IscsiSessionEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Logs out and closes; commands under way end without an answer. Rejects where the target refuses the logout. */
  async logout(): Promise<void> {
    const connection = this.#loggedIn();
    this.#closing = true;
    try {
      const response = await this.#sendLogout(connection);
      if (response !== LOGOUT_RESPONSE.closed) {
        throw new IscsiProtocolError(`the target refused the logout (response ${response})`);
      }
    } finally {
      this.#end('it was logged out', undefined);
    }
  }

  #sendLogout(connection: Connection): Promise<number> {
    this.#logout = 'sent';
    const timer = setTimeout(() => {
      connection.drop(new ConnectionLostError(`Logout got no answer within ${LOGOUT_TIMEOUT_MS} ms`));
    }, LOGOUT_TIMEOUT_MS);
    return connection.phase.exchanges.logout().finally(() => {
      clearTimeout(timer);
    });
  }

  /** Logs out if that is possible and closes; never rejects. */
  async close(): Promise<void> {
    if (this.#connection !== undefined) await this.logout().catch(() => undefined);
    this.#end('it was closed', undefined);
  }

  /** Drops the connection without logout, as a host that crashes; the session is closed. */
  abort(): void {
    this.#end('its connection was dropped', undefined);
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #end(because: string, error: Error | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closedBecause = because;
    this.#stopRecovery.abort();
    clearTimeout(this.#replacementTimer);
    clearInterval(this.#keepAlive);
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.drop(this.#closedError());
    this.#failWaiting();
    this.#emit({ type: 'closed', error });
  }

  #closedError(): ConnectionLostError {
    const target = `the session with ${this.#options.targetName} at ${formatPortal(this.#portal)}`;
    return this.#state === 'closed'
      ? new ConnectionLostError(`${target} is closed: ${this.#closedBecause}`)
      : new ConnectionLostError(`${target} is lost and has not come back yet`);
  }

  #failWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) task.fail(this.#closedError());
  }

  #connectionClosed(error: Error): void {
    if (this.#state === 'closed') return;
    this.#connection = undefined;
    clearInterval(this.#keepAlive);
    this.#emit({ type: 'connectionLost', error });
    if (this.#options.reconnect !== true || this.#closing) {
      this.#end(error.message, error);
      return;
    }
    this.#state = 'recovering';
    this.#replacementTimer = setTimeout(() => {
      this.#state = 'failing';
      this.#failWaiting();
    }, this.#options.replacementTimeoutMs ?? REPLACEMENT_TIMEOUT_MS);
    void this.#recover();
  }

  async #recover(): Promise<void> {
    const { signal } = this.#stopRecovery;
    while (!this.#isClosed()) {
      try {
        await this.connect();
        clearTimeout(this.#replacementTimer);
        this.#emit({ type: 'reconnected' });
        return;
      } catch (error) {
        if (this.#isClosed()) return;
        this.#emit({ type: 'reconnectFailed', error: error as Error });
        await sleep(RECONNECT_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #startKeepAlive(connection: Connection): void {
    const { keepAliveMs } = this.#options;
    if (keepAliveMs === undefined) return;
    let unanswered = false;
    this.#keepAlive = setInterval(() => {
      if (unanswered) {
        connection.drop(new ConnectionLostError(`a NOP-Out got no answer within ${keepAliveMs} ms`));
        return;
      }
      unanswered = true;
      connection.phase.exchanges.ping().then(
        () => {
          unanswered = false;
        },
        // The connection is gone, which ends the interval.
        () => undefined,
      );
    }, keepAliveMs);
  }

  #asynchronousMessage(message: AsynchronousMessage): void {
    this.#emit({ type: 'asynchronousMessage', message });
    const connection = this.#connection;
    if (connection === undefined) return;
    if (message.event === ASYNC_EVENT.negotiationRequested) {
      // RFC 7143 11.9.1: the answer is a Text Request, and it may be empty.
      connection.phase.exchanges.text([]).catch((cause: unknown) => {
        connection.drop(new ConnectionLostError('the negotiation the target asked for failed', { cause }));
      });
    }
    if (message.event !== ASYNC_EVENT.logoutRequested) return;
    // Parameter3: seconds within which the target wants the logout.
    this.#logout = 'wanted';
    setTimeout(() => {
      if (this.#connection === connection && this.#logout === 'wanted') this.#logoutAsAsked(connection);
    }, message.parameter3 * 1000).unref();
    this.#sendWaiting();
  }

  /** A logout on the target's wish ends the connection; whether the session comes back is for `reconnect` to say. */
  #logoutAsAsked(connection: Connection): void {
    const gone = (): void => {
      connection.drop(new ConnectionLostError('the target asked for a logout'));
    };
    this.#sendLogout(connection).then(gone, gone);
  }
}
