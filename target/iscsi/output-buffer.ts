import { TARGET_LIMITS } from './limits.js';

/** The socket, as far as output needs it. */
export interface OutputSink {
  /** Writes; `taken` is called once the bytes are no longer needed. True: they already are not. */
  write(bytes: Buffer, taken: () => void): boolean;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * Collects the answers of one turn of the event loop, so that they leave in one write. PDUs are written straight into
 * `bytes` at the offset that `reserve` gives. Bytes that the socket did not take at once stay untouched until it has
 * them; the next turn then fills another buffer.
 */
export class OutputBuffer {
  bytes: Buffer = NO_BYTES;
  /** How many bytes of `bytes` are answers. */
  length = 0;
  /** Bytes that the socket has not taken yet. */
  queuedBytes = 0;
  readonly #sink: OutputSink;
  #spare: Buffer | null = null;

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  /** Room for `lengthBytes` more; the offset where they begin. The bytes there are not zero. */
  reserve(lengthBytes: number): number {
    const offset = this.length;
    if (offset + lengthBytes <= this.bytes.length) {
      this.length = offset + lengthBytes;
      return offset;
    }
    this.#enlarge(lengthBytes);
    const begin = this.length;
    this.length += lengthBytes;
    return begin;
  }

  #enlarge(lengthBytes: number): void {
    const wanted = this.length + lengthBytes;
    if (wanted > TARGET_LIMITS.outputBytesKept) this.flush();
    let size = Math.max(this.bytes.length, TARGET_LIMITS.outputBytesInitial);
    while (size < this.length + lengthBytes) size *= 2;
    if (size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Hands what is there to the socket. */
  flush(): void {
    const length = this.length;
    if (length === 0) return;
    const bytes = this.bytes;
    this.length = 0;
    this.queuedBytes += length;
    let taken = false;
    const whenTaken = (): void => {
      if (taken) return;
      taken = true;
      this.queuedBytes -= length;
      if (bytes !== this.bytes && bytes.length <= TARGET_LIMITS.outputBytesKept) this.#spare = bytes;
    };
    if (this.#sink.write(length === bytes.length ? bytes : bytes.subarray(0, length), whenTaken)) {
      whenTaken();
      if (bytes.length > TARGET_LIMITS.outputBytesKept) this.bytes = NO_BYTES;
    } else {
      this.bytes = this.#spare ?? NO_BYTES;
      this.#spare = null;
    }
  }

  /** Forgets what was not flushed and lets go of the buffers. */
  discard(): void {
    this.length = 0;
    this.bytes = NO_BYTES;
    this.#spare = null;
  }
}
