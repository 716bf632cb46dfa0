import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { DeviceIoError, DeviceOpenError, isErrnoName, messageOf } from '../devices/errors.js';
import { formatIsid } from '../devices/nexus-identity.js';
import { encodeJson, parseControlAnswer, parseFailure } from './control.js';
import type { ControlAnswers, ControlRequest, HeldWrite } from './control.js';
import { commandBodyLayout, encodeFrame, FRAME_KIND, FrameReader, resultBodyLayout } from './frames.js';
import type { Frame } from './frames.js';

/** Opens a device of a running host. `user` says who asks: a guest's name, for holds and messages. */
export async function connectHostSocket(
  socketPath: string,
  device: string,
  user = `process ${process.pid}`,
): Promise<LogicalUnitPath> {
  const client = await HostClient.connect(socketPath);
  try {
    return await client.open(device, user);
  } catch (error) {
    client.close();
    throw error;
  }
}

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** A user's end of a host's socket: devices, and holds on their writes. */
export class HostClient {
  readonly #socket: Socket;
  readonly #socketPath: string;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  private constructor(socket: Socket, socketPath: string) {
    this.#socket = socket;
    this.#socketPath = socketPath;
    socket.on('data', (piece) => {
      this.#received(piece);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#lost();
    });
  }

  /** Throws DeviceOpenError with ENXIO where no host listens. */
  static async connect(socketPath: string): Promise<HostClient> {
    const socket = connect(socketPath);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => {
        const why = `no host listens on ${socketPath}: ${messageOf(error)}`;
        reject(new DeviceOpenError('ENXIO', why, { cause: error }));
      });
    });
    return new HostClient(socket, socketPath);
  }

  /** A way to a device of the host; closing it closes this client. */
  async open(device: string, user: string): Promise<LogicalUnitPath> {
    const { handle } = await this.#control({ request: 'open', device, user });
    return {
      name: `${device} of host ${this.#socketPath}`,
      execute: (cdb, options) => this.#execute(handle, cdb, options ?? {}),
      close: () => {
        this.close();
        return Promise.resolve();
      },
    };
  }

  /** Keeps the next `count` writes to any of some devices, such as the paths of a LU, in the host; yields the id of the hold. */
  async holdWrites(
    devices: readonly string[],
    options: { readonly user?: string; readonly count?: number } = {},
  ): Promise<number> {
    const { hold } = await this.#control({
      request: 'hold',
      devices,
      count: options.count ?? 1,
      ...(options.user === undefined ? {} : { user: options.user }),
    });
    return hold;
  }

  /** Settles when the hold has caught all its writes. */
  async awaitHeld(hold: number): Promise<void> {
    await this.#control({ request: 'awaitHeld', hold });
  }

  async listHeld(hold: number): Promise<readonly HeldWrite[]> {
    return (await this.#control({ request: 'listHeld', hold })).held;
  }

  /** Sends the held writes out; settles when they have ended, and says how each did. */
  async releaseWrites(hold: number): Promise<readonly string[]> {
    return (await this.#control({ request: 'release', hold })).statuses;
  }

  /** Brings the host to rest: settles when no command is under way. What its users hand over now waits for `resume`. */
  async quiesce(): Promise<void> {
    await this.#control({ request: 'quiesce' });
  }

  async resume(): Promise<void> {
    await this.#control({ request: 'resume' });
  }

  /** Has a guest at rest use the host at another socket; its own users stay. Throws DeviceIoError, and nothing changes. */
  async relocate(socketPath: string): Promise<void> {
    await this.#control({ request: 'relocate', socketPath });
  }

  /**
   * Has a host log out, and in again by another ISID: to the array it is somebody else then. Throws DeviceIoError where
   * the host has no session of its own.
   */
  async logInAgain(isid: bigint): Promise<void> {
    await this.#control({ request: 'logInAgain', isid: formatIsid(isid) });
  }

  /** Hangs up; what was handed over goes on in the host. */
  close(): void {
    this.#socket.destroy();
  }

  async #execute(handle: number, cdb: Uint8Array, options: ExecuteOptions): Promise<ScsiResult> {
    if (options.whenDataOutIsAskedFor !== undefined) {
      throw new DeviceIoError(
        'EINVAL',
        `host ${this.#socketPath}: it cannot withhold the Data-Out of one command`,
      );
    }
    const body = commandBodyLayout.toBytes({
      handle,
      timeoutMs: options.timeoutMs ?? 0,
      dataInLength: options.dataInLength ?? 0,
      cdbLength: cdb.length,
    });
    const frame = await this.#request(FRAME_KIND.command, body, cdb, options.dataOut ?? new Uint8Array(0));
    const { status, senseLength, residual } = resultBodyLayout.decode(frame.body);
    const senseEnd = resultBodyLayout.lengthBytes + senseLength;
    return {
      status,
      sense: frame.body.subarray(resultBodyLayout.lengthBytes, senseEnd),
      dataIn: frame.body.subarray(senseEnd),
      residual: residual | 0,
    };
  }

  async #control<R extends ControlRequest>(request: R): Promise<ControlAnswers[R['request']]> {
    const frame = await this.#request(FRAME_KIND.control, encodeJson(request));
    return parseControlAnswer<R['request']>(request.request, frame.body);
  }

  #request(kind: number, ...parts: readonly Uint8Array[]): Promise<Frame> {
    if (this.#socket.destroyed) return Promise.reject(this.#gone());
    const id = this.#nextId();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(encodeFrame(kind, id, ...parts));
    });
  }

  /** 32 bits; 0 belongs to failures that answer no request. */
  #nextId(): number {
    do this.#lastId = this.#lastId === 0xffff_ffff ? 1 : this.#lastId + 1;
    while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }

  #received(piece: Buffer): void {
    try {
      for (const frame of this.#reader.push(piece)) this.#settle(frame);
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined);
    }
  }

  #settle(frame: Frame): void {
    const waiting = this.#waiting.get(frame.id);
    this.#waiting.delete(frame.id);
    if (frame.kind !== FRAME_KIND.failure) {
      waiting?.resolve(frame);
      return;
    }
    const { errno, message } = parseFailure(frame.body);
    const text = `host ${this.#socketPath}: ${message}`;
    waiting?.reject(
      errno === 'ENOENT'
        ? new DeviceOpenError('ENXIO', text)
        : new DeviceIoError(isErrnoName(errno) ? errno : 'EIO', text),
    );
  }

  #lost(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): DeviceIoError {
    return new DeviceIoError('EIO', `host ${this.#socketPath} hung up`);
  }
}
