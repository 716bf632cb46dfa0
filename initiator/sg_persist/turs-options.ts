import { parseSize } from './c-numbers.js';
import { EXIT_STATUS } from './exit-status.js';
import { readOptions } from './getopt.js';
import { SG_TURS_OPTIONS } from './option-table.js';
import { SG_TURS_USAGE } from './usage.js';
import { withoutPassword } from '../url.js';

/** Version that `--version` names: the one whose behaviour this is. */
const VERSION = '3.48 20210102';
/** Set, to whatever value, it makes sg_turs take the options of older versions. */
const OLD_OPTIONS_VARIABLE = 'SG3_UTILS_OLD_OPTS';

export interface TursOptions {
  readonly deviceName: string;
  /** How many times. */
  readonly count: number;
  /** Before each; undefined if it was not said. */
  readonly delayMs: number | undefined;
  readonly progress: boolean;
  readonly time: boolean;
  readonly verbose: number;
}

/** A command line read: what to do, or that nothing is left to do. The texts are printed first. */
export type ReadTursCommandLine =
  | { readonly options: TursOptions }
  | {
      readonly options: undefined;
      readonly stderr: string;
      readonly stdout: string;
      readonly status: number;
    };

class Draft {
  readonly operands: string[] = [];
  count = 1;
  delayMs: number | undefined;
  progress = false;
  time = false;
  verbose = 0;
  help = false;
  version = false;
}

const end = (status: number, stderr: string, stdout = ''): ReadTursCommandLine => ({
  options: undefined,
  stderr,
  stdout,
  status,
});

/** Options without an argument, the same in both interfaces. `--low` changes nothing here: there is but one way. */
const MARK: Readonly<Partial<Record<string, (draft: Draft) => void>>> = {
  l: () => undefined,
  p: (draft) => (draft.progress = true),
  t: (draft) => (draft.time = true),
  v: (draft) => (draft.verbose += 1),
  V: (draft) => (draft.version = true),
};

/** Reads the command line of sg_turs, without the program's name. */
export function readTursCommandLine(
  args: readonly string[],
  env: Readonly<Partial<Record<string, string>>>,
): ReadTursCommandLine {
  if (env[OLD_OPTIONS_VARIABLE] !== undefined) return readOld(args);
  return readCurrent(args, () => readOld(args));
}

function readCurrent(args: readonly string[], askedForOld: () => ReadTursCommandLine): ReadTursCommandLine {
  const draft = new Draft();
  const usage = SG_TURS_USAGE.current;
  let said = '';
  for (const step of readOptions(args, SG_TURS_OPTIONS)) {
    if (step.kind === 'error') {
      said += `sg_turs: ${step.message}\n`;
      draft.help = true;
      continue;
    }
    if (step.kind === 'operand') {
      draft.operands.push(step.text);
      continue;
    }
    MARK[step.value]?.(draft);
    if (step.value === 'O') {
      const old = askedForOld();
      return old.options === undefined ? { ...old, stderr: said + old.stderr } : old;
    }
    if (step.value === 'h') draft.help = true;
    if (step.value === 'n' || step.value === 'd') {
      const size = parseSize(step.argument);
      if (!size.ok) {
        if (size.message !== '') said += `${size.message}\n`;
        const name = step.value === 'n' ? 'number' : 'delay';
        return end(EXIT_STATUS.syntaxError, `${said}bad argument to '--${name}='\n`, usage);
      }
      takeNumber(draft, step.value, size.size);
    }
  }
  const extra = draft.operands
    .slice(1)
    .map((text) => `Unexpected extra argument: ${withoutPassword(text)}\n`);
  if (extra.length > 0) return end(EXIT_STATUS.syntaxError, said + extra.join(''), usage);
  return draft.help ? end(EXIT_STATUS.good, said, usage) : decide(draft, usage);
}

function takeNumber(draft: Draft, letter: string, value: bigint): void {
  if (letter === 'n') draft.count = Number(value);
  else draft.delayMs = Number(value);
}

/** The interface of older versions: `-n=3`, letters may be bundled, nothing has a long name. */
function readOld(args: readonly string[]): ReadTursCommandLine {
  const draft = new Draft();
  const usage = SG_TURS_USAGE.old;
  for (const word of args) {
    if (word === '-' || word === '--old') continue;
    if (!word.startsWith('-')) {
      const [first] = draft.operands;
      if (first !== undefined) {
        return end(
          EXIT_STATUS.syntaxError,
          `too many arguments, got: ${withoutPassword(first)}, not expecting: ${withoutPassword(word)}\n`,
          usage,
        );
      }
      draft.operands.push(word);
      continue;
    }
    for (let rest = word.slice(1); rest !== ''; rest = rest.slice(1)) {
      const letter = rest.charAt(0);
      if (letter === 'N') return readCurrent(args, () => decide(draft, usage));
      if (letter === '?') return end(EXIT_STATUS.good, '', usage);
      if (letter === 'O') continue;
      const mark = MARK[letter];
      if (mark !== undefined) {
        mark(draft);
        continue;
      }
      const number = /^([nd])=(.*)$/s.exec(rest);
      if (number === null) return end(EXIT_STATUS.syntaxError, `Unrecognized option: ${rest}\n`, usage);
      const size = parseSize(number[2] ?? '');
      if (!size.ok || size.size === 0n) {
        const said = `Couldn't decode number after '${letter}=' option\n`;
        return end(EXIT_STATUS.syntaxError, '', said + usage);
      }
      takeNumber(draft, letter, size.size);
      break;
    }
  }
  return decide(draft, usage);
}

function decide(draft: Draft, usage: string): ReadTursCommandLine {
  if (draft.version) {
    const note = draft.verbose > 0 ? "Not in DEBUG mode, so '-vV' has no special action\n" : '';
    return end(EXIT_STATUS.good, `${note}Version string: ${VERSION}\n`);
  }
  const [deviceName] = draft.operands;
  if (deviceName === undefined) return end(EXIT_STATUS.syntaxError, 'No DEVICE argument given\n', usage);
  const { count, delayMs, progress, time, verbose } = draft;
  return { options: { deviceName, count, delayMs, progress, time, verbose } };
}
