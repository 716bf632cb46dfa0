import {
  ASYNC_EVENT,
  asynchronousMessageLayout,
  beginBhs,
  BHS_LENGTH_BYTES,
  HOT_OFFSET,
  ISCSI_OPCODE,
  ISCSI_RESPONSE,
  iscsiOpcodeName,
  OPCODE_MASK,
  PDU_FLAG,
  readInitiatorTaskTag,
  readU32,
  rejectLayout,
  rejectReasonName,
  RESERVED_TAG,
  serialLess,
  TASK_ATTRIBUTE,
  writeLun,
  writeU32,
  type OperationalParameters,
} from '../../protocol/index.js';
import { CommandAbortedError, IscsiProtocolError } from './errors.js';
import { Exchanges, type TaskManagementRequest } from './exchanges.js';
import type { PduOutput } from './pdu-output.js';
import type { PduView } from './pdu-view.js';
import type { ScsiTask } from './scsi-task.js';
import { SerialNumbers, type LoginSerialNumbers } from './serial-numbers.js';

export interface AsynchronousMessage {
  readonly event: number;
  readonly lun: bigint;
  readonly parameter1: number;
  readonly parameter2: number;
  readonly parameter3: number;
  /** Data segment: sense data for a SCSI event. */
  readonly data: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Full feature phase of one connection, initiator's side (RFC 7143 clauses 4 and 11): tags, serial numbers, data
 * transfer, and what the target sends unasked. Holds no socket and no clock; what it sends goes to `output`, and a
 * broken rule is thrown as IscsiProtocolError.
 */
export class FullFeaturePhase {
  readonly parameters: OperationalParameters;
  /** Ping, text and logout; task management goes through `manageTask`. */
  readonly exchanges: Exchanges;
  readonly #output: PduOutput;
  readonly #onAsynchronousMessage: (message: AsynchronousMessage) => void;
  readonly #tasks = new Map<number, ScsiTask>();
  readonly #bhs = Buffer.alloc(BHS_LENGTH_BYTES);
  readonly #serialNumbers: SerialNumbers;

  constructor(
    parameters: OperationalParameters,
    serialNumbers: LoginSerialNumbers,
    output: PduOutput,
    onAsynchronousMessage: (message: AsynchronousMessage) => void,
  ) {
    this.parameters = parameters;
    this.#serialNumbers = new SerialNumbers(serialNumbers);
    this.#output = output;
    this.exchanges = new Exchanges(output, this.#serialNumbers, () => this.#takeTag());
    this.#onAsynchronousMessage = onAsynchronousMessage;
  }

  /** Commands that were sent and have not ended, oldest first. */
  get tasks(): Iterable<ScsiTask> {
    return this.#tasks.values();
  }

  get taskCount(): number {
    return this.#tasks.size;
  }

  /** Whether the target's command window admits another command (RFC 7143 4.2.2.1). */
  get windowOpen(): boolean {
    return this.#serialNumbers.windowOpen;
  }

  /** Sends a command with its immediate and unsolicited data; `windowOpen` must be true. */
  sendCommand(task: ScsiTask): void {
    const { parameters } = this;
    const total = task.dataOut.length;
    // Nothing unsolicited goes out where Data-Out is withheld: F=1 says that the target must ask (RFC 7143 11.3.1).
    const withheld = task.whenDataOutIsAskedFor !== undefined;
    const firstBurst = withheld ? 0 : Math.min(total, parameters.firstBurstLengthBytes);
    const immediate = parameters.immediateData
      ? Math.min(firstBurst, parameters.peerMaxRecvDataSegmentLengthBytes)
      : 0;
    const unsolicited = parameters.initialR2t ? immediate : firstBurst;
    task.initiatorTaskTag = this.#takeTag();
    task.cmdSn = this.#serialNumbers.takeCmdSn();
    task.state = 'sent';
    this.#tasks.set(task.initiatorTaskTag, task);
    const direction = (total > 0 ? PDU_FLAG.write : 0) | (task.dataInLength > 0 ? PDU_FLAG.read : 0);
    const final = unsolicited > immediate ? 0 : PDU_FLAG.final;
    const bhs = this.#bhs;
    beginBhs(
      bhs,
      0,
      ISCSI_OPCODE.scsiCommand,
      final | direction | TASK_ATTRIBUTE.simple,
      0,
      task.initiatorTaskTag,
    );
    writeLun(bhs, HOT_OFFSET.bhs.lun, task.lun);
    writeU32(bhs, HOT_OFFSET.scsiCommand.expectedDataTransferLengthBytes, total + task.dataInLength);
    writeU32(bhs, HOT_OFFSET.scsiCommand.cmdSn, task.cmdSn);
    writeU32(bhs, HOT_OFFSET.scsiCommand.expStatSn, this.#serialNumbers.expStatSn);
    bhs.set(task.cdb, HOT_OFFSET.scsiCommand.cdb);
    this.#output.send(bhs, immediate > 0 ? task.dataOut.subarray(0, immediate) : undefined);
    if (unsolicited > immediate) this.#sendData(task, RESERVED_TAG, immediate, unsolicited - immediate);
  }

  /** One sequence of Data-Out: the answer to an R2T, or unsolicited (RFC 7143 11.7). */
  #sendData(task: ScsiTask, targetTransferTag: number, offset: number, lengthBytes: number): void {
    const segmentMax = this.parameters.peerMaxRecvDataSegmentLengthBytes;
    const end = offset + lengthBytes;
    const bhs = this.#bhs;
    for (let dataSn = 0, from = offset; from < end; dataSn++) {
      const to = Math.min(end, from + segmentMax);
      beginBhs(bhs, 0, ISCSI_OPCODE.dataOut, to === end ? PDU_FLAG.final : 0, 0, task.initiatorTaskTag);
      writeLun(bhs, HOT_OFFSET.bhs.lun, task.lun);
      writeU32(bhs, HOT_OFFSET.dataOut.targetTransferTag, targetTransferTag);
      writeU32(bhs, HOT_OFFSET.dataOut.expStatSn, this.#serialNumbers.expStatSn);
      writeU32(bhs, HOT_OFFSET.dataOut.dataSn, dataSn);
      writeU32(bhs, HOT_OFFSET.dataOut.bufferOffsetBytes, from);
      this.#output.send(bhs, task.dataOut.subarray(from, to));
      from = to;
    }
  }

  /** Sends a task management function, immediately; settles with the response code. */
  manageTask(request: TaskManagementRequest): Promise<number> {
    const issuedAt = this.#serialNumbers.cmdSn;
    const referenced = 'initiatorTaskTag' in request ? this.#tasks.get(request.initiatorTaskTag) : undefined;
    return this.exchanges.manageTask(request, referenced?.cmdSn ?? 0, () => {
      this.#endManaged(request, issuedAt);
    });
  }

  /** No status follows for what a function has ended (RFC 7143 4.2.3.3), so it ends here. */
  #endManaged(request: TaskManagementRequest, issuedAt: number): void {
    const ends = (task: ScsiTask): boolean => {
      switch (request.function) {
        case 'abortTask':
          return task.initiatorTaskTag === request.initiatorTaskTag;
        case 'abortTaskSet':
        case 'clearTaskSet':
        case 'logicalUnitReset':
          return task.lun === request.lun && serialLess(task.cmdSn, issuedAt);
        case 'targetWarmReset':
        case 'targetColdReset':
          return serialLess(task.cmdSn, issuedAt);
        case 'clearAca':
        case 'taskReassign':
          return false;
      }
    };
    for (const task of [...this.#tasks.values()].filter(ends)) {
      this.#tasks.delete(task.initiatorTaskTag);
      task.fail(task.givenUp ?? new CommandAbortedError(`the command was ended by ${request.function}`));
    }
  }

  /** Ends a task that the target no longer knows, or that nobody waits for any more. */
  abandon(task: ScsiTask, error: Error): void {
    if (this.#tasks.get(task.initiatorTaskTag) === task) this.#tasks.delete(task.initiatorTaskTag);
    task.fail(error);
  }

  #takeTag(): number {
    return this.#serialNumbers.takeTag((tag) => this.#tasks.has(tag) || this.exchanges.has(tag));
  }

  /** Takes a PDU of the target. Throws IscsiProtocolError: the connection must be dropped then. */
  receive(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    const opcode = (bytes[bhs] as number) & OPCODE_MASK;
    this.#serialNumbers.takeWindow(bytes, bhs);
    switch (opcode) {
      case ISCSI_OPCODE.dataIn:
        this.#dataIn(pdu);
        return;
      case ISCSI_OPCODE.scsiResponse:
        this.#serialNumbers.takeStatSn(bytes, bhs);
        this.#scsiResponse(pdu);
        return;
      case ISCSI_OPCODE.readyToTransfer:
        this.#readyToTransfer(bytes, bhs);
        return;
      case ISCSI_OPCODE.nopIn:
        this.#nopIn(pdu);
        return;
      case ISCSI_OPCODE.taskManagementResponse:
      case ISCSI_OPCODE.textResponse:
      case ISCSI_OPCODE.logoutResponse:
        this.#serialNumbers.takeStatSn(bytes, bhs);
        this.exchanges.answered(opcode, pdu);
        return;
      case ISCSI_OPCODE.asynchronousMessage:
        this.#serialNumbers.takeStatSn(bytes, bhs);
        this.#asynchronousMessage(pdu);
        return;
      case ISCSI_OPCODE.reject:
        this.#serialNumbers.takeStatSn(bytes, bhs);
        this.#reject(pdu);
        return;
      default:
        throw new IscsiProtocolError(`the target sent ${iscsiOpcodeName(opcode)}`);
    }
  }

  #dataIn(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    const flags = bytes[bhs + HOT_OFFSET.bhs.flags] as number;
    const withStatus = (flags & PDU_FLAG.status) !== 0;
    if (withStatus) this.#serialNumbers.takeStatSn(bytes, bhs);
    const tag = readInitiatorTaskTag(bytes, bhs);
    const task = this.#tasks.get(tag);
    // Data of a command that was aborted in the meantime.
    if (task === undefined) return;
    task.takeDataIn(
      bytes,
      pdu.dataStart,
      pdu.dataLengthBytes,
      readU32(bytes, bhs + HOT_OFFSET.dataIn.dataSn),
      readU32(bytes, bhs + HOT_OFFSET.dataIn.bufferOffsetBytes),
      withStatus,
    );
    if (!withStatus) return;
    this.#tasks.delete(tag);
    const residual = residualOf(flags, readU32(bytes, bhs + HOT_OFFSET.dataIn.residualCount));
    task.complete(bytes[bhs + HOT_OFFSET.dataIn.status] as number, NO_BYTES, residual);
  }

  #scsiResponse(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    const tag = readInitiatorTaskTag(bytes, bhs);
    const task = this.#tasks.get(tag);
    if (task === undefined) return;
    this.#tasks.delete(tag);
    const response = bytes[bhs + HOT_OFFSET.scsiResponse.response] as number;
    if (response !== ISCSI_RESPONSE.completedAtTarget) {
      task.fail(new CommandAbortedError(`the target failed before the command ended (response ${response})`));
      return;
    }
    const flags = bytes[bhs + HOT_OFFSET.bhs.flags] as number;
    const residual = residualOf(flags, readU32(bytes, bhs + HOT_OFFSET.scsiResponse.residualCount));
    task.complete(bytes[bhs + HOT_OFFSET.scsiResponse.status] as number, senseOf(pdu), residual);
  }

  #readyToTransfer(bytes: Buffer, bhs: number): void {
    const task = this.#tasks.get(readInitiatorTaskTag(bytes, bhs));
    if (task === undefined) return;
    const offset = readU32(bytes, bhs + HOT_OFFSET.readyToTransfer.bufferOffsetBytes);
    const length = readU32(bytes, bhs + HOT_OFFSET.readyToTransfer.desiredDataTransferLengthBytes);
    if (length === 0 || offset + length > task.dataOut.length) {
      throw new IscsiProtocolError(
        `the target asked for ${length} bytes at offset ${offset} of a command that has ${task.dataOut.length}`,
      );
    }
    const tag = readU32(bytes, bhs + HOT_OFFSET.readyToTransfer.targetTransferTag);
    if (task.whenDataOutIsAskedFor === undefined) this.#sendData(task, tag, offset, length);
    else this.#sendDataLater(task, task.whenDataOutIsAskedFor, tag, offset, length);
  }

  #sendDataLater(
    task: ScsiTask,
    asked: () => Promise<void>,
    tag: number,
    offset: number,
    length: number,
  ): void {
    asked().then(
      () => {
        if (this.#tasks.get(task.initiatorTaskTag) === task) this.#sendData(task, tag, offset, length);
      },
      (error: unknown) => {
        this.abandon(task, error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  #nopIn(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    if (readInitiatorTaskTag(bytes, bhs) !== RESERVED_TAG) {
      this.#serialNumbers.takeStatSn(bytes, bhs);
      this.exchanges.answered(ISCSI_OPCODE.nopIn, pdu);
      return;
    }
    const targetTransferTag = readU32(bytes, bhs + HOT_OFFSET.dataOut.targetTransferTag);
    if (targetTransferTag === RESERVED_TAG) return;
    // RFC 7143 11.18: an answer carries the tag and the LUN of what it answers.
    const lun = bytes.readBigUInt64BE(bhs + HOT_OFFSET.bhs.lun);
    this.exchanges.sendNopOut({ initiatorTaskTag: RESERVED_TAG, targetTransferTag, lun }, NO_BYTES);
  }

  #asynchronousMessage(pdu: PduView): void {
    const message = asynchronousMessageLayout.decode(pdu.bytes, pdu.bhs);
    this.#onAsynchronousMessage({
      event: message.asyncEvent,
      lun: message.lun,
      parameter1: message.parameter1,
      parameter2: message.parameter2,
      parameter3: message.parameter3,
      data:
        message.asyncEvent === ASYNC_EVENT.scsiEvent
          ? senseOf(pdu)
          : Buffer.from(pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + pdu.dataLengthBytes)),
    });
  }

  /** The data segment is the header of what was rejected (RFC 7143 11.17); who waits for its answer gets none. */
  #reject(pdu: PduView): void {
    if (pdu.dataLengthBytes < BHS_LENGTH_BYTES) return;
    const { reason } = rejectLayout.decode(pdu.bytes, pdu.bhs);
    const opcode = (pdu.bytes[pdu.dataStart] as number) & OPCODE_MASK;
    const tag = readInitiatorTaskTag(pdu.bytes, pdu.dataStart);
    const error = new CommandAbortedError(
      `the target rejected the ${iscsiOpcodeName(opcode)}: ${rejectReasonName(reason)}`,
    );
    this.exchanges.rejected(tag, error);
    // A command whose Data-Out was rejected still gets a status.
    if (opcode !== ISCSI_OPCODE.scsiCommand) return;
    const task = this.#tasks.get(tag);
    this.#tasks.delete(tag);
    task?.fail(error);
  }

  /** The connection is gone: whatever waits for an answer fails. */
  fail(error: Error): void {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    for (const task of tasks) task.fail(error);
    this.exchanges.fail(error);
  }
}

function residualOf(flags: number, count: number): number {
  if ((flags & PDU_FLAG.residualUnderflow) !== 0) return count;
  return (flags & PDU_FLAG.residualOverflow) !== 0 ? -count : 0;
}

/** Sense data of a data segment: two bytes of length before it (RFC 7143 11.4.7). */
function senseOf(pdu: PduView): Uint8Array {
  if (pdu.dataLengthBytes < 2) return NO_BYTES;
  const length = Math.min(pdu.bytes.readUInt16BE(pdu.dataStart), pdu.dataLengthBytes - 2);
  return Buffer.from(pdu.bytes.subarray(pdu.dataStart + 2, pdu.dataStart + 2 + length));
}
