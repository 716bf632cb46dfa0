import {
  REJECT_REASON,
  TASK_MANAGEMENT_FUNCTION,
  TASK_MANAGEMENT_RESPONSE,
  readLun,
  serialDifference,
  taskManagementRequestLayout,
} from '../../protocol/index.js';
import type { LayoutValue, RejectReason } from '../../protocol/index.js';
import type {
  DeviceServer,
  NexusAttachment,
  TaskManagementFunction,
  TaskManagementResponse,
} from '../logical-unit/task.js';
import type { FullFeaturePhase } from './full-feature-phase.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import type { PduWriter } from './pdu-writer.js';
import type { ScsiCommands } from './scsi-commands.js';

type Request = LayoutValue<typeof taskManagementRequestLayout>;
type AbortTask = Extract<TaskManagementFunction, { readonly function: 'abortTask' }>;

const RESPONSES: { readonly [R in TaskManagementResponse]: number } = {
  complete: TASK_MANAGEMENT_RESPONSE.functionComplete,
  taskDoesNotExist: TASK_MANAGEMENT_RESPONSE.taskDoesNotExist,
  lunDoesNotExist: TASK_MANAGEMENT_RESPONSE.lunDoesNotExist,
  functionNotSupported: TASK_MANAGEMENT_RESPONSE.functionNotSupported,
  authorizationFailed: TASK_MANAGEMENT_RESPONSE.functionAuthorizationFailed,
  functionRejected: TASK_MANAGEMENT_RESPONSE.functionRejected,
};

/** What task management needs of its session. */
export interface TaskManagementSession {
  readonly writer: PduWriter;
  readonly deviceServer: DeviceServer;
  readonly attachment: NexusAttachment;
  readonly commands: ScsiCommands;
  reject(pdu: ReceivedPdu, reason: RejectReason): void;
  answered(): void;
  fault(error: unknown): void;
  /** After TARGET COLD RESET every connection to the target ends (RFC 7143 11.5.1). */
  coldReset(): void;
}

/** Task management requests of one session (RFC 7143 11.5, 11.6). */
export class TaskManagement {
  /** Requests that are not answered yet. */
  underWay = 0;
  readonly #session: TaskManagementSession;
  #closed = false;

  constructor(session: TaskManagementSession) {
    this.#session = session;
  }

  begin(pdu: ReceivedPdu, order: FullFeaturePhase): void {
    const request = taskManagementRequestLayout.decode(pdu.bytes, pdu.headerStart);
    if (pdu.dataLengthBytes > 0) {
      this.#session.reject(pdu, REJECT_REASON.invalidPduField);
      return;
    }
    if (request.function === TASK_MANAGEMENT_FUNCTION.taskReassign) {
      this.#answer(request, TASK_MANAGEMENT_RESPONSE.reassignmentNotSupported);
      return;
    }
    const wanted = functionOf(request, readLun(pdu.bytes, pdu.headerStart + 8));
    if (wanted === undefined) {
      this.#answer(request, TASK_MANAGEMENT_RESPONSE.functionNotSupported);
      return;
    }
    if (wanted.function === 'abortTask' && this.#abortWaiting(wanted, order)) {
      this.#answer(request, TASK_MANAGEMENT_RESPONSE.functionComplete);
      return;
    }
    const giveBackHeld = abortHeldBefore(request, pdu, wanted, order);
    const { commands } = this.#session;
    const failed = commands.withHeldAnswer(({ lun }) => endsAllOn(wanted, lun));
    this.underWay++;
    // Not `finally`: a failure of the device server must show as what it is.
    const managed = this.#session.deviceServer.manageTasks(this.#session.attachment, wanted).then(
      (response) => {
        this.underWay--;
        if (!this.#closed) {
          if (response === 'complete') commands.takeBackAnswers(failed);
          else giveBackHeld();
          this.#answer(request, this.#responseTo(request, response, order));
        }
        // It has reset the logical units, so that the other sessions end even where the one that asked has ended already.
        if (wanted.function === 'targetColdReset' && response === 'complete') this.#session.coldReset();
      },
      () => {
        this.underWay--;
        if (this.#closed) return;
        giveBackHeld();
        this.#answer(request, TASK_MANAGEMENT_RESPONSE.functionRejected);
      },
    );
    managed.catch((error: unknown) => {
      this.#session.fault(error);
    });
  }

  /** ABORT TASK of a command that waits for a lower CmdSN, or that has failed and whose answer waits. */
  #abortWaiting(wanted: AbortTask, order: FullFeaturePhase): boolean {
    const held = order.heldCommand(wanted.tag);
    if (held !== undefined) return order.countAsReceived(held);
    const { commands } = this.#session;
    const failed = commands.withHeldAnswer(({ tag, lun }) => tag === wanted.tag && lun === wanted.lun);
    commands.takeBackAnswers(failed);
    return failed.length > 0;
  }

  #responseTo(request: Request, response: TaskManagementResponse, order: FullFeaturePhase): number {
    if (response === 'taskDoesNotExist' && serialDifference(request.cmdSn, request.refCmdSn) > 0) {
      if (order.countAsReceived(request.refCmdSn)) return TASK_MANAGEMENT_RESPONSE.functionComplete;
    }
    return RESPONSES[response];
  }

  #answer(request: Request, response: number): void {
    this.#session.writer.taskManagementResponse(request.initiatorTaskTag, response);
    this.#session.answered();
  }

  close(): void {
    this.#closed = true;
  }
}

function functionOf(request: Request, lun: number): TaskManagementFunction | undefined {
  switch (request.function) {
    case TASK_MANAGEMENT_FUNCTION.abortTask:
      return { function: 'abortTask', lun, tag: request.referencedTaskTag };
    case TASK_MANAGEMENT_FUNCTION.abortTaskSet:
      return { function: 'abortTaskSet', lun };
    case TASK_MANAGEMENT_FUNCTION.clearAca:
      return { function: 'clearAca', lun };
    case TASK_MANAGEMENT_FUNCTION.clearTaskSet:
      return { function: 'clearTaskSet', lun };
    case TASK_MANAGEMENT_FUNCTION.logicalUnitReset:
      return { function: 'logicalUnitReset', lun };
    case TASK_MANAGEMENT_FUNCTION.targetWarmReset:
      return { function: 'targetWarmReset' };
    case TASK_MANAGEMENT_FUNCTION.targetColdReset:
      return { function: 'targetColdReset' };
    default:
      return undefined;
  }
}

/** Whether a function ends every task of its session on a LUN. */
const endsAllOn = (wanted: TaskManagementFunction, lun: number): boolean =>
  wanted.function !== 'abortTask' &&
  wanted.function !== 'clearAca' &&
  (!('lun' in wanted) || wanted.lun === lun);

/**
 * Commands that wait for a lower CmdSN are affected like those under way, if they precede the request; at once, so that none
 * is carried out after the reset that it precedes. What is returned gives them back where the function is not carried out.
 */
function abortHeldBefore(
  request: Request,
  pdu: ReceivedPdu,
  wanted: TaskManagementFunction,
  order: FullFeaturePhase,
): () => void {
  if (wanted.function === 'abortTask' || wanted.function === 'clearAca') return () => undefined;
  const lun = pdu.bytes.subarray(pdu.headerStart + 8, pdu.headerStart + 16);
  return order.abortHeld(
    (held) => serialDifference(request.cmdSn, held.cmdSn) > 0 && (!('lun' in wanted) || lun.equals(held.lun)),
  );
}
