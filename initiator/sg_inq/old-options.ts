import { EXIT_STATUS } from '../sg_persist/exit-status.js';
import { end, misused, type Draft, type End } from './options.js';
import { withoutPassword } from '../url.js';

const LENGTH_MAX = 49_280;

/** Letters that mean a page. */
const PAGE_OF: Readonly<Partial<Record<string, number>>> = {
  a: 0x89,
  b: 0xb0,
  i: 0x83,
  m: 0x85,
  M: 0x87,
  P: 0xc0,
  s: 0x88,
  x: 0x86,
};

const MARK: Readonly<Partial<Record<string, (draft: Draft) => void>>> = {
  A: (draft) => (draft.assumesAta = true),
  c: (draft) => (draft.cmddt += 1),
  d: (draft) => (draft.descriptors += 1),
  e: (draft) => (draft.vpd = true),
  f: (draft) => (draft.force = true),
  h: (draft) => (draft.hex += 1),
  H: (draft) => (draft.hex += 1),
  L: () => undefined,
  o: (draft) => (draft.only = true),
  O: () => undefined,
  r: (draft) => (draft.raw = true),
  u: (draft) => (draft.exported = true),
  v: (draft) => (draft.verbose += 1),
  V: (draft) => (draft.version = true),
};

/**
 * The interface of older versions: `-p=83`, letters may be bundled, nothing has a long name. `current` reads the line anew
 * where `-N` asks for that.
 */
export function readOld(args: readonly string[], draft: Draft, current: () => Draft | End): Draft | End {
  for (const word of args) {
    if (word === '-' || word === '--old') continue;
    if (!word.startsWith('-')) {
      const [first] = draft.operands;
      if (first !== undefined) {
        const message = `too many arguments, got: ${withoutPassword(first)}, not expecting: ${withoutPassword(word)}\n`;
        return misused(draft, EXIT_STATUS.syntaxError, message);
      }
      draft.operands.push(word);
      continue;
    }
    const outcome = readBundle(word.slice(1), draft);
    if (outcome === 'current') {
      draft.operands.length = 0;
      return current();
    }
    if (outcome !== undefined) return outcome;
  }
  return draft;
}

/** Letters of one word; 'current' at `-N`. */
function readBundle(bundle: string, draft: Draft): End | 'current' | undefined {
  for (let rest = bundle; rest !== '';) {
    const letter = rest.charAt(0);
    if (letter === 'N') return 'current';
    if (letter === '?') return misused(draft, EXIT_STATUS.good, '');
    if (rest.startsWith('cl')) {
      draft.cmddt += 2;
      rest = rest.slice(2);
      continue;
    }
    if (rest === '36') {
      draft.maxLengthBytes = 36;
      return undefined;
    }
    const page = PAGE_OF[letter];
    if (page !== undefined) {
      draft.vpd = true;
      draft.impliedPage = page;
      draft.impliedPages += 1;
    } else {
      const mark = MARK[letter];
      if (mark === undefined) return readAssignment(rest, draft);
      mark(draft);
    }
    rest = rest.slice(1);
  }
  return undefined;
}

/** `p=83` and the like, to the end of the word. */
function readAssignment(rest: string, draft: Draft): End | undefined {
  const refuse = (message: string): End => misused(draft, EXIT_STATUS.syntaxError, message);
  const [, letter = '', value = ''] = /^([BIlp])=(.*)$/s.exec(rest) ?? [];
  switch (letter) {
    case 'B':
      if (value !== '0' && value !== '1') return refuse("'B=' option expects 0 or 1\n");
      draft.blocking = value === '1';
      return undefined;
    case 'I':
      draft.inhex = value;
      return undefined;
    case 'l': {
      const length = Number(/^[ \t]*\+?([0-9]+)/.exec(value)?.[1] ?? '0');
      if (length < 1) return refuse("Inappropriate value after 'l=' option\n");
      if (length > LENGTH_MAX) return end(EXIT_STATUS.syntaxError, "value after 'l=' option too large\n");
      draft.maxLengthBytes = length;
      return undefined;
    }
    case 'p':
      draft.pageArgument = value;
      return undefined;
    default:
      return refuse(`Unrecognized option: ${rest}\n`);
  }
}
