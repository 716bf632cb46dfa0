import { RESERVED_TAG, serialAdd } from '../../protocol/index.js';
import type { DataOutFault, OpenR2t, ScsiTask } from './scsi-task.js';
import { TARGET_LIMITS } from './limits.js';

/** What a session agreed about Data-Out. */
export interface DataOutParameters {
  readonly initialR2t: boolean;
  readonly immediateData: boolean;
  readonly firstBurstLengthBytes: number;
  readonly maxBurstLengthBytes: number;
  readonly maxOutstandingR2t: number;
}

/** The data segment that came with a SCSI Command or in a Data-Out, and its place. */
export interface DataSegment {
  readonly bytes: Buffer;
  readonly start: number;
  readonly lengthBytes: number;
  readonly final: boolean;
  /** The digest was wrong: only the header counts. */
  readonly damaged: boolean;
}

/** Immediate data of a command that wants Data-Out (RFC 7143 4.2.5.2, 11.3.4). Sets up the collection. */
export function beginDataOut(task: ScsiTask, segment: DataSegment, agreed: DataOutParameters): void {
  task.wantedBytes = Math.min(task.dataOutWantedBytes, task.expectedDataOutBytes);
  task.unsolicitedOpen = !segment.final && !agreed.initialR2t;
  if (segment.lengthBytes === 0) return;
  if (!agreed.immediateData || segment.lengthBytes > agreed.firstBurstLengthBytes) {
    task.fault = 'unexpectedUnsolicitedData';
  } else if (segment.lengthBytes > task.expectedDataOutBytes) {
    task.fault = 'incorrectAmountOfData';
  } else {
    task.collect(segment.bytes, segment.start, segment.lengthBytes, 0);
  }
  task.unsolicitedBytes = segment.lengthBytes;
}

/** Data-Out that no R2T asked for. */
export function acceptUnsolicited(
  task: ScsiTask,
  segment: DataSegment,
  dataSn: number,
  bufferOffsetBytes: number,
  agreed: DataOutParameters,
): void {
  if (!task.unsolicitedOpen) {
    blame(task, 'unexpectedUnsolicitedData');
    return;
  }
  const end = bufferOffsetBytes + segment.lengthBytes;
  if (segment.damaged || dataSn !== task.unsolicitedDataSn) blame(task, 'protocolServiceCrcError');
  else if (end > agreed.firstBurstLengthBytes) blame(task, 'unexpectedUnsolicitedData');
  else if (
    bufferOffsetBytes !== task.unsolicitedBytes ||
    end > task.expectedDataOutBytes ||
    // RFC 7143 11.4.7.2: where FirstBurstLength is not enough, all of it comes unsolicited or immediate data alone.
    (segment.final &&
      end < agreed.firstBurstLengthBytes &&
      task.expectedDataOutBytes > agreed.firstBurstLengthBytes)
  ) {
    blame(task, 'incorrectAmountOfData');
  }
  if (task.fault === null) {
    task.collect(segment.bytes, segment.start, segment.lengthBytes, bufferOffsetBytes);
  }
  task.unsolicitedDataSn = serialAdd(task.unsolicitedDataSn, 1);
  task.unsolicitedBytes += segment.lengthBytes;
  if (segment.final) task.unsolicitedOpen = false;
}

/** Data-Out that answers an R2T; one whose tag is not open is late, and dropped. */
export function acceptSolicited(
  task: ScsiTask,
  segment: DataSegment,
  targetTransferTag: number,
  dataSn: number,
  bufferOffsetBytes: number,
): void {
  const index = task.openR2ts.findIndex((r2t) => r2t.targetTransferTag === targetTransferTag);
  const r2t = task.openR2ts[index];
  if (r2t === undefined) return;
  const received = r2t.receivedBytes + segment.lengthBytes;
  if (segment.damaged || dataSn !== r2t.expDataSn) blame(task, 'protocolServiceCrcError');
  else if (
    bufferOffsetBytes !== r2t.bufferOffsetBytes + r2t.receivedBytes ||
    received > r2t.lengthBytes ||
    (segment.final && received < r2t.lengthBytes)
  ) {
    blame(task, 'incorrectAmountOfData');
  }
  if (task.fault === null) {
    task.collect(segment.bytes, segment.start, segment.lengthBytes, bufferOffsetBytes);
  }
  r2t.receivedBytes = received;
  r2t.expDataSn = serialAdd(r2t.expDataSn, 1);
  if (segment.final) task.openR2ts.splice(index, 1);
}

/** The first fault is the one that is reported. */
function blame(task: ScsiTask, fault: DataOutFault): void {
  task.fault ??= fault;
}

/** What the collection needs now. */
export type DataOutProgress = 'waiting' | 'whole' | 'failed';

/** Where the Data-Out of a task stands; call `nextR2t` while it is `waiting`. */
export function dataOutProgress(task: ScsiTask): DataOutProgress {
  // The answer to a faulty sequence waits for its F bit (RFC 7143 7.8).
  if (task.unsolicitedOpen || task.openR2ts.length > 0) return 'waiting';
  if (task.fault !== null) return 'failed';
  return Math.max(task.solicitedBytes, task.unsolicitedBytes) >= task.wantedBytes ? 'whole' : 'waiting';
}

/** The R2T to send now, if any: up to MaxBurstLength, and MaxOutstandingR2T of them at once. */
export function nextR2t(
  task: ScsiTask,
  agreed: DataOutParameters,
  targetTransferTag: () => number,
): OpenR2t | undefined {
  if (task.unsolicitedOpen || task.fault !== null || task.openR2ts.length >= agreed.maxOutstandingR2t) {
    return undefined;
  }
  const bufferOffsetBytes = Math.max(task.solicitedBytes, task.unsolicitedBytes);
  if (bufferOffsetBytes >= task.wantedBytes) return undefined;
  const r2t: OpenR2t = {
    targetTransferTag: targetTransferTag(),
    bufferOffsetBytes,
    lengthBytes: Math.min(task.wantedBytes - bufferOffsetBytes, agreed.maxBurstLengthBytes),
    receivedBytes: 0,
    expDataSn: 0,
  };
  task.openR2ts.push(r2t);
  task.solicitedBytes = bufferOffsetBytes + r2t.lengthBytes;
  return r2t;
}

/** Target transfer tags of one connection, never the reserved one. */
export class TransferTags {
  #last = 0;

  next(): number {
    this.#last = serialAdd(this.#last, 1);
    if (this.#last === RESERVED_TAG) this.#last = 0;
    return this.#last;
  }
}

export const isTooMuchDataOut = (task: ScsiTask): boolean =>
  Math.min(task.dataOutWantedBytes, task.expectedDataOutBytes) > TARGET_LIMITS.dataOutBytesMax;
