import {
  ASYNC_EVENT,
  asynchronousMessageLayout,
  beginBhs,
  BHS_LENGTH_BYTES,
  decodeText,
  encodeText,
  HOT_OFFSET,
  ISCSI_OPCODE,
  ISCSI_RESPONSE,
  iscsiOpcodeName,
  LOGOUT_REASON,
  logoutRequestLayout,
  logoutResponseLayout,
  nopOutLayout,
  OPCODE_MASK,
  PDU_FLAG,
  readInitiatorTaskTag,
  readU32,
  rejectLayout,
  rejectReasonName,
  RESERVED_TAG,
  serialAdd,
  serialDifference,
  serialLess,
  serialLessOrEqual,
  TASK_ATTRIBUTE,
  TASK_MANAGEMENT_FUNCTION,
  TASK_MANAGEMENT_RESPONSE,
  taskManagementRequestLayout,
  taskManagementResponseLayout,
  textRequestLayout,
  textResponseLayout,
  writeLun,
  writeU32,
  type OperationalParameters,
  type TextPair,
} from '../../protocol/index.js';
import { CommandAbortedError, IscsiProtocolError } from './errors.js';
import type { PduOutput } from './pdu-output.js';
import type { ScsiTask } from './scsi-task.js';

/** A PDU where it lies in the receive buffer. */
export interface PduView {
  readonly bytes: Buffer;
  readonly bhs: number;
  readonly dataStart: number;
  readonly dataLengthBytes: number;
}

export interface AsynchronousMessage {
  readonly event: number;
  readonly lun: bigint;
  readonly parameter1: number;
  readonly parameter2: number;
  readonly parameter3: number;
  /** Data segment: sense data for a SCSI event. */
  readonly data: Uint8Array;
}

/** The serial numbers that login leaves behind. */
export interface SerialNumbers {
  readonly cmdSn: number;
  readonly expStatSn: number;
  readonly maxCmdSn: number;
}

export type TaskManagementRequest =
  | { readonly function: 'abortTask'; readonly lun: number; readonly initiatorTaskTag: number }
  | {
      readonly function: 'abortTaskSet' | 'clearAca' | 'clearTaskSet' | 'logicalUnitReset';
      readonly lun: number;
    }
  | { readonly function: 'targetWarmReset' | 'targetColdReset' }
  | { readonly function: 'taskReassign'; readonly lun: number; readonly initiatorTaskTag: number };

/** A request other than a SCSI command that waits for its answer. */
interface Exchange {
  readonly opcode: number;
  readonly answer: (pdu: PduView) => void;
  readonly fail: (error: Error) => void;
}

const NO_BYTES = new Uint8Array(0);
const FINAL = { final: 1 } as const;

/**
 * Full feature phase of one connection, initiator's side (RFC 7143 clauses 4 and 11): tags, serial numbers, data
 * transfer, and the exchanges beside commands. Holds no socket and no clock; what it sends goes to `output`, and a
 * broken rule is thrown as IscsiProtocolError.
 */
export class FullFeaturePhase {
  readonly parameters: OperationalParameters;
  readonly #output: PduOutput;
  readonly #onAsynchronousMessage: (message: AsynchronousMessage) => void;
  readonly #tasks = new Map<number, ScsiTask>();
  readonly #exchanges = new Map<number, Exchange>();
  readonly #bhs = Buffer.alloc(BHS_LENGTH_BYTES);
  #cmdSn: number;
  #expStatSn: number;
  #maxCmdSn: number;
  #nextTag = 0;

  constructor(
    parameters: OperationalParameters,
    serialNumbers: SerialNumbers,
    output: PduOutput,
    onAsynchronousMessage: (message: AsynchronousMessage) => void,
  ) {
    this.parameters = parameters;
    this.#cmdSn = serialNumbers.cmdSn;
    this.#expStatSn = serialNumbers.expStatSn;
    this.#maxCmdSn = serialNumbers.maxCmdSn;
    this.#output = output;
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
    return serialLessOrEqual(this.#cmdSn, this.#maxCmdSn);
  }

  /** Sends a command with its immediate and unsolicited data; `windowOpen` must be true. */
  sendCommand(task: ScsiTask): void {
    const { parameters } = this;
    const total = task.dataOut.length;
    const firstBurst = Math.min(total, parameters.firstBurstLengthBytes);
    const immediate = parameters.immediateData
      ? Math.min(firstBurst, parameters.peerMaxRecvDataSegmentLengthBytes)
      : 0;
    const unsolicited = parameters.initialR2t ? immediate : firstBurst;
    task.initiatorTaskTag = this.#allocateTag();
    task.cmdSn = this.#cmdSn;
    task.state = 'sent';
    this.#cmdSn = serialAdd(this.#cmdSn, 1);
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
    writeU32(bhs, HOT_OFFSET.scsiCommand.expStatSn, this.#expStatSn);
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
      writeU32(bhs, HOT_OFFSET.dataOut.expStatSn, this.#expStatSn);
      writeU32(bhs, HOT_OFFSET.dataOut.dataSn, dataSn);
      writeU32(bhs, HOT_OFFSET.dataOut.bufferOffsetBytes, from);
      this.#output.send(bhs, task.dataOut.subarray(from, to));
      from = to;
    }
  }

  /** Sends a task management function, immediately (RFC 7143 11.5); settles with the response code. */
  async manageTask(request: TaskManagementRequest): Promise<number> {
    const referenced = 'initiatorTaskTag' in request ? request.initiatorTaskTag : RESERVED_TAG;
    const lun = 'lun' in request ? request.lun : 0;
    const issuedAt = this.#cmdSn;
    const response = await this.#exchange(
      ISCSI_OPCODE.taskManagementResponse,
      (tag) => {
        taskManagementRequestLayout.encode(
          {
            immediate: 1,
            opcode: ISCSI_OPCODE.taskManagementRequest,
            ...FINAL,
            function: TASK_MANAGEMENT_FUNCTION[request.function],
            initiatorTaskTag: tag,
            referencedTaskTag: referenced,
            cmdSn: this.#cmdSn,
            expStatSn: this.#expStatSn,
            refCmdSn: this.#tasks.get(referenced)?.cmdSn ?? 0,
          },
          this.#bhs,
        );
        writeLun(this.#bhs, HOT_OFFSET.bhs.lun, lun);
        this.#output.send(this.#bhs);
      },
      (pdu) => {
        const { response } = taskManagementResponseLayout.decode(pdu.bytes, pdu.bhs);
        // No status follows for what a function has ended (RFC 7143 4.2.3.3), so it ends here.
        if (response === TASK_MANAGEMENT_RESPONSE.functionComplete) this.#endManaged(request, issuedAt);
        return response;
      },
    );
    return response;
  }

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

  /** Sends a NOP-Out that asks for an answer, which must echo `data` (RFC 7143 11.18). */
  async ping(data: Uint8Array = NO_BYTES): Promise<void> {
    await this.#exchange(
      ISCSI_OPCODE.nopIn,
      (tag) => {
        this.#sendNopOut({ initiatorTaskTag: tag, targetTransferTag: RESERVED_TAG, lun: 0n }, data);
      },
      (pdu) => {
        const echoed = pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + pdu.dataLengthBytes);
        // The target may cut the echo to the segment that we take, which is longer than any ping of ours.
        if (!echoed.equals(data))
          throw new IscsiProtocolError('the target echoed other data than it was sent');
      },
    );
  }

  #sendNopOut(
    tags: { initiatorTaskTag: number; targetTransferTag: number; lun: bigint },
    data: Uint8Array,
  ): void {
    nopOutLayout.encode(
      {
        immediate: 1,
        opcode: ISCSI_OPCODE.nopOut,
        ...FINAL,
        ...tags,
        cmdSn: this.#cmdSn,
        expStatSn: this.#expStatSn,
      },
      this.#bhs,
    );
    this.#output.send(this.#bhs, data);
  }

  /** A text negotiation; long answers, which come in pieces, are put together (RFC 7143 11.10, 11.11). */
  async text(pairs: readonly TextPair[]): Promise<readonly TextPair[]> {
    const parts: Buffer[] = [];
    let targetTransferTag = RESERVED_TAG;
    let request: Uint8Array = encodeText(pairs);
    for (;;) {
      const answer = await this.#exchange(
        ISCSI_OPCODE.textResponse,
        (tag) => {
          textRequestLayout.encode(
            {
              immediate: 1,
              opcode: ISCSI_OPCODE.textRequest,
              ...FINAL,
              initiatorTaskTag: tag,
              targetTransferTag,
              cmdSn: this.#cmdSn,
              expStatSn: this.#expStatSn,
            },
            this.#bhs,
          );
          this.#output.send(this.#bhs, request);
        },
        (pdu) => {
          parts.push(Buffer.from(pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + pdu.dataLengthBytes)));
          return textResponseLayout.decode(pdu.bytes, pdu.bhs);
        },
      );
      if (answer.final === 1) break;
      targetTransferTag = answer.targetTransferTag;
      request = NO_BYTES;
    }
    const decoded = decodeText(Buffer.concat(parts));
    if (!decoded.ok) throw new IscsiProtocolError(`the target answered a bad text: ${decoded.error}`);
    return decoded.pairs;
  }

  /** Ends the session; settles with the response code. */
  logout(): Promise<number> {
    return this.#exchange(
      ISCSI_OPCODE.logoutResponse,
      (tag) => {
        logoutRequestLayout.encode(
          {
            immediate: 1,
            opcode: ISCSI_OPCODE.logoutRequest,
            ...FINAL,
            reason: LOGOUT_REASON.closeSession,
            initiatorTaskTag: tag,
            cmdSn: this.#cmdSn,
            expStatSn: this.#expStatSn,
          },
          this.#bhs,
        );
        this.#output.send(this.#bhs);
      },
      (pdu) => logoutResponseLayout.decode(pdu.bytes, pdu.bhs).response,
    );
  }

  #exchange<T>(opcode: number, send: (tag: number) => void, read: (pdu: PduView) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const tag = this.#allocateTag();
      const answer = (pdu: PduView): void => {
        try {
          resolve(read(pdu));
        } catch (error) {
          reject(error instanceof Error ? error : new IscsiProtocolError(String(error)));
          throw error;
        }
      };
      this.#exchanges.set(tag, { opcode, answer, fail: reject });
      send(tag);
    });
  }

  #allocateTag(): number {
    do {
      this.#nextTag = serialAdd(this.#nextTag, 1);
    } while (
      this.#nextTag === RESERVED_TAG ||
      this.#tasks.has(this.#nextTag) ||
      this.#exchanges.has(this.#nextTag)
    );
    return this.#nextTag;
  }

  /** Takes a PDU of the target. Throws IscsiProtocolError: the connection must be dropped then. */
  receive(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    const opcode = (bytes[bhs] as number) & OPCODE_MASK;
    this.#takeWindow(bytes, bhs);
    switch (opcode) {
      case ISCSI_OPCODE.dataIn:
        this.#dataIn(pdu);
        return;
      case ISCSI_OPCODE.scsiResponse:
        this.#takeStatSn(bytes, bhs);
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
        this.#takeStatSn(bytes, bhs);
        this.#answered(opcode, pdu);
        return;
      case ISCSI_OPCODE.asynchronousMessage:
        this.#takeStatSn(bytes, bhs);
        this.#asynchronousMessage(pdu);
        return;
      case ISCSI_OPCODE.reject:
        this.#takeStatSn(bytes, bhs);
        this.#reject(pdu);
        return;
      default:
        throw new IscsiProtocolError(`the target sent ${iscsiOpcodeName(opcode)}`);
    }
  }

  /** RFC 7143 4.2.2.1: MaxCmdSN below ExpCmdSN - 1 is to be ignored, and it never goes back. */
  #takeWindow(bytes: Buffer, bhs: number): void {
    const expCmdSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.expCmdSn);
    const maxCmdSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.maxCmdSn);
    if (serialLess(maxCmdSn, serialAdd(expCmdSn, -1))) return;
    if (serialLess(this.#maxCmdSn, maxCmdSn)) this.#maxCmdSn = maxCmdSn;
  }

  /** A StatSN that skips one means that a status was lost: at error recovery level 0 the session ends. */
  #takeStatSn(bytes: Buffer, bhs: number): void {
    const statSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.statSn);
    if (serialDifference(statSn, this.#expStatSn) !== 0) {
      throw new IscsiProtocolError(`the target sent StatSN ${statSn} where ${this.#expStatSn} was due`);
    }
    this.#expStatSn = serialAdd(this.#expStatSn, 1);
  }

  #dataIn(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    const flags = bytes[bhs + HOT_OFFSET.bhs.flags] as number;
    const withStatus = (flags & PDU_FLAG.status) !== 0;
    if (withStatus) this.#takeStatSn(bytes, bhs);
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
    this.#sendData(task, tag, offset, length);
  }

  #nopIn(pdu: PduView): void {
    const { bytes, bhs } = pdu;
    if (readInitiatorTaskTag(bytes, bhs) !== RESERVED_TAG) {
      this.#takeStatSn(bytes, bhs);
      this.#answered(ISCSI_OPCODE.nopIn, pdu);
      return;
    }
    const targetTransferTag = readU32(bytes, bhs + HOT_OFFSET.dataOut.targetTransferTag);
    if (targetTransferTag === RESERVED_TAG) return;
    // RFC 7143 11.18: an answer carries the tag and the LUN of what it answers.
    const lun = bytes.readBigUInt64BE(bhs + HOT_OFFSET.bhs.lun);
    this.#sendNopOut({ initiatorTaskTag: RESERVED_TAG, targetTransferTag, lun }, NO_BYTES);
  }

  #answered(opcode: number, pdu: PduView): void {
    const tag = readInitiatorTaskTag(pdu.bytes, pdu.bhs);
    const exchange = this.#exchanges.get(tag);
    if (exchange?.opcode !== opcode) {
      throw new IscsiProtocolError(`the target sent a ${iscsiOpcodeName(opcode)} that nothing asked for`);
    }
    this.#exchanges.delete(tag);
    exchange.answer(pdu);
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
    this.#exchanges.get(tag)?.fail(error);
    this.#exchanges.delete(tag);
    // A command whose Data-Out was rejected still gets a status.
    if (opcode !== ISCSI_OPCODE.scsiCommand) return;
    const task = this.#tasks.get(tag);
    this.#tasks.delete(tag);
    task?.fail(error);
  }

  /** The connection is gone: whatever waits for an answer fails. */
  fail(error: Error): void {
    const tasks = [...this.#tasks.values()];
    const exchanges = [...this.#exchanges.values()];
    this.#tasks.clear();
    this.#exchanges.clear();
    for (const task of tasks) task.fail(error);
    for (const exchange of exchanges) exchange.fail(error);
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
