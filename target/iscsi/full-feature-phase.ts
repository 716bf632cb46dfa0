import {
  BHS_LENGTH_BYTES,
  IMMEDIATE_FLAG,
  ISCSI_OPCODE,
  LOGOUT_REASON,
  LOGOUT_RESPONSE,
  OPCODE_MASK,
  REJECT_REASON,
  RESERVED_TAG,
  logoutRequestLayout,
  nopOutLayout,
} from '../../protocol/index.js';
import type { RejectReason } from '../../protocol/index.js';
import type { CommandWindow } from './command-window.js';
import { TARGET_LIMITS } from './limits.js';
import { copyPdu } from './pdu-receiver.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import type { PduWriter } from './pdu-writer.js';
import type { ScsiCommands } from './scsi-commands.js';
import { isOverdue } from './session-watch.js';
import type { TaskManagement } from './task-management.js';
import type { TextNegotiation } from './text-negotiation.js';

/** What the full feature phase needs of its connection. */
export interface FullFeatureConnection {
  readonly writer: PduWriter;
  readonly window: CommandWindow;
  readonly connectionId: number;
  readonly text: TextNegotiation;
  /** Absent in a discovery session, which has no nexus. */
  readonly commands: ScsiCommands | null;
  readonly taskManagement: TaskManagement | null;
  reject(pdu: ReceivedPdu, reason: RejectReason): void;
  /** The initiator asked to end the session: its tasks end, it is answered, the connection ends when that is out. */
  logout(answer: () => void): void;
  /** The bytes cannot be trusted to mean what they should any more. */
  protocolError(reason: string): void;
}

/** Full feature phase of a session: the order of commands, and what answers which PDU (RFC 7143 4.3, 11). */
export class FullFeaturePhase {
  /** Commands that came before one with a lower CmdSN; null: it counts as received and is not carried out. */
  readonly #held = new Map<number, ReceivedPdu | null>();
  #heldBytes = 0;
  /** The CmdSN that was missing in the last sweep, and for how many by then. */
  #missingCmdSn = 0;
  #sweepsMissing = 0;
  readonly #connection: FullFeatureConnection;

  constructor(connection: FullFeatureConnection) {
    this.#connection = connection;
  }

  receive(pdu: ReceivedPdu): void {
    const opcode = (pdu.bytes[pdu.headerStart] as number) & OPCODE_MASK;
    const { commands } = this.#connection;
    if (opcode === ISCSI_OPCODE.dataOut && commands !== null) {
      commands.dataOut(pdu);
      return;
    }
    if (pdu.dataDigestError) {
      // RFC 7143 7.8: a PDU without trustworthy data is rejected and otherwise as if it had not come.
      this.#connection.reject(pdu, REJECT_REASON.dataDigestError);
      return;
    }
    switch (opcode) {
      case ISCSI_OPCODE.nopOut:
        // The answer to a ping of ours, or a bare acknowledgement: neither is numbered.
        if (pdu.bytes.readUInt32BE(pdu.headerStart + 16) !== RESERVED_TAG) this.#inOrder(pdu);
        return;
      case ISCSI_OPCODE.scsiCommand:
      case ISCSI_OPCODE.taskManagementRequest:
      case ISCSI_OPCODE.textRequest:
      case ISCSI_OPCODE.logoutRequest:
        this.#inOrder(pdu);
        return;
      case ISCSI_OPCODE.snackRequest:
        this.#connection.reject(pdu, REJECT_REASON.snackReject);
        return;
      case ISCSI_OPCODE.loginRequest:
      case ISCSI_OPCODE.dataOut:
        this.#connection.reject(pdu, REJECT_REASON.protocolError);
        return;
      default:
        this.#connection.reject(pdu, REJECT_REASON.commandNotSupported);
    }
  }

  /** Commands in order of CmdSN, immediate ones at once (RFC 7143 4.2.2.1). */
  #inOrder(pdu: ReceivedPdu): void {
    const { window, commands, taskManagement } = this.#connection;
    if (((pdu.bytes[pdu.headerStart] as number) & IMMEDIATE_FLAG) !== 0) {
      const underWay = (commands?.immediateUnderWay ?? 0) + (taskManagement?.underWay ?? 0);
      if (underWay < TARGET_LIMITS.immediateCommandsMax) this.#carryOut(pdu);
      else this.#connection.reject(pdu, REJECT_REASON.tooManyImmediateCommands);
      return;
    }
    const cmdSn = pdu.bytes.readUInt32BE(pdu.headerStart + 24);
    switch (window.judge(cmdSn)) {
      case 'ignore':
        return;
      case 'ahead':
        this.#hold(cmdSn, pdu);
        return;
      case 'next':
        window.advance();
        this.#carryOut(pdu);
        if (this.#held.size > 0) this.#carryOutHeld();
    }
  }

  #hold(cmdSn: number, pdu: ReceivedPdu): void {
    if (this.#held.has(cmdSn)) return;
    const copy = copyPdu(pdu);
    this.#heldBytes += copy.bytes.length;
    if (this.#heldBytes > TARGET_LIMITS.heldCommandBytesMax) {
      this.#connection.protocolError('too many commands wait for one that is missing');
      return;
    }
    this.#held.set(cmdSn, copy);
  }

  #carryOutHeld(): void {
    const { window } = this.#connection;
    for (;;) {
      const pdu = this.#held.get(window.expCmdSn);
      if (pdu === undefined) return;
      this.#held.delete(window.expCmdSn);
      window.advance();
      if (pdu !== null) {
        this.#heldBytes -= pdu.bytes.length;
        this.#carryOut(pdu);
      }
    }
  }

  #carryOut(pdu: ReceivedPdu): void {
    const { commands, taskManagement, text } = this.#connection;
    switch ((pdu.bytes[pdu.headerStart] as number) & OPCODE_MASK) {
      case ISCSI_OPCODE.scsiCommand:
        // A discovery session takes text, and the logout that closes it, alone (RFC 7143 4.3).
        if (commands === null) this.#connection.reject(pdu, REJECT_REASON.commandNotSupported);
        else commands.begin(pdu);
        return;
      case ISCSI_OPCODE.taskManagementRequest:
        if (taskManagement === null) this.#connection.reject(pdu, REJECT_REASON.commandNotSupported);
        else taskManagement.begin(pdu, this);
        return;
      case ISCSI_OPCODE.textRequest:
        text.request(pdu);
        return;
      case ISCSI_OPCODE.nopOut:
        if (commands === null) this.#connection.reject(pdu, REJECT_REASON.commandNotSupported);
        else this.#echo(pdu);
        return;
      default:
        this.#logout(pdu);
    }
  }

  /** NOP-Out with a task tag: a ping, answered with its own data (RFC 7143 11.18, 11.19). */
  #echo(pdu: ReceivedPdu): void {
    const request = nopOutLayout.decode(pdu.bytes, pdu.headerStart);
    const { writer } = this.#connection;
    const length = Math.min(pdu.dataLengthBytes, writer.dataSegmentBytesMax);
    writer.nopIn(
      { lun: request.lun, initiatorTaskTag: request.initiatorTaskTag, targetTransferTag: RESERVED_TAG },
      pdu.bytes.subarray(pdu.dataStart, pdu.dataStart + length),
    );
  }

  #logout(pdu: ReceivedPdu): void {
    const request = logoutRequestLayout.decode(pdu.bytes, pdu.headerStart);
    const { writer, connectionId, commands } = this.#connection;
    const isAllowed =
      commands === null
        ? request.reason === LOGOUT_REASON.closeSession
        : request.reason <= LOGOUT_REASON.removeConnectionForRecovery;
    if (!isAllowed) {
      this.#connection.reject(pdu, REJECT_REASON.invalidPduField);
    } else if (request.reason === LOGOUT_REASON.removeConnectionForRecovery) {
      writer.logoutResponse(request.initiatorTaskTag, LOGOUT_RESPONSE.recoveryNotSupported);
    } else if (request.reason === LOGOUT_REASON.closeConnection && request.cid !== connectionId) {
      writer.logoutResponse(request.initiatorTaskTag, LOGOUT_RESPONSE.connectionNotFound);
    } else {
      // With one connection, closing it closes the session. What was under way ends before the answer.
      this.#connection.logout(() => {
        writer.logoutResponse(request.initiatorTaskTag, LOGOUT_RESPONSE.closed);
      });
    }
  }

  /**
   * ABORT TASK of a command that waits here, or was never received: from now on it counts as received
   * (RFC 7143 11.6.1). False if `cmdSn` is not one that is still expected.
   */
  countAsReceived(cmdSn: number): boolean {
    const { window } = this.#connection;
    if (!window.isWithin(cmdSn)) return false;
    this.#skip(cmdSn);
    this.#carryOutHeld();
    return true;
  }

  /** The CmdSN of a SCSI Command that waits here with this task tag. */
  heldCommand(initiatorTaskTag: number): number | undefined {
    return this.#heldCommands().find((held) => held.initiatorTaskTag === initiatorTaskTag)?.cmdSn;
  }

  /** Waiting SCSI Commands that a task management function for many tasks aborts; what is returned undoes it. */
  abortHeld(affects: (held: HeldCommand) => boolean): () => void {
    const aborted = this.#heldCommands().filter(affects);
    for (const { cmdSn } of aborted) this.#skip(cmdSn);
    return () => {
      for (const held of aborted) this.#giveBack(held);
    };
  }

  /** A command whose CmdSN came up meanwhile is late. */
  #giveBack({ cmdSn, pdu }: HeldCommand): void {
    if (!this.#held.has(cmdSn)) {
      this.#carryOut(pdu);
      return;
    }
    this.#held.set(cmdSn, pdu);
    this.#heldBytes += pdu.bytes.length;
  }

  #skip(cmdSn: number): void {
    this.#heldBytes -= this.#held.get(cmdSn)?.bytes.length ?? 0;
    this.#held.set(cmdSn, null);
  }

  #heldCommands(): HeldCommand[] {
    const commands: HeldCommand[] = [];
    for (const [cmdSn, pdu] of this.#held) {
      if (
        pdu === null ||
        ((pdu.bytes[pdu.headerStart] as number) & OPCODE_MASK) !== ISCSI_OPCODE.scsiCommand
      ) {
        continue;
      }
      const lun = pdu.bytes.subarray(pdu.headerStart + 8, pdu.headerStart + 16);
      commands.push({ cmdSn, pdu, lun, initiatorTaskTag: pdu.bytes.readUInt32BE(pdu.headerStart + 16) });
    }
    return commands;
  }

  /** Once a sweep: whether something that the initiator owes has not come for the whole time-out. */
  sweep(): boolean {
    const { window, commands, text } = this.#connection;
    text.sweep();
    if (this.#held.size > 0 && window.expCmdSn === this.#missingCmdSn) this.#sweepsMissing++;
    else this.#sweepsMissing = this.#held.size > 0 ? 1 : 0;
    this.#missingCmdSn = window.expCmdSn;
    return commands?.sweep() === true || isOverdue(this.#sweepsMissing);
  }

  /** Lets go of what waits. */
  close(): void {
    this.#held.clear();
    this.#heldBytes = 0;
  }
}

export interface HeldCommand {
  readonly cmdSn: number;
  readonly pdu: ReceivedPdu;
  /** LUN field, eight bytes. */
  readonly lun: Uint8Array;
  readonly initiatorTaskTag: number;
}

/** The header that a Reject carries. */
export const headerOf = (pdu: ReceivedPdu): Buffer =>
  pdu.bytes.subarray(pdu.headerStart, pdu.headerStart + BHS_LENGTH_BYTES);
