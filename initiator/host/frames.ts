import { layout, reserved, u32be, u8 } from '../../protocol/index.js';
import { HOST_FRAME_BYTES_MAX } from '../limits.js';

// What is spoken on a host's socket, both ways: frames of a header and a body. A command and its result are binary,
// everything else is JSON (see control.ts). Requests carry an id of the user's choice, the answer the same; answers
// come in the order in which commands end.

/** What a frame carries. */
export const FRAME_KIND = {
  /** User to host: a SCSI command. */
  command: 1,
  /** User to host: a control request, JSON. */
  control: 2,
  /** Host to user: the status of a command. */
  result: 3,
  /** Host to user: the answer to a control request, JSON. */
  answer: 4,
  /** Host to user: a request of either sort came to nothing; JSON `{ errno, message }`. */
  failure: 5,
} as const;

/** The header of every frame; `lengthBytes` counts what follows that field. */
export const frameHeaderLayout = layout(
  'Host frame header',
  u32be('lengthBytes'),
  u8('kind'),
  reserved(3),
  u32be('id'),
);

/** Body of a command; then the CDB, then Data-Out to the end of the frame. */
export const commandBodyLayout = layout(
  'Host command body',
  u32be('handle'),
  u32be('timeoutMs'),
  u32be('dataInLength'),
  u8('cdbLength'),
  reserved(3),
);

/** Body of a result; then the sense data, then Data-In to the end of the frame. The residual is two's complement. */
export const resultBodyLayout = layout(
  'Host result body',
  u8('status'),
  u8('senseLength'),
  reserved(2),
  u32be('residual'),
);

const HEADER_BYTES = frameHeaderLayout.lengthBytes;
const LENGTH_FIELD_BYTES = 4;

export interface Frame {
  readonly kind: number;
  readonly id: number;
  readonly body: Buffer;
}

/** What came is no frame: nothing after it can be understood, the connection ends. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A frame as bytes. */
export function encodeFrame(kind: number, id: number, ...parts: readonly Uint8Array[]): Buffer {
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const header = frameHeaderLayout.toBytes({
    lengthBytes: HEADER_BYTES - LENGTH_FIELD_BYTES + bodyBytes,
    kind,
    id,
  });
  return Buffer.concat([header, ...parts]);
}

/** Cuts a stream into frames, however it is split. Holds no socket. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bufferedBytes = 0;

  /** Takes what arrived; yields the frames that are whole by now. Throws FrameError. */
  *push(piece: Buffer): Generator<Frame> {
    this.#pieces.push(piece);
    this.#bufferedBytes += piece.length;
    for (;;) {
      const frameBytes = this.#nextFrameBytes();
      if (frameBytes === undefined || this.#bufferedBytes < frameBytes) return;
      const bytes = this.#take(frameBytes);
      const { kind, id } = frameHeaderLayout.decode(bytes);
      yield { kind, id, body: bytes.subarray(HEADER_BYTES) };
    }
  }

  #nextFrameBytes(): number | undefined {
    if (this.#bufferedBytes < LENGTH_FIELD_BYTES) return undefined;
    const lengthBytes = this.#joined().readUInt32BE(0);
    if (lengthBytes < HEADER_BYTES - LENGTH_FIELD_BYTES) {
      throw new FrameError(`a frame of ${lengthBytes} bytes is shorter than its header`);
    }
    if (lengthBytes > HOST_FRAME_BYTES_MAX) {
      throw new FrameError(`a frame of ${lengthBytes} bytes is larger than ${HOST_FRAME_BYTES_MAX}`);
    }
    return LENGTH_FIELD_BYTES + lengthBytes;
  }

  #take(lengthBytes: number): Buffer {
    const [first] = this.#pieces;
    const all = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#pieces = all.length > lengthBytes ? [all.subarray(lengthBytes)] : [];
    this.#bufferedBytes = all.length - lengthBytes;
    return all.subarray(0, lengthBytes);
  }

  /** The first piece, long enough to hold a length field. */
  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= LENGTH_FIELD_BYTES) return first;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }
}
