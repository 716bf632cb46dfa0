import type { ScsiResult } from '../../protocol/index.js';
import { IscsiProtocolError } from './errors.js';

const EMPTY = new Uint8Array(0);

/** A SCSI command from `execute` to its result: what it wants, and what has come of it so far. */
export class ScsiTask {
  readonly lun: number;
  readonly cdb: Uint8Array;
  readonly dataOut: Uint8Array;
  readonly dataInLength: number;
  readonly timeoutMs: number | undefined;
  /** See `ExecuteOptions`. */
  readonly whenDataOutIsAskedFor: (() => Promise<void>) | undefined;
  /** Called once when the task has ended, whichever way: its slot is free. */
  readonly #settled: (task: ScsiTask) => void;
  readonly #resolve: (result: ScsiResult) => void;
  readonly #reject: (error: Error) => void;

  /** Set when the command is sent. */
  initiatorTaskTag = 0;
  cmdSn = 0;
  state: 'waiting' | 'sent' | 'ended' = 'waiting';
  timer: NodeJS.Timeout | undefined;
  /** Why it is being aborted: what `execute` then rejects with. */
  givenUp: Error | undefined;

  #dataIn: Uint8Array = EMPTY;
  #receivedBytes = 0;
  #nextDataSn = 0;

  constructor(
    wants: {
      readonly lun: number;
      readonly cdb: Uint8Array;
      readonly dataOut: Uint8Array | undefined;
      readonly dataInLength: number | undefined;
      readonly timeoutMs: number | undefined;
      readonly whenDataOutIsAskedFor?: (() => Promise<void>) | undefined;
    },
    resolve: (result: ScsiResult) => void,
    reject: (error: Error) => void,
    settled: (task: ScsiTask) => void,
  ) {
    this.lun = wants.lun;
    this.cdb = wants.cdb;
    this.dataOut = wants.dataOut ?? EMPTY;
    this.dataInLength = wants.dataInLength ?? 0;
    this.timeoutMs = wants.timeoutMs;
    this.whenDataOutIsAskedFor = wants.whenDataOutIsAskedFor;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#settled = settled;
  }

  /** Takes the data segment of a Data-In; `last`: status comes with it, so no buffer for more is needed. */
  takeDataIn(
    bytes: Uint8Array,
    start: number,
    lengthBytes: number,
    dataSn: number,
    bufferOffset: number,
    last: boolean,
  ): void {
    if (dataSn !== this.#nextDataSn) {
      throw new IscsiProtocolError(`the target sent DataSN ${dataSn} where ${this.#nextDataSn} was due`);
    }
    // DataPDUInOrder and DataSequenceInOrder are Yes in every session of ours.
    if (bufferOffset !== this.#receivedBytes || bufferOffset + lengthBytes > this.dataInLength) {
      throw new IscsiProtocolError(
        `the target sent ${lengthBytes} bytes at offset ${bufferOffset}; due were ` +
          `${this.dataInLength - this.#receivedBytes} at ${this.#receivedBytes}`,
      );
    }
    this.#nextDataSn++;
    if (this.#receivedBytes === 0) {
      this.#dataIn = Buffer.allocUnsafe(last ? lengthBytes : this.dataInLength);
    }
    this.#dataIn.set(bytes.subarray(start, start + lengthBytes), bufferOffset);
    this.#receivedBytes += lengthBytes;
  }

  complete(status: number, sense: Uint8Array, residual: number): void {
    const dataIn =
      this.#dataIn.length === this.#receivedBytes
        ? this.#dataIn
        : this.#dataIn.subarray(0, this.#receivedBytes);
    // A target that sends less than asked for and does not say so has left a residual all the same.
    const missing = this.dataInLength - this.#receivedBytes;
    this.#end();
    this.#resolve({ status, sense, dataIn, residual: residual === 0 ? missing : residual });
  }

  fail(error: Error): void {
    if (this.state === 'ended') return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.state = 'ended';
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.#settled(this);
  }
}
