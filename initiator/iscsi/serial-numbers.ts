import {
  HOT_OFFSET,
  readU32,
  RESERVED_TAG,
  serialAdd,
  serialDifference,
  serialLess,
  serialLessOrEqual,
} from '../../protocol/index.js';
import { IscsiProtocolError } from './errors.js';

/** The serial numbers that login leaves behind. */
export interface LoginSerialNumbers {
  readonly cmdSn: number;
  readonly expStatSn: number;
  readonly maxCmdSn: number;
}

/** Serial numbers and tags of one connection in full feature phase (RFC 7143 4.2.2): what every request takes from. */
export class SerialNumbers {
  #cmdSn: number;
  #expStatSn: number;
  #maxCmdSn: number;
  #lastTag = 0;

  constructor(afterLogin: LoginSerialNumbers) {
    this.#cmdSn = afterLogin.cmdSn;
    this.#expStatSn = afterLogin.expStatSn;
    this.#maxCmdSn = afterLogin.maxCmdSn;
  }

  /** CmdSN of the next command; what is sent for immediate delivery carries it without using it up. */
  get cmdSn(): number {
    return this.#cmdSn;
  }

  get expStatSn(): number {
    return this.#expStatSn;
  }

  /** Whether the target's command window admits another command (RFC 7143 4.2.2.1). */
  get windowOpen(): boolean {
    return serialLessOrEqual(this.#cmdSn, this.#maxCmdSn);
  }

  /** Uses up the CmdSN of a command. */
  takeCmdSn(): number {
    const cmdSn = this.#cmdSn;
    this.#cmdSn = serialAdd(cmdSn, 1);
    return cmdSn;
  }

  /** The next Initiator Task Tag that nothing uses. */
  takeTag(isInUse: (tag: number) => boolean): number {
    do {
      this.#lastTag = serialAdd(this.#lastTag, 1);
    } while (this.#lastTag === RESERVED_TAG || isInUse(this.#lastTag));
    return this.#lastTag;
  }

  /** RFC 7143 4.2.2.1: MaxCmdSN below ExpCmdSN - 1 is to be ignored, and it never goes back. */
  takeWindow(bytes: Buffer, bhs: number): void {
    const expCmdSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.expCmdSn);
    const maxCmdSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.maxCmdSn);
    if (serialLess(maxCmdSn, serialAdd(expCmdSn, -1))) return;
    if (serialLess(this.#maxCmdSn, maxCmdSn)) this.#maxCmdSn = maxCmdSn;
  }

  /** A StatSN that skips one means that a status was lost: at error recovery level 0 the session ends. */
  takeStatSn(bytes: Buffer, bhs: number): void {
    const statSn = readU32(bytes, bhs + HOT_OFFSET.scsiResponse.statSn);
    if (serialDifference(statSn, this.#expStatSn) !== 0) {
      throw new IscsiProtocolError(`the target sent StatSN ${statSn} where ${this.#expStatSn} was due`);
    }
    this.#expStatSn = serialAdd(this.#expStatSn, 1);
  }
}
