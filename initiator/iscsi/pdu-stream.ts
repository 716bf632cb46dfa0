import {
  BHS_LENGTH_BYTES,
  DIGEST_LENGTH_BYTES,
  digestMatches,
  paddedLength,
  readAhsLength,
  readDataSegmentLength,
} from '../../protocol/index.js';
import { IscsiProtocolError } from './errors.js';

const EMPTY = Buffer.alloc(0);

/**
 * Cuts what a connection receives into PDUs; holds no socket. `push` a chunk, then call `next` until it says false.
 * After each true the fields tell where the PDU lies; its bytes are valid until the following call.
 */
export class PduStream {
  /** Buffer that holds the PDU. */
  bytes: Buffer = EMPTY;
  /** Where its BHS begins. */
  bhs = 0;
  dataStart = 0;
  dataLengthBytes = 0;

  // Changed when login has settled them.
  headerDigest = false;
  dataDigest = false;
  readonly #dataSegmentLengthMaxBytes: number;

  #chunk: Buffer = EMPTY;
  #position = 0;
  /** The beginning of a PDU whose rest has not come yet. */
  #held: Buffer = EMPTY;
  #heldLength = 0;

  constructor(dataSegmentLengthMaxBytes: number) {
    this.#dataSegmentLengthMaxBytes = dataSegmentLengthMaxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#position = 0;
  }

  /** Moves on to the next whole PDU. Throws IscsiProtocolError where the stream can no longer be followed. */
  next(): boolean {
    if (this.#heldLength > 0) return this.#nextHeld();
    const available = this.#chunk.length - this.#position;
    if (available >= BHS_LENGTH_BYTES) {
      const length = this.#locate(this.#chunk, this.#position);
      if (length <= available) {
        this.#position += length;
        this.#checkDigests();
        return true;
      }
    }
    if (available > 0) this.#hold(available);
    return false;
  }

  #nextHeld(): boolean {
    if (this.#heldLength < BHS_LENGTH_BYTES) this.#hold(BHS_LENGTH_BYTES - this.#heldLength);
    if (this.#heldLength < BHS_LENGTH_BYTES) return false;
    const length = this.#locate(this.#held, 0);
    this.#makeRoom(length);
    this.#hold(length - this.#heldLength);
    if (this.#heldLength < length) return false;
    this.bytes = this.#held;
    this.#heldLength = 0;
    this.#checkDigests();
    return true;
  }

  #hold(wantedBytes: number): void {
    const taken = Math.min(wantedBytes, this.#chunk.length - this.#position);
    this.#makeRoom(this.#heldLength + taken);
    this.#chunk.copy(this.#held, this.#heldLength, this.#position, this.#position + taken);
    this.#heldLength += taken;
    this.#position += taken;
  }

  #makeRoom(lengthBytes: number): void {
    if (this.#held.length >= lengthBytes) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(lengthBytes, 16_384));
    this.#held.copy(larger, 0, 0, this.#heldLength);
    this.#held = larger;
  }

  /** Finds the parts of the PDU whose BHS begins at `bhs`; its length on the wire. */
  #locate(bytes: Buffer, bhs: number): number {
    this.bytes = bytes;
    this.bhs = bhs;
    this.dataLengthBytes = readDataSegmentLength(bytes, bhs);
    if (this.dataLengthBytes > this.#dataSegmentLengthMaxBytes) {
      throw new IscsiProtocolError(
        `the target sent a data segment of ${this.dataLengthBytes} bytes, more than the ` +
          `${this.#dataSegmentLengthMaxBytes} that were declared`,
      );
    }
    const headerEnd = bhs + BHS_LENGTH_BYTES + readAhsLength(bytes, bhs);
    this.dataStart = headerEnd + (this.headerDigest ? DIGEST_LENGTH_BYTES : 0);
    const dataEnd = this.dataStart + paddedLength(this.dataLengthBytes);
    return dataEnd - bhs + (this.dataDigest && this.dataLengthBytes > 0 ? DIGEST_LENGTH_BYTES : 0);
  }

  /** At error recovery level 0 a digest error ends the session (RFC 7143 7.8, 7.9). */
  #checkDigests(): void {
    if (this.headerDigest) {
      const headerEnd = this.dataStart - DIGEST_LENGTH_BYTES;
      if (!digestMatches(this.bytes, this.bhs, headerEnd, headerEnd)) {
        throw new IscsiProtocolError('the target sent a header with a wrong digest');
      }
    }
    if (this.dataDigest && this.dataLengthBytes > 0) {
      const dataEnd = this.dataStart + paddedLength(this.dataLengthBytes);
      if (!digestMatches(this.bytes, this.dataStart, dataEnd, dataEnd)) {
        throw new IscsiProtocolError('the target sent data with a wrong digest');
      }
    }
  }
}
