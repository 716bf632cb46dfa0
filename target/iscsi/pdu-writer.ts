import {
  BHS_LENGTH_BYTES,
  DIGEST_LENGTH_BYTES,
  HOT_OFFSET,
  ISCSI_OPCODE,
  PDU_FLAG,
  RESERVED_TAG,
  SCSI_STATUS,
  asynchronousMessageLayout,
  beginBhs,
  loginResponseLayout,
  logoutResponseLayout,
  nopInLayout,
  paddedLength,
  rejectLayout,
  serialAdd,
  taskManagementResponseLayout,
  textResponseLayout,
  writeDigest,
  writeTargetSerialNumbers,
  writeU32,
} from '../../protocol/index.js';
import type { Layout, LayoutValue } from '../../protocol/index.js';
import type { CommandWindow } from './command-window.js';
import type { OutputBuffer } from './output-buffer.js';
import type { OpenR2t, ScsiTask } from './scsi-task.js';

const NO_BYTES = new Uint8Array(0);

/** Everything a target sends, written straight into the output buffer of the connection. */
export class PduWriter {
  /** StatSN of the next status (RFC 7143 4.2.2.2). */
  statSn = 0;
  headerDigest = false;
  dataDigest = false;
  /** What the initiator takes in one PDU: its MaxRecvDataSegmentLength. */
  dataSegmentBytesMax = 8_192;
  maxBurstLengthBytes = 262_144;
  /** Before the window may be told, it is opened as far as the commands under way allow. */
  commandsUnderWay: () => number = () => 0;
  readonly #output: OutputBuffer;
  #window: CommandWindow | null = null;

  constructor(output: OutputBuffer) {
    this.#output = output;
  }

  set window(window: CommandWindow) {
    this.#window = window;
  }

  /** Data-In and status of a command that ended: with GOOD the status rides on the last Data-In (RFC 7143 11.7.3). */
  answerCommand(task: ScsiTask): void {
    const sent = Math.min(task.dataInBytes, task.expectedDataInBytes);
    let dataPdus = 0;
    if (sent > 0) {
      // There is no place for sense data, nor for a second residual, in a Data-In.
      const collapse = task.status === SCSI_STATUS.good && task.expectedDataOutBytes === 0;
      dataPdus = this.#dataIn(task, sent, collapse);
      if (collapse) return;
    }
    this.#scsiResponse(task, dataPdus);
  }

  /** The Data-In PDUs of a command; how many there were. */
  #dataIn(task: ScsiTask, sent: number, collapse: boolean): number {
    const segmentMax = this.dataSegmentBytesMax;
    let offset = 0;
    let dataSn = 0;
    let burstEnd = this.maxBurstLengthBytes;
    while (offset < sent) {
      const length = Math.min(sent - offset, segmentMax, burstEnd - offset);
      const end = offset + length;
      const last = end === sent;
      // F ends each sequence of at most MaxBurstLength (RFC 7143 11.7.1).
      let flags = last || end === burstEnd ? PDU_FLAG.final : 0;
      if (last && collapse)
        flags |= PDU_FLAG.status | residualFlags(task.expectedDataInBytes, task.dataInBytes);
      const bhs = this.#begin(ISCSI_OPCODE.dataIn, flags, length, task.tag);
      const bytes = this.#output.bytes;
      writeU32(bytes, bhs + HOT_OFFSET.dataIn.targetTransferTag, RESERVED_TAG);
      if (last && collapse) {
        bytes[bhs + HOT_OFFSET.dataIn.status] = task.status;
        this.#serialNumbers(bhs, this.#takeStatSn());
        writeU32(
          bytes,
          bhs + HOT_OFFSET.dataIn.residualCount,
          residual(task.expectedDataInBytes, task.dataInBytes),
        );
      } else {
        this.#serialNumbers(bhs, 0);
      }
      writeU32(bytes, bhs + HOT_OFFSET.dataIn.dataSn, dataSn);
      writeU32(bytes, bhs + HOT_OFFSET.dataIn.bufferOffsetBytes, offset);
      const data = this.#finishHeader(bhs);
      task.copyDataIn(bytes, data, offset, length);
      this.#finishData(data, length);
      offset = end;
      dataSn++;
      if (offset === burstEnd) burstEnd += this.maxBurstLengthBytes;
    }
    return dataSn;
  }

  /** SCSI Response (RFC 7143 11.4): residuals by what was expected and what the command had. */
  #scsiResponse(task: ScsiTask, dataPdus: number): void {
    const isWrite = task.expectedDataOutBytes > 0;
    const isBidirectional = isWrite && task.expectedDataInBytes > 0;
    const expected = isWrite ? task.expectedDataOutBytes : task.expectedDataInBytes;
    // With R the expected length is that of Data-In alone; with neither bit it is 0, and all is overflow.
    const isRead = !isWrite && task.expectedDataInBytes > 0;
    const had = isRead
      ? task.dataInBytes
      : isWrite
        ? task.dataOutWantedBytes
        : task.dataInBytes + task.dataOutWantedBytes;
    let flags: number = PDU_FLAG.final | residualFlags(expected, had);
    if (isBidirectional) flags |= bidirectionalFlags(task.expectedDataInBytes, task.dataInBytes);
    const senseBytes = task.sense.length;
    const length = senseBytes === 0 ? 0 : 2 + senseBytes;
    const bhs = this.#begin(ISCSI_OPCODE.scsiResponse, flags, length, task.tag);
    const bytes = this.#output.bytes;
    bytes[bhs + HOT_OFFSET.scsiResponse.status] = task.status;
    this.#serialNumbers(bhs, this.#takeStatSn());
    // ExpDataSN: how many R2T and Data-In PDUs there were.
    writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.expDataSn, dataPdus + task.r2tSn);
    writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.residualCount, residual(expected, had));
    if (isBidirectional) {
      const missing = residual(task.expectedDataInBytes, task.dataInBytes);
      writeU32(bytes, bhs + HOT_OFFSET.scsiResponse.bidirectionalReadResidualCount, missing);
    }
    const data = this.#finishHeader(bhs);
    if (length > 0) {
      bytes[data] = senseBytes >>> 8;
      bytes[data + 1] = senseBytes;
      bytes.set(task.sense, data + 2);
      this.#finishData(data, length);
    }
  }

  /** R2T (RFC 7143 11.8): names the next StatSN and takes none. */
  readyToTransfer(task: ScsiTask, r2t: OpenR2t, r2tSn: number): void {
    const at = HOT_OFFSET.readyToTransfer;
    const bhs = this.#begin(ISCSI_OPCODE.readyToTransfer, PDU_FLAG.final, 0, task.tag);
    const bytes = this.#output.bytes;
    writeU32(bytes, bhs + HOT_OFFSET.bhs.lun, task.lunFieldHigh);
    writeU32(bytes, bhs + at.targetTransferTag, r2t.targetTransferTag);
    this.#serialNumbers(bhs, this.statSn);
    writeU32(bytes, bhs + at.r2tSn, r2tSn);
    writeU32(bytes, bhs + at.bufferOffsetBytes, r2t.bufferOffsetBytes);
    writeU32(bytes, bhs + at.desiredDataTransferLengthBytes, r2t.lengthBytes);
    this.#finishHeader(bhs);
  }

  /** The answer to a ping, or a ping of ours when the task tag is the reserved one: that one takes no StatSN. */
  nopIn(value: Partial<LayoutValue<typeof nopInLayout>>, data: Uint8Array): void {
    const statSn = value.initiatorTaskTag === RESERVED_TAG ? 'next' : 'take';
    this.#send(nopInLayout, ISCSI_OPCODE.nopIn, PDU_FLAG.final, statSn, value, data);
  }

  taskManagementResponse(initiatorTaskTag: number, response: number): void {
    this.#send(taskManagementResponseLayout, ISCSI_OPCODE.taskManagementResponse, PDU_FLAG.final, 'take', {
      initiatorTaskTag,
      response,
    });
  }

  logoutResponse(initiatorTaskTag: number, response: number): void {
    this.#send(logoutResponseLayout, ISCSI_OPCODE.logoutResponse, PDU_FLAG.final, 'take', {
      initiatorTaskTag,
      response,
    });
  }

  /** `flags`: F or C. */
  textResponse(
    value: Partial<LayoutValue<typeof textResponseLayout>>,
    flags: number,
    text: Uint8Array,
  ): void {
    this.#send(textResponseLayout, ISCSI_OPCODE.textResponse, flags, 'take', value, text);
  }

  /** `flags`: T, C and the stages. */
  loginResponse(
    value: Partial<LayoutValue<typeof loginResponseLayout>>,
    flags: number,
    text: Uint8Array,
  ): void {
    this.#send(loginResponseLayout, ISCSI_OPCODE.loginResponse, flags, 'take', value, text);
  }

  reject(reason: number, header: Uint8Array): void {
    this.#send(
      rejectLayout,
      ISCSI_OPCODE.reject,
      PDU_FLAG.final,
      'take',
      { initiatorTaskTag: RESERVED_TAG, reason },
      header,
    );
  }

  asynchronousMessage(value: Partial<LayoutValue<typeof asynchronousMessageLayout>>): void {
    this.#send(asynchronousMessageLayout, ISCSI_OPCODE.asynchronousMessage, PDU_FLAG.final, 'take', {
      initiatorTaskTag: RESERVED_TAG,
      ...value,
    });
  }

  /** A PDU that is not worth hand-placing. `statSn`: whether its status takes a StatSN or names the next one. */
  #send<T extends object>(
    layout: Layout<T>,
    opcode: number,
    flags: number,
    statSn: 'take' | 'next',
    value: Partial<T>,
    data: Uint8Array = NO_BYTES,
  ): void {
    const bhs = this.#reserve(data.length);
    const bytes = this.#output.bytes;
    layout.encode(value, bytes, bhs);
    bytes[bhs] = opcode;
    bytes[bhs + 1] = flags;
    bytes[bhs + 5] = data.length >>> 16;
    bytes[bhs + 6] = data.length >>> 8;
    bytes[bhs + 7] = data.length;
    this.#serialNumbers(bhs, statSn === 'take' ? this.#takeStatSn() : this.statSn);
    const start = this.#finishHeader(bhs);
    bytes.set(data, start);
    this.#finishData(start, data.length);
  }

  #begin(opcode: number, flags: number, dataLength: number, initiatorTaskTag: number): number {
    const bhs = this.#reserve(dataLength);
    beginBhs(this.#output.bytes, bhs, opcode, flags, dataLength, initiatorTaskTag);
    return bhs;
  }

  /** Room for a whole PDU with its digests and padding. */
  #reserve(dataLength: number): number {
    let length = BHS_LENGTH_BYTES + paddedLength(dataLength);
    if (this.headerDigest) length += DIGEST_LENGTH_BYTES;
    if (this.dataDigest && dataLength > 0) length += DIGEST_LENGTH_BYTES;
    return this.#output.reserve(length);
  }

  #takeStatSn(): number {
    const statSn = this.statSn;
    this.statSn = serialAdd(statSn, 1);
    return statSn;
  }

  #serialNumbers(bhs: number, statSn: number): void {
    const window = this.#window;
    if (window === null) return;
    window.open(this.commandsUnderWay());
    writeTargetSerialNumbers(this.#output.bytes, bhs, statSn, window.expCmdSn, window.maxCmdSn);
  }

  /** Adds the header digest; where the data segment begins. */
  #finishHeader(bhs: number): number {
    const end = bhs + BHS_LENGTH_BYTES;
    if (!this.headerDigest) return end;
    writeDigest(this.#output.bytes, bhs, end, end);
    return end + DIGEST_LENGTH_BYTES;
  }

  /** Pads the data segment with zeros and adds its digest. */
  #finishData(start: number, length: number): void {
    const bytes = this.#output.bytes;
    const end = start + paddedLength(length);
    for (let i = start + length; i < end; i++) bytes[i] = 0;
    if (this.dataDigest && length > 0) writeDigest(bytes, start, end, end);
  }
}

const residual = (expected: number, had: number): number => Math.abs(expected - had);

/** O: the command had more than was expected; U: less (RFC 7143 11.4.1). */
function residualFlags(expected: number, had: number): number {
  if (had > expected) return PDU_FLAG.residualOverflow;
  return had < expected ? PDU_FLAG.residualUnderflow : 0;
}

function bidirectionalFlags(expected: number, had: number): number {
  if (had > expected) return PDU_FLAG.bidirectionalReadOverflow;
  return had < expected ? PDU_FLAG.bidirectionalReadUnderflow : 0;
}
