import type { Socket } from 'node:net';
import { ASYNC_EVENT, REJECT_REASON, RESERVED_TAG } from '../../protocol/index.js';
import type { RejectReason } from '../../protocol/index.js';
import type { TargetHappening } from '../events.js';
import type { NexusAttachment } from '../logical-unit/task.js';
import { warnOfFault } from '../warn.js';
import type { CommandWindow } from './command-window.js';
import type { ConnectionTap, TapEnd } from './connection-tap.js';
import { isAhsMalformed } from './additional-header-segments.js';
import { TransferTags } from './data-out.js';
import { FullFeaturePhase, headerOf } from './full-feature-phase.js';
import type { TargetPort } from './iscsi-target.js';
import type { IscsiTarget } from './iscsi-target.js';
import { TARGET_LIMITS } from './limits.js';
import { LoginPhase } from './login-phase.js';
import type { LoggedIn } from './login-phase.js';
import { OutputBuffer } from './output-buffer.js';
import { PduReceiver } from './pdu-receiver.js';
import type { ReceivedPdu } from './pdu-receiver.js';
import { PduWriter } from './pdu-writer.js';
import { ScsiCommands } from './scsi-commands.js';
import { SessionWatch } from './session-watch.js';
import { endsOf, localAddress, remoteAddress } from './socket-ends.js';
import { TaskManagement } from './task-management.js';
import { TextNegotiation } from './text-negotiation.js';

/** Why a session ended, as events tell it. */
export type LogoutCause = Extract<TargetHappening, { readonly type: 'logout' }>['cause'];

/** A session that is logged in; with one connection each, it lives and dies with its connection. */
export interface Session {
  readonly login: LoggedIn;
  readonly loggedInAt: string;
  readonly attachment: NexusAttachment | null;
  readonly phase: FullFeaturePhase;
  readonly commands: ScsiCommands | null;
  readonly taskManagement: TaskManagement | null;
}

/** One TCP connection of an initiator, from the first byte to the last. */
export class IscsiConnection {
  readonly writer: PduWriter;
  readonly transferTags = new TransferTags();
  readonly port: TargetPort;
  readonly #socket: Socket;
  readonly #target: IscsiTarget;
  readonly #receiver = new PduReceiver();
  readonly #output: OutputBuffer;
  readonly #login: LoginPhase;
  readonly #tap: ConnectionTap | null;
  #session: Session | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Within a turn that ends with a flush. */
  #inTurn = false;
  #flushScheduled = false;
  #windowTellScheduled = false;
  /** Too much waits for the socket: nothing more is read. */
  #stalled = false;
  #watch: SessionWatch | null = null;
  #cancelTimer: () => void;

  constructor(socket: Socket, target: IscsiTarget, port: TargetPort) {
    this.#socket = socket;
    this.#target = target;
    this.port = port;
    this.#output = new OutputBuffer({ write: (bytes, taken) => this.#write(bytes, taken) });
    this.writer = new PduWriter(this.#output);
    this.#tap = target.taps?.connected(...endsOf(socket)) ?? null;
    this.#login = new LoginPhase(this.writer, target, port, (initiatorName, reason) => {
      this.#tap?.loginRefused(initiatorName, reason);
      target.loginRefused(initiatorName, reason);
    });
    this.#cancelTimer = target.clock.schedule(target.timeouts.loginMs, () => {
      this.#login.givenUp('not finished in time');
      this.abandon('protocolError');
    });
    socket.setNoDelay(true);
    // Else all that waits would go in one write, and that an initiator takes it slowly would show only at its end.
    Object.defineProperty(socket, '_writev', { value: null });
    socket.on('data', (chunk: Buffer) => {
      if (this.#state !== 'open') return;
      if (this.#watch !== null) this.#watch.heard = true;
      // As in #contain, without a function made for each chunk.
      try {
        this.#receiver.push(chunk);
        this.#turn();
      } catch (error) {
        this.#fault(error);
      }
    });
    socket.on('error', () => undefined); // `close` follows and says all there is to say
    socket.on('close', () => {
      this.#contain(() => {
        if (this.#state === 'open') this.#tapEnd('initiator');
        this.abandon('connectionLost');
      });
    });
  }

  /** Nothing that an initiator sends may end the process: a fault of ours costs this connection alone. */
  #contain(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    warnOfFault(`connection of ${this.remoteAddress} dropped`, error);
    try {
      this.abandon('connectionLost');
    } catch (another) {
      warnOfFault(`session of ${this.remoteAddress} not ended cleanly`, another);
    }
  }

  get session(): Session | null {
    return this.#session;
  }

  /** The CHAP challenge that its initiator was given, if it was. */
  get chapChallenge(): Uint8Array | undefined {
    return this.#login.chapChallenge;
  }

  get remoteAddress(): string {
    return remoteAddress(this.#socket);
  }

  /** Handles what has been received; every answer of the turn leaves in one write. */
  #turn(): void {
    this.#inTurn = true;
    while (this.#state === 'open' && !this.#stalled) {
      const received = this.#receiver.next();
      if (received === 'incomplete') break;
      if (received !== 'dataSegmentTooLong' && this.#tap !== null) {
        this.#tap.received(this.#receiver.bytes, this.#receiver.headerStart, this.#receiver.pduEnd);
      }
      if (received === 'pdu') this.#receive(this.#receiver);
      else this.#streamLost(received);
      this.#stalled = this.#output.queuedBytes > TARGET_LIMITS.outputBytesQueuedMax;
    }
    this.#inTurn = false;
    this.#output.flush();
    if (this.#state === 'closing') this.#socket.end();
    this.#stalled = this.#output.queuedBytes > TARGET_LIMITS.outputBytesQueuedMax;
    if (this.#stalled) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #receive(pdu: ReceivedPdu): void {
    if (pdu.ahsLengthBytes > 0 && isAhsMalformed(pdu)) {
      this.#giveUp(REJECT_REASON.invalidPduField);
      return;
    }
    if (this.#session !== null) {
      this.#session.phase.receive(pdu);
      return;
    }
    const outcome = this.#login.receive(pdu);
    if (outcome === 'close') this.close('protocolError');
    else if (outcome !== 'continue') this.#enterFullFeaturePhase(outcome);
  }

  /** Where the next PDU begins is no longer known, or its header cannot be trusted (RFC 7143 7.8). */
  #streamLost(fault: 'dataSegmentTooLong' | 'headerDigestError'): void {
    if (fault === 'headerDigestError') this.close('protocolError');
    else this.#giveUp(REJECT_REASON.protocolError);
  }

  /** A format error ends every connection of the session (RFC 7143 7.7); why is told where there is a session. */
  #giveUp(reason: RejectReason): void {
    if (this.#session !== null) this.reject(this.#receiver, reason);
    this.close('protocolError');
  }

  #enterFullFeaturePhase(login: LoggedIn): void {
    const { agreed, window } = login;
    const { writer } = this;
    this.#receiver.headerDigest = writer.headerDigest = agreed.headerDigest === 'CRC32C';
    this.#receiver.dataDigest = writer.dataDigest = agreed.dataDigest === 'CRC32C';
    this.#receiver.dataSegmentBytesMax = TARGET_LIMITS.receiveDataSegmentBytesMax;
    writer.dataSegmentBytesMax = agreed.peerMaxRecvDataSegmentLengthBytes;
    writer.maxBurstLengthBytes = agreed.maxBurstLengthBytes;
    const { deviceServer } = this.#target;
    const attachment = login.nexus === null ? null : deviceServer.attach(login.nexus);
    this.#tap?.loggedIn(attachment?.nexus ?? null, {
      header: writer.headerDigest,
      data: writer.dataDigest,
    });
    const shared = {
      writer,
      transferTags: this.transferTags,
      agreed,
      deviceServer,
      reject: (pdu: ReceivedPdu, reason: RejectReason) => {
        this.reject(pdu, reason);
      },
      answered: () => {
        this.#flushSoon();
      },
      fault: (error: unknown) => {
        this.#fault(error);
      },
      placeFreed: () => {
        if (window.isClosed) this.#tellWindowSoon(window);
      },
      coldReset: () => {
        this.#target.endAllSessions();
      },
    };
    const commands = attachment === null ? null : new ScsiCommands({ ...shared, attachment });
    if (commands !== null) writer.commandsUnderWay = () => commands.underWay;
    const taskManagement =
      attachment === null || commands === null
        ? null
        : new TaskManagement({ ...shared, attachment, commands });
    const phase = new FullFeaturePhase({
      ...shared,
      window,
      connectionId: login.connectionId,
      commands,
      taskManagement,
      text: new TextNegotiation({
        ...shared,
        sessionKind: login.sessionKind,
        addresses: () => this.#target.addressesFor(localAddress(this.#socket)),
        targetName: this.#target.iqn,
        mayLogIn: this.#target.access.mayLogIn(login.initiatorName),
      }),
      logout: (answer: () => void) => {
        this.close('logout', answer);
      },
      protocolError: () => {
        this.close('protocolError');
      },
    });
    const loggedInAt = this.#target.clock.date().toISOString();
    this.#session = { login, loggedInAt, attachment, phase, commands, taskManagement };
    this.#cancelTimer();
    this.#watch = new SessionWatch(this.#target.clock, this.#target.timeouts, {
      ping: () => {
        this.#ping();
      },
      lost: () => {
        this.#contain(() => {
          this.abandon('connectionLost');
        });
      },
      sweep: () => {
        this.#contain(() => {
          // Error recovery level 0 has no smaller class of recovery than that of the session (RFC 7143 7.1.5).
          // While nothing is read, nobody can be blamed for what has not come.
          if (!this.#stalled && phase.sweep()) this.dismiss('timedOut');
        });
      },
    });
    this.#target.sessionBegan(this, this.#session);
  }

  #ping(): void {
    this.writer.nopIn(
      { initiatorTaskTag: RESERVED_TAG, targetTransferTag: this.transferTags.next() },
      new Uint8Array(0),
    );
    this.#flushSoon();
  }

  reject(pdu: ReceivedPdu, reason: RejectReason): void {
    this.writer.reject(reason, headerOf(pdu));
  }

  /** Answers that were written outside of a turn leave with those of the same round of the event loop. */
  #flushSoon(): void {
    if (this.#inTurn || this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      if (this.#state !== 'closed') this.#output.flush();
    });
  }

  /**
   * A closed window is opened by the next answer; where commands were dropped there may be none, and the initiator may
   * send nothing that asks for one (RFC 7143 4.2.2.1).
   */
  #tellWindowSoon(window: CommandWindow): void {
    if (this.#windowTellScheduled) return;
    this.#windowTellScheduled = true;
    setImmediate(() => {
      this.#windowTellScheduled = false;
      if (this.#state !== 'open' || !window.isClosed) return;
      this.writer.nopIn(
        { initiatorTaskTag: RESERVED_TAG, targetTransferTag: RESERVED_TAG },
        new Uint8Array(0),
      );
      this.#output.flush();
    });
  }

  #write(bytes: Buffer, taken: () => void): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return true;
    this.#tap?.sent(bytes);
    let atOnce = false;
    this.#socket.write(bytes, () => {
      taken();
      // What had to wait for room is a sign of life: the initiator takes what it is sent, though slowly. What the kernel took
      // at once is none.
      if (!atOnce && this.#watch !== null) this.#watch.heard = true;
      if (this.#stalled && this.#state === 'open') {
        this.#contain(() => {
          this.#resume();
        });
      }
    });
    // Nothing is left with the socket: the kernel took it all within the call.
    atOnce = this.#socket.writableLength === 0;
    return atOnce;
  }

  #resume(): void {
    if (this.#output.queuedBytes > TARGET_LIMITS.outputBytesQueuedMax) return;
    this.#stalled = false;
    this.#turn();
  }

  /** Asks the initiator to log out (RFC 7143 11.9.1); what it sends until then is served. */
  requestLogout(withinSeconds: number): void {
    this.writer.asynchronousMessage({ asyncEvent: ASYNC_EVENT.logoutRequested, parameter3: withinSeconds });
    this.#flushSoon();
  }

  /** Says that the session is dropped, and ends it (RFC 7143 11.9.1). */
  dismiss(cause: LogoutCause): void {
    if (this.#session !== null && this.#state === 'open') {
      // All connections are meant, so that no CID is told; it may log in again at once (both times are 0).
      this.writer.asynchronousMessage({ asyncEvent: ASYNC_EVENT.sessionDropped });
    }
    this.close(cause);
  }

  /** Ends the session now, and the connection once what was answered is out: `farewell` with it. */
  close(cause: LogoutCause, farewell: () => void = () => undefined): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#cancelTimer();
    this.#cancelTimer = this.#target.clock.schedule(TARGET_LIMITS.closeTimeoutMs, () => {
      this.abandon(cause);
    });
    this.#endSession(cause);
    farewell();
    this.#socket.resume();
    if (this.#inTurn) return;
    this.#output.flush();
    this.#socket.end();
  }

  /** Its place is needed for another: a login, or a discovery session. */
  giveWay(): void {
    if (this.#session === null && this.#state === 'open') this.#login.givenUp('too many connections');
    this.abandon('connectionLost', true);
  }

  /** Ends session and connection at once; `reset`: as a cut path does, with a TCP reset. */
  abandon(cause: LogoutCause, reset = false): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelTimer();
    try {
      this.#endSession(cause);
    } finally {
      this.#tapEnd(reset ? 'reset' : 'target');
      if (reset) this.#socket.resetAndDestroy();
      else this.#socket.destroy();
      this.#output.discard();
      this.#target.connectionEnded(this);
    }
  }

  #tapEnd(by: TapEnd): void {
    this.#tap?.ended(by, this.#receiver.unfinished());
  }

  #endSession(cause: LogoutCause): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    this.#watch?.end();
    session.commands?.close();
    session.taskManagement?.close();
    session.phase.close();
    try {
      if (session.attachment !== null) this.#target.deviceServer.nexusLost(session.attachment);
    } finally {
      this.#target.sessionEnded(this, session, cause);
    }
  }
}
