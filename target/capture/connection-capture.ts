import {
  BHS_LENGTH_BYTES,
  DIGEST_LENGTH_BYTES,
  HOT_OFFSET,
  ISCSI_OPCODE,
  OPCODE_MASK,
  PDU_FLAG,
  paddedLength,
  readDataSegmentLength,
  readInitiatorTaskTag,
  itNexusId,
  readLun,
} from '../../protocol/index.js';
import type { ItNexus, ItNexusId } from '../../protocol/index.js';
import type { ConnectionTap, TapEnd } from '../iscsi/connection-tap.js';
import { answerComment, loginRefusalComment, rejectComment } from './comments.js';
import type { CommandSeen, ReservationsOf } from './comments.js';
import type { ReservationState } from '../reservations/types.js';
import type { TcpConversation, TcpEnd, TcpFrame } from './tcp-conversation.js';

/** Commands whose answer has not been seen: beyond this many the oldest is forgotten, since an aborted one has none. */
const COMMANDS_SEEN_MAX = 512;

/** Names of targets that are not there may be as long as a text; comments have 16 bits for their length. */
const REFUSAL_CHARACTERS_MAX = 1_000;

export interface ConnectionCaptureContext {
  readonly conversation: TcpConversation;
  readonly reservationsOf: ReservationsOf;
  /** Takes the frames, in their order. */
  readonly emit: (frame: TcpFrame, comments: readonly string[]) => void;
  /** The connection has ended: nothing follows. */
  readonly ended: () => void;
}

/** One connection of a capture: every PDU begins a frame, and answers that refuse or change something are commented. */
export class ConnectionCapture implements ConnectionTap {
  readonly #context: ConnectionCaptureContext;
  /** By initiator task tag. */
  readonly #commands = new Map<number, CommandSeen>();
  #digests = { header: false, data: false };
  #ended = false;
  #nexus: ItNexus | null = null;
  /** Of whom and why, until a frame has it. */
  #loginRefusal: string | null = null;

  constructor(context: ConnectionCaptureContext) {
    this.#context = context;
    for (const frame of context.conversation.handshake()) context.emit(frame, []);
  }

  /** Null until a session of an I_T nexus is there. */
  get nexusId(): ItNexusId | null {
    return this.#nexus === null ? null : itNexusId(this.#nexus);
  }

  loggedIn(nexus: ItNexus | null, digests: { readonly header: boolean; readonly data: boolean }): void {
    this.#nexus = nexus;
    this.#digests = digests;
  }

  loginRefused(initiatorName: string, reason: string): void {
    const whom = initiatorName === '' ? '' : ` of ${initiatorName}`;
    this.#loginRefusal = `${whom}: ${reason}`.slice(0, REFUSAL_CHARACTERS_MAX);
  }

  received(bytes: Buffer, start: number, end: number): void {
    this.#frames('initiator', bytes.subarray(start, end), []);
    if (((bytes[start] as number) & OPCODE_MASK) !== ISCSI_OPCODE.scsiCommand) return;
    const cdbStart = start + HOT_OFFSET.scsiCommand.cdb;
    const [oldest] = this.#commands.keys();
    if (oldest !== undefined && this.#commands.size >= COMMANDS_SEEN_MAX) this.#commands.delete(oldest);
    this.#commands.set(readInitiatorTaskTag(bytes, start), {
      lun: readLun(bytes, start + HOT_OFFSET.bhs.lun),
      cdb: Buffer.from(bytes.subarray(cdbStart, cdbStart + 16)),
    });
  }

  sent(bytes: Buffer): void {
    for (let start = 0; start < bytes.length;) {
      const end = start + this.#pduLength(bytes, start);
      this.#frames('target', bytes.subarray(start, end), this.#commentsOn(bytes, start));
      start = end;
    }
  }

  /** A PERSISTENT RESERVE OUT with this task tag took effect; its answer is yet to come. */
  reservationsChanged(initiatorTaskTag: number, changedTo: ReservationState): void {
    const command = this.#commands.get(initiatorTaskTag);
    if (command !== undefined) command.changedTo = changedTo;
  }

  ended(by: TapEnd, unfinished: Buffer): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#frames('initiator', unfinished, []);
    const { conversation, emit, ended } = this.#context;
    if (by === 'reset') emit(conversation.reset('target'), []);
    else {
      const refusal = this.#loginRefusal === null ? [] : [`LOGIN REFUSED${this.#loginRefusal}`];
      emit(conversation.finish(by), refusal);
      emit(conversation.finish(by === 'initiator' ? 'target' : 'initiator'), []);
    }
    ended();
  }

  #frames(from: TcpEnd, bytes: Uint8Array, comments: readonly string[]): void {
    const { conversation, emit } = this.#context;
    const frames = conversation.data(from, bytes);
    frames.forEach((frame, index) => {
      emit(frame, index === 0 ? comments : []);
    });
  }

  /** Login Responses have no digests, whatever was agreed meanwhile (RFC 7143 6.3). */
  #pduLength(bytes: Buffer, start: number): number {
    const { header, data } = this.#digests;
    const dataLengthBytes = readDataSegmentLength(bytes, start);
    let length = BHS_LENGTH_BYTES + paddedLength(dataLengthBytes);
    if (bytes[start] === ISCSI_OPCODE.loginResponse) return length;
    if (header) length += DIGEST_LENGTH_BYTES;
    if (data && dataLengthBytes > 0) length += DIGEST_LENGTH_BYTES;
    return length;
  }

  #commentsOn(bytes: Buffer, start: number): string[] {
    const opcode = bytes[start];
    if (opcode === ISCSI_OPCODE.loginResponse) return this.#commentsOnLogin(bytes, start);
    if (opcode === ISCSI_OPCODE.reject) return [rejectComment(bytes, start, this.#dataStart(start))];
    const hasStatus =
      opcode === ISCSI_OPCODE.scsiResponse ||
      (opcode === ISCSI_OPCODE.dataIn && ((bytes[start + 1] as number) & PDU_FLAG.status) !== 0);
    if (!hasStatus || this.#nexus === null) return [];
    const tag = readInitiatorTaskTag(bytes, start);
    const command = this.#commands.get(tag);
    if (command === undefined) return [];
    this.#commands.delete(tag);
    const status = bytes[start + HOT_OFFSET.scsiResponse.status] as number;
    const data = this.#dataStart(start);
    const length = opcode === ISCSI_OPCODE.scsiResponse ? readDataSegmentLength(bytes, start) : 0;
    // SCSI Response: SenseLength in two bytes before the sense data (RFC 7143 11.4.7).
    const sense = bytes.subarray(data + Math.min(2, length), data + length);
    const comment = answerComment(command, status, sense, this.#nexus, this.#context.reservationsOf);
    return comment === undefined ? [] : [comment];
  }

  #commentsOnLogin(bytes: Buffer, start: number): string[] {
    const refusal = this.#loginRefusal;
    if (refusal === null) return [];
    this.#loginRefusal = null;
    return [loginRefusalComment(bytes, start, refusal)];
  }

  #dataStart(start: number): number {
    return start + BHS_LENGTH_BYTES + (this.#digests.header ? DIGEST_LENGTH_BYTES : 0);
  }
}
