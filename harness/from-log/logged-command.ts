import { readSgPersistCommandLine, type SgPersistOptions } from '../../initiator/index.js';
import { LogError } from './errors.js';
import { remoteRunOf } from './remote-run.js';
import { simpleCommand } from './shell-words.js';

/** An sg_persist run that a line of a log tells of. */
export interface CommandInLine {
  /** As the program was called, without its name. */
  readonly args: readonly string[];
  /** What the arguments ask for; undefined where they ask for nothing that needs a device. */
  readonly options: SgPersistOptions | undefined;
  /** The machines that `ssh` or the like ran it on; undefined where it ran where the log was kept. */
  readonly elsewhere: readonly string[] | undefined;
  /** What the line begins with as if it were the output of a machine, `node2: + sg_persist ...`: if it is one, it ran there. */
  readonly label: string | undefined;
  /** Undefined where the log does not tell. */
  readonly recordedExitStatus: number | undefined;
}

/** The program with or without its path, where a command may begin. */
const PROGRAM = /(^|[\s"'`(;|&=:!])((?:\/[^\s"']*\/)?sg_persist)(?=\s)/g;
/** Where a command may begin: a line, behind the `+` of `set -x`, or behind another one. Not a tag, nor a host's name. */
const COMMAND_POSITION = String.raw`(?:^\s*|(?:^|\s)\++(?:\S*:)?\s+|[;|&({\x60]\s*|(?:^|\s)(?:then|else|do|if|elif|while|until|!)\s+)(?:sudo\s+)?`;
/** A command that only speaks of sg_persist, without running it in `$(...)`. */
const MENTION = new RegExp(
  COMMAND_POSITION +
    String.raw`(?:/\S*/)?(?:echo|printf|logger|which|type|command -[vV]|grep|man)\s(?:(?!\$\()[^;|&\x60])*$`,
);
/** What `pdsh` and `clush` put before each line that a machine prints. */
const LABEL = /^([A-Za-z0-9][A-Za-z0-9._-]*): (?:\++\s+)?$/;
/** What sg_persist can be given first: otherwise it is talk, such as `sg_persist failed: ...`. */
const FIRST_ARGUMENT = /^\s+(?:['"]?[-/]|iscsi:)/;
/** A line that FENCELAB_RECORD kept: nothing but a command stands in it, whatever its arguments look like. */
const RECORDED = /^\S+ \S+ (sg_persist(?: .*)?) -> \d{1,3}\s*$/s;
/** What a log may say of the end of a command. */
const RECORDED_EXIT_STATUS = /\s->\s(\d{1,3})\s*$/;

/** Finds the sg_persist command of a line; undefined where there is none. `place` is for messages: `file:line`. */
export function commandInLine(text: string, place: string): CommandInLine | undefined {
  const [ending = '', status] = RECORDED_EXIT_STATUS.exec(text) ?? [];
  const line = text.slice(0, text.length - ending.length);
  const recorded = RECORDED.exec(text)?.[1];
  const found = recorded === undefined ? commandAmidTalk(line, place) : { shellText: recorded, before: '' };
  if (found === undefined) return undefined;
  const { shellText, before } = found;
  const command = simpleCommand(shellText);
  if ('problem' in command) {
    throw new LogError(`${place}: ${command.problem}, expected the command as it ran`);
  }
  const remote = remoteRunOf(before, place);
  const tells = status !== undefined && remote?.tellsExitStatus !== false;
  const recordedExitStatus = tells ? Number(status) : undefined;
  const args = command.words.slice(1);
  return {
    args,
    options: optionsOf(args, recordedExitStatus, place),
    elsewhere: remote?.hosts,
    label: LABEL.exec(before)?.[1],
    recordedExitStatus,
  };
}

/** The one command in a line of somebody else's log, from the program's name on, and what stands before it. */
function commandAmidTalk(
  line: string,
  place: string,
): { readonly shellText: string; readonly before: string } | undefined {
  const found = [...line.matchAll(PROGRAM)].flatMap((match) => {
    const [, before = '', program = ''] = match;
    const from = match.index + before.length;
    const spoken = MENTION.test(line.slice(0, from));
    if (spoken || !FIRST_ARGUMENT.test(line.slice(from + program.length))) return [];
    const shellText = /["']/.test(before) ? upTo(before, line.slice(from)) : line.slice(from);
    return { shellText, before: line.slice(0, from) };
  });
  if (found.length > 1) {
    throw new LogError(
      `${place}: holds ${found.length} sg_persist commands, expected one a line, as each ran`,
    );
  }
  return found[0];
}

/** What stands up to the closing quote. */
function upTo(quote: string, text: string): string {
  const end = text.indexOf(quote);
  return end < 0 ? text : text.slice(0, end);
}

function optionsOf(
  args: readonly string[],
  recordedExitStatus: number | undefined,
  place: string,
): SgPersistOptions | undefined {
  const filesRead: string[] = [];
  const read = readSgPersistCommandLine(args, {}, (source) => {
    filesRead.push(source);
    return undefined;
  });
  if (filesRead.length > 0) {
    throw new LogError(
      `${place}: takes TransportIDs from a file, expected them in the command: a log has no files`,
    );
  }
  const [complaint = ''] = read.messages.split('\n');
  const asksForHelp = read.options === undefined && read.status === 0 && !complaint.startsWith('sg_persist:');
  if (read.options === undefined && recordedExitStatus === undefined && !asksForHelp) {
    throw new LogError(
      `${place}: no command that sg_persist would take: ${complaint.replace(/^sg_persist: /, '')}`,
    );
  }
  return read.options;
}
