import { Task } from '../logical-unit/task.js';

const NO_BYTES = Buffer.alloc(0);

/** An R2T whose data has not all come (RFC 7143 11.8). */
export interface OpenR2t {
  readonly targetTransferTag: number;
  readonly bufferOffsetBytes: number;
  readonly lengthBytes: number;
  receivedBytes: number;
  expDataSn: number;
}

/** Why a task with Data-Out cannot succeed; the sense is that of RFC 7143 11.4.7.2. */
export type DataOutFault = 'unexpectedUnsolicitedData' | 'incorrectAmountOfData' | 'protocolServiceCrcError';

/** A SCSI command of an iSCSI session: a task, and how far its Data-Out has come. */
export class ScsiTask extends Task {
  immediate = false;
  /** First half of the LUN field, as it came; the other is zero where a logical unit is addressed. */
  lunFieldHigh = 0;
  /** The session finds it by its tag: it did not end within the call that began it. */
  listed = false;

  /** Data-Out that will be handed over: what the command wants, as far as the initiator offers it. */
  wantedBytes = 0;
  collected: Buffer = NO_BYTES;
  /** The F bit of the unsolicited data has not come yet. */
  unsolicitedOpen = false;
  unsolicitedBytes = 0;
  unsolicitedDataSn = 0;
  /** Where the next R2T begins. */
  solicitedBytes = 0;
  r2tSn = 0;
  readonly openR2ts: OpenR2t[] = [];
  fault: DataOutFault | null = null;
  /** It ended while unsolicited data was still to come; the answer waits for the F bit (RFC 7143 11.4). */
  answerHeld = false;
  /** Sweeps since its Data-Out went on. */
  sweepsWaited = 0;

  /** Makes it as new, for the next command. */
  reset(): void {
    this.status = 0;
    this.sense = NO_BYTES;
    this.dataOut = NO_BYTES;
    this.dataOutWantedBytes = 0;
    this.dataIn = NO_BYTES;
    this.dataInBytes = 0;
    this.dataInSource = null;
    this.dataInPosition = 0;
    this.state = 'new';
    this.listed = false;
    this.wantedBytes = 0;
    this.collected = NO_BYTES;
    this.unsolicitedOpen = false;
    this.unsolicitedBytes = 0;
    this.unsolicitedDataSn = 0;
    this.solicitedBytes = 0;
    this.r2tSn = 0;
    this.openR2ts.length = 0;
    this.fault = null;
    this.answerHeld = false;
    this.sweepsWaited = 0;
  }

  /** Keeps `length` bytes of `source` that belong at `offset`; what the command does not want is dropped. */
  collect(source: Buffer, start: number, length: number, offset: number): void {
    const end = Math.min(offset + length, this.wantedBytes);
    if (end <= offset) return;
    this.#reserve(end);
    source.copy(this.collected, offset, start, start + end - offset);
  }

  /** Grows with what really arrives, so that a promise of gigabytes costs nothing. */
  #reserve(lengthBytes: number): void {
    if (this.collected.length >= lengthBytes) return;
    const doubled = Math.min(this.wantedBytes, Math.max(lengthBytes, 2 * this.collected.length));
    const size = this.wantedBytes <= GROWTH_BEGINS_BYTES ? this.wantedBytes : doubled;
    const larger = Buffer.allocUnsafe(size);
    this.collected.copy(larger);
    this.collected = larger;
  }
}

/** Up to this length the whole of a command's Data-Out is reserved at once. */
const GROWTH_BEGINS_BYTES = 1_048_576;
