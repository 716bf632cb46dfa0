import { serialAdd, serialDifference } from '../../protocol/index.js';

/** What becomes of a command that is not immediate, by its CmdSN. */
export type CommandOrder = 'next' | 'ahead' | 'ignore';

/**
 * Commands by CmdSN (RFC 7143 4.2.2.1): delivered in order, silently ignored outside the window and when they were
 * received before.
 */
export class CommandWindow {
  expCmdSn: number;
  maxCmdSn: number;
  readonly #width: number;

  /** `firstCmdSn` is the CmdSN of the leading login, which does not use it up. */
  constructor(firstCmdSn: number, width: number) {
    this.expCmdSn = firstCmdSn;
    this.maxCmdSn = serialAdd(firstCmdSn, width - 1);
    this.#width = width;
  }

  judge(cmdSn: number): CommandOrder {
    if (cmdSn === this.expCmdSn) return serialDifference(this.maxCmdSn, cmdSn) < 0 ? 'ignore' : 'next';
    return this.isWithin(cmdSn) ? 'ahead' : 'ignore';
  }

  /** Within ExpCmdSN and MaxCmdSN, both included. */
  isWithin(cmdSn: number): boolean {
    return serialDifference(cmdSn, this.expCmdSn) >= 0 && serialDifference(this.maxCmdSn, cmdSn) >= 0;
  }

  /** The command with ExpCmdSN has come, or is counted as such. */
  advance(): void {
    this.expCmdSn = serialAdd(this.expCmdSn, 1);
  }

  /** The initiator may send nothing, as far as it was told. */
  get isClosed(): boolean {
    return serialDifference(this.maxCmdSn, this.expCmdSn) < 0;
  }

  /** Opens the window as far as the commands under way allow; MaxCmdSN never goes back. */
  open(commandsUnderWay: number): void {
    const maxCmdSn = serialAdd(this.expCmdSn, this.#width - 1 - commandsUnderWay);
    if (serialDifference(maxCmdSn, this.maxCmdSn) > 0) this.maxCmdSn = maxCmdSn;
  }
}
