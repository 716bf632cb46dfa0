import { parseSize } from '../sg_persist/c-numbers.js';
import { EXIT_STATUS } from '../sg_persist/exit-status.js';
import { readOptions } from '../sg_persist/getopt.js';
import { SG_INQ_OPTIONS } from '../sg_persist/option-table.js';
import { SG_INQ_USAGE } from '../sg_persist/usage.js';
import { readOld } from './old-options.js';
import { OPCODE_MAX, readPage, STANDARD_PAGE } from './page-argument.js';
import { withoutPassword } from '../url.js';

/** Set, to whatever value, it makes sg_inq take the options of older versions. */
const OLD_OPTIONS_VARIABLE = 'SG3_UTILS_OLD_OPTS';

/** ALLOCATION LENGTH that the original has room for. */
const ALLOCATION_LENGTH_MAX = 65_532;

/** What was typed, as it is gathered. */
export class Draft {
  readonly operands: string[] = [];
  /** What was said already, of options that are none. */
  said = '';
  /** `--page=` as it was typed. */
  pageArgument: string | undefined;
  /** Of an option that means a page by itself, such as `-i`. */
  impliedPage: number | undefined;
  /** How many such options there were in the older interface, where they exclude each other. */
  impliedPages = 0;
  blocking = false;
  cmddt = 0;
  decode = false;
  descriptors = 0;
  exported = false;
  force = false;
  help = 0;
  hex = 0;
  inhex: string | undefined;
  maxLengthBytes = 0;
  only = false;
  raw = false;
  vendor = 0;
  verbose = 0;
  version = false;
  vpd = false;
  assumesAta = false;
  /** Which of the two interfaces read it last. */
  old = false;
}

/** The end of a run before anything was sent. */
export interface End {
  readonly status: number;
  readonly stderr: string;
  readonly stdout: string;
}

export const end = (status: number, stderr: string, stdout = ''): End => ({ status, stderr, stdout });

export const usageOf = (draft: Draft): string => (draft.old ? SG_INQ_USAGE.old : SG_INQ_USAGE.current);

/** A message, then the usage. */
export const misused = (draft: Draft, status: number, message: string): End =>
  end(status, draft.said + message + usageOf(draft));

/** Options without an argument, in the interface of today. */
const MARK: Readonly<Partial<Record<string, (draft: Draft) => void>>> = {
  c: (draft) => (draft.cmddt += 1),
  d: (draft) => (draft.descriptors += 1),
  e: (draft) => (draft.vpd = true),
  E: (draft) => {
    implyPage(draft, 0x86);
  },
  f: (draft) => (draft.force = true),
  h: (draft) => (draft.help += 1),
  H: (draft) => (draft.hex += 1),
  i: (draft) => {
    implyPage(draft, 0x83);
  },
  I: () => undefined,
  L: () => undefined,
  N: () => undefined,
  o: (draft) => (draft.only = true),
  r: (draft) => (draft.raw = true),
  s: (draft) => (draft.vendor += 1),
  u: (draft) => (draft.exported = true),
  v: (draft) => (draft.verbose += 1),
  V: (draft) => (draft.version = true),
  x: (draft) => {
    implyPage(draft, 0x86);
  },
};

function implyPage(draft: Draft, page: number): void {
  draft.decode = true;
  draft.vpd = true;
  draft.impliedPage = page;
}

/** Reads the words of a command line into a draft; an end where it cannot be gone on with. */
export function readWords(
  args: readonly string[],
  env: Readonly<Partial<Record<string, string>>>,
): Draft | End {
  const draft = new Draft();
  draft.old = env[OLD_OPTIONS_VARIABLE] !== undefined;
  if (!draft.old) return readCurrent(args, draft);
  return readOld(args, draft, () => readCurrent(args, draft));
}

function readCurrent(args: readonly string[], draft: Draft): Draft | End {
  draft.old = false;
  for (const step of readOptions(args, SG_INQ_OPTIONS)) {
    if (step.kind === 'error') {
      draft.said += `sg_inq: ${step.message}\n`;
      draft.help = Math.max(1, draft.help);
      continue;
    }
    if (step.kind === 'operand') {
      draft.operands.push(step.text);
      continue;
    }
    if (step.value === 'O') {
      draft.old = true;
      return readOld(args, draft, () => draft);
    }
    const refused = takeArgument(draft, step.value, step.argument);
    if (refused !== undefined) return refused;
  }
  const extra = draft.operands
    .slice(1)
    .map((text) => `Unexpected extra argument: ${withoutPassword(text)}\n`);
  return extra.length > 0 ? misused(draft, EXIT_STATUS.syntaxError, extra.join('')) : draft;
}

function takeArgument(draft: Draft, letter: string, argument: string): End | undefined {
  const refuse = (message: string): End => misused(draft, EXIT_STATUS.syntaxError, message);
  switch (letter) {
    case 'a':
      return misused(
        draft,
        draft.help > 0 ? EXIT_STATUS.good : EXIT_STATUS.syntaxError,
        'unrecognised option code a [0x61]\n',
      );
    case 'B':
    case 'l':
    case 'm': {
      const size = parseSize(argument);
      const said = size.ok || size.message === '' ? '' : `${size.message}\n`;
      if (letter === 'B') {
        if (!size.ok || size.size > 1n) return refuse(`${said}bad argument to '--block=' want 0 or 1\n`);
        draft.blocking = size.size === 1n;
        return undefined;
      }
      if (!size.ok || size.size > ALLOCATION_LENGTH_MAX) return refuse(`${said}bad argument to '--len='\n`);
      draft.maxLengthBytes = Number(size.size);
      return undefined;
    }
    case 'I':
      draft.inhex = argument;
      return undefined;
    case 'p':
      draft.pageArgument = argument;
      return undefined;
    default:
      MARK[letter]?.(draft);
      return undefined;
  }
}

/** Settles `--page=` among the options; an end where that contradicts them. */
export function settlePage(draft: Draft): number | End {
  const { pageArgument } = draft;
  if (pageArgument === undefined) return draft.impliedPage ?? STANDARD_PAGE;
  if (draft.impliedPage !== undefined) {
    return end(EXIT_STATUS.contradiction, "Given '-p' option and another option that implies a page\n");
  }
  const read = readPage(pageArgument, draft.old);
  if ('unknown' in read) return read.unknown;
  if (read.page > OPCODE_MAX) {
    return misused(
      draft,
      EXIT_STATUS.syntaxError,
      draft.old
        ? "Inappropriate value after '-o=' or '-p=' option\n"
        : "Bad argument to '--page=', expecting 0 to 255 inclusive\n",
    );
  }
  if (read.page >= 0 && draft.cmddt === 0) draft.vpd = true;
  // A number in the older interface asks for the bytes; so does a single -H, or -r.
  const asNumber = !read.byName && (draft.old || read.page < 0);
  if (draft.hex !== 1 && !draft.raw && !asNumber) draft.decode = true;
  return read.page;
}
