import type { Socket } from 'node:net';
import type { ExecuteOptions, ScsiResult } from '../../protocol/index.js';
import { DeviceIoError, DeviceOpenError, messageOf } from '../devices/errors.js';
import { HOST_DATA_IN_BYTES_MAX, HOST_USER_COMMANDS_MAX, HOST_USER_UNREAD_BYTES_MAX } from '../limits.js';
import { ControlError, encodeJson, parseControlRequest } from './control.js';
import type { ControlAnswers, ControlRequest, HostFailure } from './control.js';
import {
  commandBodyLayout,
  encodeFrame,
  FRAME_KIND,
  FrameError,
  FrameReader,
  resultBodyLayout,
} from './frames.js';
import type { Frame } from './frames.js';
import type { HostDevice } from './host-device.js';

/** What a user's connection needs of its host. */
export interface HostServices {
  device(name: string): HostDevice | undefined;
  /** Everything but `open`, which belongs to the connection. */
  control(
    request: Exclude<ControlRequest, { request: 'open' }>,
  ): Promise<ControlAnswers[keyof ControlAnswers]>;
}

interface OpenDevice {
  readonly device: HostDevice;
  readonly user: string;
}

/**
 * One user of a host. Its commands are carried out side by side; if it goes, what it handed over goes on and only the
 * answers have nowhere to go.
 */
export class UserConnection {
  readonly #socket: Socket;
  readonly #host: HostServices;
  readonly #reader = new FrameReader();
  readonly #handles: OpenDevice[] = [];
  /** Frames that came in the same piece as the last one that could be started. */
  readonly #backlog: Frame[] = [];
  #underWay = 0;

  constructor(socket: Socket, host: HostServices) {
    this.#socket = socket;
    this.#host = host;
    socket.on('data', (piece) => {
      this.#received(piece);
    });
    socket.on('drain', () => {
      this.#startOrPause();
    });
    socket.on('error', () => socket.destroy());
  }

  end(): void {
    this.#socket.destroy();
  }

  #received(piece: Buffer): void {
    try {
      for (const frame of this.#reader.push(piece)) this.#backlog.push(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // No later frame can be told from its neighbours: say why and hang up.
      this.#send(failureFrame(0, { errno: 'EPROTO', message: error.message }));
      this.#socket.end();
    }
    this.#startOrPause();
  }

  #start(frame: Frame): void {
    this.#underWay += 1;
    void this.#answer(frame)
      .catch((error: unknown) => failureFrame(frame.id, failureOf(error)))
      .then((answer) => {
        this.#underWay -= 1;
        this.#send(answer);
        this.#startOrPause();
      });
  }

  async #answer(frame: Frame): Promise<Buffer> {
    if (frame.kind === FRAME_KIND.command) {
      return resultFrame(frame.id, await this.#command(frame.body));
    }
    if (frame.kind === FRAME_KIND.control) {
      return encodeFrame(FRAME_KIND.answer, frame.id, encodeJson(await this.#control(frame.body)));
    }
    throw new ControlError(`frame kind ${frame.kind} is no request`);
  }

  #command(body: Buffer): Promise<ScsiResult> {
    if (body.length < commandBodyLayout.lengthBytes) throw new ControlError('the command is cut short');
    const { handle, timeoutMs, dataInLength, cdbLength } = commandBodyLayout.decode(body);
    const open = this.#handles[handle];
    if (open === undefined) throw new ControlError(`handle ${handle} is not open`);
    if (dataInLength > HOST_DATA_IN_BYTES_MAX) {
      throw new ControlError(`Data-In of ${dataInLength} bytes is more than ${HOST_DATA_IN_BYTES_MAX}`);
    }
    const cdbEnd = commandBodyLayout.lengthBytes + cdbLength;
    if (cdbLength === 0 || body.length < cdbEnd) throw new ControlError('the CDB is cut short');
    const dataOut = body.subarray(cdbEnd);
    const options: ExecuteOptions = {
      ...(dataOut.length > 0 ? { dataOut } : {}),
      ...(dataInLength > 0 ? { dataInLength } : {}),
      ...(timeoutMs > 0 ? { timeoutMs } : {}),
    };
    return open.device.execute(open.user, body.subarray(commandBodyLayout.lengthBytes, cdbEnd), options);
  }

  async #control(body: Buffer): Promise<unknown> {
    const request = parseControlRequest(body);
    if (request.request !== 'open') return this.#host.control(request);
    const device = this.#host.device(request.device);
    if (device === undefined)
      throw new DeviceOpenError('ENOENT', `the host has no device "${request.device}"`);
    return { handle: this.#handles.push({ device, user: request.user }) - 1 };
  }

  #send(frame: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frame);
  }

  /** A user that hands over more than it takes back waits in its own socket, not in our memory. */
  #startOrPause(): void {
    while (!this.#isFull()) {
      const frame = this.#backlog.shift();
      if (frame === undefined) {
        this.#socket.resume();
        return;
      }
      this.#start(frame);
    }
    this.#socket.pause();
  }

  #isFull(): boolean {
    return (
      this.#underWay >= HOST_USER_COMMANDS_MAX || this.#socket.writableLength > HOST_USER_UNREAD_BYTES_MAX
    );
  }
}

function resultFrame(id: number, result: ScsiResult): Buffer {
  const body = resultBodyLayout.toBytes({
    status: result.status,
    senseLength: result.sense.length,
    residual: result.residual >>> 0,
  });
  return encodeFrame(FRAME_KIND.result, id, body, result.sense, result.dataIn);
}

function failureFrame(id: number, failure: HostFailure): Buffer {
  return encodeFrame(FRAME_KIND.failure, id, encodeJson(failure));
}

function failureOf(error: unknown): HostFailure {
  const known = error instanceof DeviceOpenError || error instanceof DeviceIoError;
  const errno = known ? error.errnoName : error instanceof ControlError ? 'EINVAL' : 'EIO';
  return { errno, message: messageOf(error) };
}
