import {
  BHS_LENGTH_BYTES,
  decodeText,
  encodeText,
  HOT_OFFSET,
  ISCSI_OPCODE,
  iscsiOpcodeName,
  LOGOUT_REASON,
  logoutRequestLayout,
  logoutResponseLayout,
  nopOutLayout,
  readInitiatorTaskTag,
  RESERVED_TAG,
  TASK_MANAGEMENT_FUNCTION,
  TASK_MANAGEMENT_RESPONSE,
  taskManagementRequestLayout,
  taskManagementResponseLayout,
  textRequestLayout,
  textResponseLayout,
  writeLun,
  type TextPair,
} from '../../protocol/index.js';
import { IscsiProtocolError } from './errors.js';
import type { PduOutput } from './pdu-output.js';
import type { PduView } from './pdu-view.js';
import type { SerialNumbers } from './serial-numbers.js';

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
 * The exchanges beside SCSI commands: task management, ping, text, logout. Each is a request for immediate delivery and
 * its answer, so that the command window never holds it up.
 */
export class Exchanges {
  readonly #output: PduOutput;
  readonly #serialNumbers: SerialNumbers;
  readonly #takeTag: () => number;
  readonly #underWay = new Map<number, Exchange>();
  readonly #bhs = Buffer.alloc(BHS_LENGTH_BYTES);

  /** `takeTag`: a tag that neither a command nor an exchange uses. */
  constructor(output: PduOutput, serialNumbers: SerialNumbers, takeTag: () => number) {
    this.#output = output;
    this.#serialNumbers = serialNumbers;
    this.#takeTag = takeTag;
  }

  /** Whether an exchange with this tag waits for its answer. */
  has(tag: number): boolean {
    return this.#underWay.has(tag);
  }

  /**
   * Sends a task management function, immediately (RFC 7143 11.5); settles with the response code. `completed` is
   * called where the function is complete, before anything that the target sent after its response is looked at.
   */
  manageTask(request: TaskManagementRequest, refCmdSn: number, completed: () => void): Promise<number> {
    return this.#exchange(
      ISCSI_OPCODE.taskManagementResponse,
      (tag) => {
        taskManagementRequestLayout.encode(
          {
            immediate: 1,
            opcode: ISCSI_OPCODE.taskManagementRequest,
            ...FINAL,
            function: TASK_MANAGEMENT_FUNCTION[request.function],
            initiatorTaskTag: tag,
            referencedTaskTag: 'initiatorTaskTag' in request ? request.initiatorTaskTag : RESERVED_TAG,
            refCmdSn,
            ...this.#serials(),
          },
          this.#bhs,
        );
        writeLun(this.#bhs, HOT_OFFSET.bhs.lun, 'lun' in request ? request.lun : 0);
        this.#output.send(this.#bhs);
      },
      (pdu) => {
        const { response } = taskManagementResponseLayout.decode(pdu.bytes, pdu.bhs);
        if (response === TASK_MANAGEMENT_RESPONSE.functionComplete) completed();
        return response;
      },
    );
  }

  /** Sends a NOP-Out that asks for an answer, which must echo `data` (RFC 7143 11.18). */
  async ping(data: Uint8Array = NO_BYTES): Promise<void> {
    await this.#exchange(
      ISCSI_OPCODE.nopIn,
      (tag) => {
        this.sendNopOut({ initiatorTaskTag: tag, targetTransferTag: RESERVED_TAG, lun: 0n }, data);
      },
      (pdu) => {
        const echoed = pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + pdu.dataLengthBytes);
        // The target may cut the echo to the segment that we take, which is longer than any ping of ours.
        if (!echoed.equals(data))
          throw new IscsiProtocolError('the target echoed other data than it was sent');
      },
    );
  }

  /** A NOP-Out: a ping, or the answer to one of the target's. */
  sendNopOut(
    tags: { initiatorTaskTag: number; targetTransferTag: number; lun: bigint },
    data: Uint8Array,
  ): void {
    nopOutLayout.encode(
      {
        immediate: 1,
        opcode: ISCSI_OPCODE.nopOut,
        ...FINAL,
        ...tags,
        ...this.#serials(),
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
              ...this.#serials(),
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
            ...this.#serials(),
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
      const tag = this.#takeTag();
      const answer = (pdu: PduView): void => {
        try {
          resolve(read(pdu));
        } catch (error) {
          reject(error instanceof Error ? error : new IscsiProtocolError(String(error)));
          throw error;
        }
      };
      this.#underWay.set(tag, { opcode, answer, fail: reject });
      send(tag);
    });
  }

  #serials(): { readonly cmdSn: number; readonly expStatSn: number } {
    const { cmdSn, expStatSn } = this.#serialNumbers;
    return { cmdSn, expStatSn };
  }

  /** Takes the answer to an exchange. */
  answered(opcode: number, pdu: PduView): void {
    const tag = readInitiatorTaskTag(pdu.bytes, pdu.bhs);
    const exchange = this.#underWay.get(tag);
    if (exchange?.opcode !== opcode) {
      throw new IscsiProtocolError(`the target sent a ${iscsiOpcodeName(opcode)} that nothing asked for`);
    }
    this.#underWay.delete(tag);
    exchange.answer(pdu);
  }

  /** The target rejected the request of an exchange. */
  rejected(tag: number, error: Error): void {
    this.#underWay.get(tag)?.fail(error);
    this.#underWay.delete(tag);
  }

  /** The connection is gone: whatever waits for an answer fails. */
  fail(error: Error): void {
    const underWay = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const exchange of underWay) exchange.fail(error);
  }
}
