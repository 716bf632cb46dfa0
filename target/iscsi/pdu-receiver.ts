import { BHS_LENGTH_BYTES, DIGEST_LENGTH_BYTES, digestMatches } from '../../protocol/index.js';
import { TARGET_LIMITS } from './limits.js';

/** Why the byte stream cannot be followed any further; the connection ends (RFC 7143 7.7, 7.8). */
export type ReceiveFault = 'dataSegmentTooLong' | 'headerDigestError';

/** A PDU as it lies in memory. */
export interface ReceivedPdu {
  readonly bytes: Buffer;
  readonly headerStart: number;
  readonly ahsLengthBytes: number;
  readonly dataStart: number;
  readonly dataLengthBytes: number;
  /** The data segment came with a wrong digest: only the header can be trusted. */
  readonly dataDigestError: boolean;
}

/** A copy that outlives the receive buffer. */
export function copyPdu(pdu: ReceivedPdu): ReceivedPdu {
  return {
    bytes: Buffer.from(pdu.bytes.subarray(pdu.headerStart, pdu.dataStart + pdu.dataLengthBytes)),
    headerStart: 0,
    ahsLengthBytes: pdu.ahsLengthBytes,
    dataStart: pdu.dataStart - pdu.headerStart,
    dataLengthBytes: pdu.dataLengthBytes,
    dataDigestError: pdu.dataDigestError,
  };
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Cuts the byte stream of a connection into PDUs. Holds no socket: `push` a chunk, then call `next` until it says
 * `incomplete`. A PDU that lies whole in the chunk is read where it lies; one in pieces is put together in a buffer
 * of the receiver. Either way its bytes are valid only until the following call of `next`.
 */
export class PduReceiver implements ReceivedPdu {
  bytes: Buffer = NO_BYTES;
  headerStart = 0;
  ahsLengthBytes = 0;
  dataStart = 0;
  dataLengthBytes = 0;
  dataDigestError = false;

  /** Agreed digests and what we declared; they change at the end of login. */
  headerDigest = false;
  dataDigest = false;
  dataSegmentBytesMax: number = TARGET_LIMITS.loginDataSegmentBytesMax;

  #chunk: Buffer = NO_BYTES;
  #position = 0;
  #partial: Buffer = NO_BYTES;
  #partialLength = 0;

  push(chunk: Buffer): void {
    const rest = this.#chunk.length - this.#position;
    this.#chunk = rest === 0 ? chunk : Buffer.concat([this.#chunk.subarray(this.#position), chunk]);
    this.#position = 0;
  }

  /** Where the PDU that `next` found, or found damaged, ends in `bytes`. */
  get pduEnd(): number {
    const dataEnd = this.dataStart + ((this.dataLengthBytes + 3) & ~3);
    return dataEnd + (this.dataDigest && this.dataLengthBytes > 0 ? DIGEST_LENGTH_BYTES : 0);
  }

  /** A copy of what came and is no PDU yet, nor will be: the connection ends. */
  unfinished(): Buffer {
    const gathered = this.#partial.subarray(0, this.#partialLength);
    return Buffer.concat([gathered, this.#chunk.subarray(this.#position)]);
  }

  next(): 'pdu' | 'incomplete' | ReceiveFault {
    if (this.#partialLength > 0) return this.#nextInPieces();
    const chunk = this.#chunk;
    const start = this.#position;
    const available = chunk.length - start;
    if (available >= BHS_LENGTH_BYTES) {
      const total = this.#measure(chunk, start);
      if (total < 0) return 'dataSegmentTooLong';
      if (available >= total) {
        this.#position = start + total;
        return this.#check();
      }
    }
    if (available > 0) this.#gather(available);
    this.#chunk = NO_BYTES;
    this.#position = 0;
    return 'incomplete';
  }

  #nextInPieces(): 'pdu' | 'incomplete' | ReceiveFault {
    if (this.#partialLength < BHS_LENGTH_BYTES) this.#gather(BHS_LENGTH_BYTES - this.#partialLength);
    if (this.#partialLength < BHS_LENGTH_BYTES) return 'incomplete';
    const total = this.#measure(this.#partial, 0);
    if (total < 0) return 'dataSegmentTooLong';
    this.#reserve(total);
    this.#gather(total - this.#partialLength);
    if (this.#partialLength < total) return 'incomplete';
    this.bytes = this.#partial;
    this.#partialLength = 0;
    return this.#check();
  }

  /** Takes up to `lengthBytes` from the chunk into the buffer for PDUs in pieces. */
  #gather(lengthBytes: number): void {
    const taken = Math.min(lengthBytes, this.#chunk.length - this.#position);
    this.#reserve(this.#partialLength + taken);
    this.#chunk.copy(this.#partial, this.#partialLength, this.#position, this.#position + taken);
    this.#partialLength += taken;
    this.#position += taken;
  }

  #reserve(lengthBytes: number): void {
    if (this.#partial.length >= lengthBytes) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(lengthBytes, TARGET_LIMITS.partialBytesInitial));
    this.#partial.copy(larger, 0, 0, this.#partialLength);
    this.#partial = larger;
  }

  /** Finds the parts of the PDU whose BHS lies at `start`; its whole length, or -1 if its data segment is too long. */
  #measure(bytes: Buffer, start: number): number {
    // TotalAHSLength counts words of four bytes, DataSegmentLength leaves out the padding (RFC 7143 11.2.1.5, .6).
    const ahsLengthBytes = (bytes[start + 4] as number) * 4;
    const dataLengthBytes =
      ((bytes[start + 5] as number) << 16) |
      ((bytes[start + 6] as number) << 8) |
      (bytes[start + 7] as number);
    // A Reject shows the header of one that is too long as well (RFC 7143 11.17).
    this.bytes = bytes;
    this.headerStart = start;
    this.ahsLengthBytes = ahsLengthBytes;
    this.dataLengthBytes = dataLengthBytes;
    this.dataStart =
      start + BHS_LENGTH_BYTES + ahsLengthBytes + (this.headerDigest ? DIGEST_LENGTH_BYTES : 0);
    return dataLengthBytes > this.dataSegmentBytesMax ? -1 : this.pduEnd - start;
  }

  #check(): 'pdu' | 'headerDigestError' {
    this.dataDigestError = false;
    if (this.headerDigest) {
      const headerEnd = this.headerStart + BHS_LENGTH_BYTES + this.ahsLengthBytes;
      if (!digestMatches(this.bytes, this.headerStart, headerEnd, headerEnd)) return 'headerDigestError';
    }
    if (this.dataDigest && this.dataLengthBytes > 0) {
      const dataEnd = this.dataStart + ((this.dataLengthBytes + 3) & ~3);
      this.dataDigestError = !digestMatches(this.bytes, this.dataStart, dataEnd, dataEnd);
    }
    return 'pdu';
  }
}
