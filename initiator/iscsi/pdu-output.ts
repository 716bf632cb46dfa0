import type { Socket } from 'node:net';
import {
  BHS_LENGTH_BYTES,
  DIGEST_LENGTH_BYTES,
  paddedLength,
  writeDigest,
  writeU24,
} from '../../protocol/index.js';

/** Where PDUs go. */
export interface PduOutput {
  /**
   * Sends a PDU: 48 bytes of BHS, which are copied, and its data segment, which must not change until the target has
   * answered. Fills in DataSegmentLength, padding and digests.
   */
  send(bhs: Buffer, data?: Uint8Array): void;
}

/** Up to here data are copied behind their header, beyond it the socket gets them where they are. */
const COPIED_DATA_MAX_BYTES = 4096;
const DATA_SEGMENT_LENGTH_OFFSET = 5;

/** Writes PDUs to a socket; those of one turn of the event loop leave in one write. */
export class SocketOutput implements PduOutput {
  headerDigest = false;
  dataDigest = false;
  readonly #socket: Socket;
  #corked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(bhs: Buffer, data?: Uint8Array): void {
    if (this.#socket.destroyed) return;
    this.#corkForThisTurn();
    const dataLength = data?.length ?? 0;
    const headLength = BHS_LENGTH_BYTES + (this.headerDigest ? DIGEST_LENGTH_BYTES : 0);
    const padding = paddedLength(dataLength) - dataLength;
    const tailLength = padding + (this.dataDigest && dataLength > 0 ? DIGEST_LENGTH_BYTES : 0);
    const copied = dataLength <= COPIED_DATA_MAX_BYTES;
    const head = Buffer.allocUnsafe(headLength + (copied ? dataLength + tailLength : 0));
    bhs.copy(head, 0, 0, BHS_LENGTH_BYTES);
    writeU24(head, DATA_SEGMENT_LENGTH_OFFSET, dataLength);
    if (this.headerDigest) writeDigest(head, 0, BHS_LENGTH_BYTES, BHS_LENGTH_BYTES);
    if (data === undefined || dataLength === 0) {
      this.#socket.write(head);
    } else if (copied) {
      head.set(data, headLength);
      head.fill(0, headLength + dataLength, headLength + dataLength + padding);
      if (this.dataDigest) {
        const dataEnd = headLength + dataLength + padding;
        writeDigest(head, headLength, dataEnd, dataEnd);
      }
      this.#socket.write(head);
    } else {
      this.#socket.write(head);
      this.#socket.write(data);
      if (tailLength > 0) this.#socket.write(this.#tail(data, padding));
    }
  }

  /** Padding and digest; the digest covers the padding too (RFC 7143 11.2.4), hence a second copy if there is any. */
  #tail(data: Uint8Array, padding: number): Buffer {
    if (!this.dataDigest) return Buffer.alloc(padding);
    const padded = Buffer.alloc(data.length + padding + DIGEST_LENGTH_BYTES);
    padded.set(data);
    writeDigest(padded, 0, data.length + padding, data.length + padding);
    return padded.subarray(data.length);
  }

  #corkForThisTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }
}
