import {
  BHS_LENGTH_BYTES,
  HOT_OFFSET,
  IMMEDIATE_FLAG,
  PDU_FLAG,
  REJECT_REASON,
  RESERVED_TAG,
  SENSE_KEY,
  TASK_ATTRIBUTE_MASK,
  readInitiatorTaskTag,
  readLun,
  readU32,
} from '../../protocol/index.js';
import type { DeviceServer, NexusAttachment, Task, TaskAttribute, TaskOwner } from '../logical-unit/task.js';
import { bidirectionalReadLength } from './additional-header-segments.js';
import {
  acceptSolicited,
  acceptUnsolicited,
  beginDataOut,
  dataOutProgress,
  isTooMuchDataOut,
  nextR2t,
} from './data-out.js';
import type { DataOutParameters, DataSegment, TransferTags } from './data-out.js';
import { TARGET_LIMITS } from './limits.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import type { PduWriter } from './pdu-writer.js';
import { ScsiTask } from './scsi-task.js';
import { isOverdue } from './session-watch.js';
import type { DataOutFault } from './scsi-task.js';

/** By ATTR of the SCSI Command (RFC 7143 11.3.1); a reserved value counts as SIMPLE. */
const ATTRIBUTES: readonly TaskAttribute[] = ['untagged', 'simple', 'ordered', 'headOfQueue', 'aca'];

/** Sense of the conditions that iSCSI itself finds (RFC 7143 11.4.7.2): ABORTED COMMAND, and this ASC and ASCQ. */
const FAULT_SENSE: { readonly [F in DataOutFault]: { readonly asc: number; readonly ascq: number } } = {
  unexpectedUnsolicitedData: { asc: 0x0c, ascq: 0x0c },
  incorrectAmountOfData: { asc: 0x0c, ascq: 0x0d },
  protocolServiceCrcError: { asc: 0x47, ascq: 0x05 },
};

/** What the commands of a session need of it. */
export interface CommandSession {
  readonly writer: PduWriter;
  readonly transferTags: TransferTags;
  readonly agreed: DataOutParameters;
  readonly deviceServer: DeviceServer;
  readonly attachment: NexusAttachment;
  reject(pdu: ReceivedPdu, reason: number): void;
  /** Answers were written outside of a turn that ends with a flush. */
  answered(): void;
  /** An answer could not be written: the session cannot go on. */
  fault(error: unknown): void;
  /** A command that took a place in the window is gone, and no answer tells so. */
  placeFreed(): void;
}

/** The SCSI commands of one session: from the PDU to the device server, and its answers back. */
export class ScsiCommands implements TaskOwner {
  /** Commands that did not end within the call that began them, by initiator task tag. */
  readonly #tasks = new Map<number, ScsiTask>();
  readonly #pool: ScsiTask[] = [];
  readonly #session: CommandSession;
  #immediate = 0;
  #closed = false;

  constructor(session: CommandSession) {
    this.#session = session;
  }

  /** Commands under way that take a place in the command window. */
  get underWay(): number {
    return this.#tasks.size - this.#immediate;
  }

  get immediateUnderWay(): number {
    return this.#immediate;
  }

  /** A SCSI Command whose turn it is (RFC 7143 11.3). */
  begin(pdu: ReceivedPdu): void {
    const { bytes, headerStart: at } = pdu;
    const flags = bytes[at + 1] as number;
    const tag = readInitiatorTaskTag(bytes, at);
    if (this.#tasks.size > 0 && this.#tasks.has(tag)) {
      this.#session.reject(pdu, REJECT_REASON.taskInProgress);
      return;
    }
    const isWrite = (flags & PDU_FLAG.write) !== 0;
    if (tag === RESERVED_TAG || (pdu.dataLengthBytes > 0 && !isWrite)) {
      this.#session.reject(pdu, REJECT_REASON.invalidPduField);
      return;
    }
    const task = this.#pool.pop() ?? new ScsiTask(this, this.#session.attachment);
    task.tag = tag;
    task.immediate = ((bytes[at] as number) & IMMEDIATE_FLAG) !== 0;
    task.lun = readLun(bytes, at + HOT_OFFSET.bhs.lun);
    task.lunFieldHigh = readU32(bytes, at + HOT_OFFSET.bhs.lun);
    task.attribute = ATTRIBUTES[flags & TASK_ATTRIBUTE_MASK] ?? 'simple';
    bytes.copy(task.cdb, 0, at + HOT_OFFSET.scsiCommand.cdb, at + BHS_LENGTH_BYTES);
    const expected = readU32(bytes, at + HOT_OFFSET.scsiCommand.expectedDataTransferLengthBytes);
    task.expectedDataOutBytes = isWrite ? expected : 0;
    if ((flags & PDU_FLAG.read) === 0) task.expectedDataInBytes = 0;
    else task.expectedDataInBytes = isWrite ? bidirectionalReadLength(pdu) : expected;
    const final = (flags & PDU_FLAG.final) !== 0;
    task.unsolicitedOpen = isWrite && !final && !this.#session.agreed.initialR2t;

    const progress = this.#session.deviceServer.submit(task);
    if (progress === 'dataOutWanted') this.#wantDataOut(task, pdu, final);
    else if (progress === 'executing' || task.answerHeld) this.#list(task);
    else this.#release(task);
  }

  #wantDataOut(task: ScsiTask, pdu: ReceivedPdu, final: boolean): void {
    const wanted = Math.min(task.dataOutWantedBytes, task.expectedDataOutBytes);
    const { agreed } = this.#session;
    const length = pdu.dataLengthBytes;
    // The whole of it came along: the device server gets it where it lies.
    if (
      final &&
      length >= wanted &&
      length <= task.expectedDataOutBytes &&
      length <= agreed.firstBurstLengthBytes &&
      (agreed.immediateData || length === 0)
    ) {
      task.dataOut = pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + wanted);
      if (this.#session.deviceServer.dataOutArrived(task) === 'ended') this.#release(task);
      else this.#list(task);
      return;
    }
    this.#list(task);
    if (isTooMuchDataOut(task)) {
      this.#session.deviceServer.failTask(task, SENSE_KEY.illegalRequest, 0x24, 0x00);
      return;
    }
    beginDataOut(task, segmentOf(pdu, final), agreed);
    this.#advance(task);
  }

  /** A Data-Out (RFC 7143 11.7). One for no task, or for a task that no longer wants it, is late: it is dropped. */
  dataOut(pdu: ReceivedPdu): void {
    const { bytes, headerStart: at } = pdu;
    const task = this.#tasks.get(readInitiatorTaskTag(bytes, at));
    if (pdu.dataDigestError) this.#session.reject(pdu, REJECT_REASON.dataDigestError);
    if (task === undefined) return;
    task.sweepsWaited = 0;
    const final = ((bytes[at + 1] as number) & PDU_FLAG.final) !== 0;
    const targetTransferTag = readU32(bytes, at + HOT_OFFSET.dataOut.targetTransferTag);
    if (task.state !== 'awaitingDataOut') {
      if (final && targetTransferTag === RESERVED_TAG) this.#lastUnsolicited(task);
      return;
    }
    const segment = segmentOf(pdu, final);
    const dataSn = readU32(bytes, at + HOT_OFFSET.dataOut.dataSn);
    const offset = readU32(bytes, at + HOT_OFFSET.dataOut.bufferOffsetBytes);
    if (targetTransferTag === RESERVED_TAG) {
      acceptUnsolicited(task, segment, dataSn, offset, this.#session.agreed);
    } else {
      acceptSolicited(task, segment, targetTransferTag, dataSn, offset);
    }
    this.#advance(task);
  }

  #advance(task: ScsiTask): void {
    const { deviceServer, agreed, writer, transferTags } = this.#session;
    switch (dataOutProgress(task)) {
      case 'failed': {
        const sense = FAULT_SENSE[task.fault ?? 'protocolServiceCrcError'];
        deviceServer.failTask(task, SENSE_KEY.abortedCommand, sense.asc, sense.ascq);
        return;
      }
      case 'whole':
        task.dataOut = task.collected.subarray(0, task.wantedBytes);
        deviceServer.dataOutArrived(task);
        return;
      case 'waiting':
        for (;;) {
          const r2t = nextR2t(task, agreed, () => transferTags.next());
          if (r2t === undefined) return;
          writer.readyToTransfer(task, r2t, task.r2tSn++);
        }
    }
  }

  taskCompleted(task: Task): void {
    if (!(task instanceof ScsiTask) || this.#closed) return;
    if (task.unsolicitedOpen) {
      // What the initiator sends unasked is still on its way; an answer now would free the tag too early.
      task.answerHeld = true;
      task.sense = Uint8Array.from(task.sense);
      return;
    }
    this.#unlist(task);
    try {
      this.#session.writer.answerCommand(task);
      this.#session.answered();
    } catch (error) {
      // Who ends a task may serve another session: the fault stays here.
      this.#session.fault(error);
    }
  }

  taskDropped(task: Task): void {
    if (!(task instanceof ScsiTask)) return;
    this.#unlist(task);
    if (!this.#closed) this.#session.placeFreed();
  }

  /** Tasks that have ended and whose answers wait for unsolicited data. */
  withHeldAnswer(which: (task: ScsiTask) => boolean): ScsiTask[] {
    return [...this.#tasks.values()].filter((task) => task.answerHeld && which(task));
  }

  /**
   * Takes back those answers that still wait: task management has ended the tasks, so that the initiator need not send the
   * rest of their data any more, and their tags are free.
   */
  takeBackAnswers(tasks: readonly ScsiTask[]): void {
    for (const task of tasks) if (task.listed) this.taskDropped(task);
  }

  /** The last unsolicited data of a task that does not want it. */
  #lastUnsolicited(task: ScsiTask): void {
    task.unsolicitedOpen = false;
    if (!task.answerHeld) return;
    this.#unlist(task);
    this.#session.writer.answerCommand(task);
  }

  /** Once a sweep: whether the Data-Out of a command has not gone on for the whole time-out. */
  sweep(): boolean {
    let overdue = false;
    for (const task of this.#tasks.values()) {
      if (task.state !== 'awaitingDataOut' && !task.answerHeld) continue;
      task.sweepsWaited++;
      overdue ||= isOverdue(task.sweepsWaited);
    }
    return overdue;
  }

  /** The session is gone: nothing is answered any more. */
  close(): void {
    this.#closed = true;
    this.#tasks.clear();
    this.#pool.length = 0;
    this.#immediate = 0;
  }

  #list(task: ScsiTask): void {
    task.listed = true;
    this.#tasks.set(task.tag, task);
    if (task.immediate) this.#immediate++;
  }

  #unlist(task: ScsiTask): void {
    if (!task.listed) return;
    task.listed = false;
    this.#tasks.delete(task.tag);
    if (task.immediate) this.#immediate--;
  }

  /** Only tasks that ended within the call that began them are used again: nobody else can still hold those. */
  #release(task: ScsiTask): void {
    if (this.#pool.length >= TARGET_LIMITS.commandWindow || task.listed) return;
    task.reset();
    this.#pool.push(task);
  }
}

function segmentOf(pdu: ReceivedPdu, final: boolean): DataSegment {
  return {
    bytes: pdu.bytes,
    start: pdu.dataStart,
    lengthBytes: pdu.dataLengthBytes,
    final,
    damaged: pdu.dataDigestError,
  };
}
