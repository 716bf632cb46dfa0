import { withoutPassword } from '../url.js';

/** A run that ended, as FENCELAB_RECORD keeps it. */
export interface RecordedRun {
  /** When it ended. */
  readonly at: Date;
  readonly host: string;
  /** Without the program's name. */
  readonly args: readonly string[];
  readonly exitStatus: number;
}

/**
 * The line that is kept of a run: `2026-11-21T05:00:00.123Z node1 sg_persist -n -i -k /dev/sdb -> 0`. It can be given to
 * a shell from `sg_persist` up to the arrow. The password of an `iscsi://user%password@...` is left out.
 */
export function recordLine({ at, host, args, exitStatus }: RecordedRun): string {
  const words = ['sg_persist', ...args.map((argument) => shellQuoted(withoutPassword(argument)))];
  return `${at.toISOString()} ${host} ${words.join(' ')} -> ${exitStatus}\n`;
}

/** Characters that no POSIX shell gives a meaning to, wherever they stand in a word. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

function shellQuoted(argument: string): string {
  if (PLAIN_WORD.test(argument)) return argument;
  if (!hasControlCharacter(argument)) return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
  // Quoted as bash shows it, so that a line stays a line.
  const escaped = argument.replace(/['\\]/g, String.raw`\$&`).replace(CONTROL_CHARACTERS, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `$'${escaped}'`;
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/g;

const hasControlCharacter = (text: string): boolean => text.search(CONTROL_CHARACTERS) >= 0;
