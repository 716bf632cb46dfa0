import { basename, extname } from 'node:path';
import { LogError } from './errors.js';
import { logTimeOf, YEAR_OF_NONE, type LogTime } from './log-time.js';
import { commandInLine, type CommandInLine } from './logged-command.js';

/** An sg_persist run of a node, and when it was. */
export interface LoggedCommand extends CommandInLine {
  /** The node that ran it. */
  readonly node: string;
  /** The node whose log tells of it. */
  readonly log: string;
  /** `logs/node1.log:12` */
  readonly place: string;
  readonly at: LogTime;
  /**
   * The run was before this, in the milliseconds of `at.ms`: within what the log's clock tells apart, or, where the line
   * has no time of its own, before the next line that has one.
   */
  readonly beforeMs: number;
}

/** What one file tells of one node. */
export interface NodeLog {
  readonly node: string;
  readonly commands: readonly LoggedCommand[];
  /** Commands whose time is before that of a line above them: they keep their place. */
  readonly backwards: readonly string[];
  /** Lines that speak of sg_persist and hold no command. */
  readonly passedOver: readonly string[];
}

/** A name that an iSCSI name and a write record can hold. */
const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const EXPECTED = 'expected one such as 2026-11-21T05:00:00Z or Nov 21 05:00:00';
const NOT_A_TIME = {
  invalid: 'its time is none that a calendar and a clock have',
  unknown: `its time is of a form that is not known, ${EXPECTED}`,
} as const;
/** A log without years that goes back further than this has passed New Year. */
const NEW_YEAR_MS = 180 * 24 * 3600 * 1000;

/**
 * Reads the log of a node, whose name is the file's without folder and ending. Lines without sg_persist count only for
 * their times. Throws LogError, whose message is `file:line: what was wrong, what was expected`.
 */
export function readLog(file: string, text: string): NodeLog {
  const node = basename(file, extname(file));
  if (!NODE_NAME.test(node)) {
    throw new LogError(
      `${file}: '${node}' cannot be the name of a node, expected a file named after it: letters, digits, . _ -, at most 40`,
    );
  }
  return new LogReader(node, file).read(text);
}

class LogReader {
  readonly #node: string;
  readonly #file: string;
  readonly #commands: LoggedCommand[] = [];
  readonly #backwards: string[] = [];
  readonly #passedOver: string[] = [];
  /** The last time, of whatever line; one that goes back does not count. */
  #last: LogTime | undefined;
  /** A line behind the last time, which has one that cannot be read. */
  #notRead: string | undefined;
  /** Whether the time that was read last is before the last time. */
  #wentBack = false;
  #yearsPassed = 0;
  /** Commands from here on have no time of their own, and the next time is not read yet. */
  #untimedFrom = 0;

  constructor(node: string, file: string) {
    this.#node = node;
    this.#file = file;
  }

  read(text: string): NodeLog {
    for (const [index, line] of text.split(/\r?\n|\r$/).entries()) {
      const place = `${this.#file}:${index + 1}`;
      const found = commandInLine(line, place);
      const time = logTimeOf(line);
      if (time === 'invalid' || time === 'unknown') {
        if (found !== undefined) throw new LogError(`${place}: ${NOT_A_TIME[time]}`);
        this.#notRead = place;
      } else if (time !== undefined) {
        this.#take(time);
      }
      if (found !== undefined) this.#add(found, place, time !== undefined);
      else if (/\bsg_persist\b/.test(line)) this.#passedOver.push(place);
    }
    return {
      node: this.#node,
      commands: this.#commands,
      backwards: this.#backwards,
      passedOver: this.#passedOver,
    };
  }

  #take(read: LogTime): void {
    const time = this.#inItsYear(read);
    this.#notRead = undefined;
    const last = this.#last;
    const comparable = last === undefined || (last.zone === 'UTC') === (time.zone === 'UTC');
    for (const command of comparable ? this.#commands.splice(this.#untimedFrom) : []) {
      const beforeMs = Math.max(time.ms + time.resolutionMs, command.at.ms + command.at.resolutionMs);
      this.#commands.push({ ...command, beforeMs });
    }
    this.#untimedFrom = this.#commands.length;
    // A log is in the order in which things happened, whatever its clock says.
    this.#wentBack = last !== undefined && comparable && time.ms < last.ms;
    if (!this.#wentBack) this.#last = time;
  }

  #inItsYear(time: LogTime): LogTime {
    if (time.hasYear) return time;
    const inYear = (): number => new Date(time.ms).setUTCFullYear(YEAR_OF_NONE + this.#yearsPassed);
    if (this.#last !== undefined && inYear() < this.#last.ms - NEW_YEAR_MS) this.#yearsPassed += 1;
    return { ...time, ms: inYear() };
  }

  #add(found: CommandInLine, place: string, hasTime: boolean): void {
    if (this.#last === undefined) {
      throw new LogError(`${place}: no time stands in this sg_persist line or above it, ${EXPECTED}`);
    }
    if (this.#notRead !== undefined) {
      throw new LogError(
        `${place}: no time stands in this sg_persist line, and that of ${this.#notRead} above it cannot be read, ${EXPECTED}`,
      );
    }
    if (this.#wentBack) this.#backwards.push(place);
    const beforeMs = hasTime ? this.#last.ms + this.#last.resolutionMs : Infinity;
    this.#commands.push({ ...found, node: this.#node, log: this.#node, place, at: this.#last, beforeMs });
    if (hasTime) this.#untimedFrom = this.#commands.length;
  }
}
