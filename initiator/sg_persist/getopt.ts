/** An option with a name of several letters; several names may stand for the same `value`. */
export interface LongOption {
  readonly name: string;
  readonly takesArgument: boolean;
  /** What the option is reported as; a short option's letter where there is one. */
  readonly value: string;
}

/** What an option may be: letters, a colon after those that take an argument, as `getopt(3)` writes it. */
export interface OptionTable {
  readonly short: string;
  readonly long: readonly LongOption[];
}

/** One step of reading a command line. */
export type OptionStep =
  | { readonly kind: 'option'; readonly value: string; readonly argument: string }
  | { readonly kind: 'operand'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string };

/**
 * Reads a command line as glibc's `getopt_long` does: options and operands may be mixed, `--` ends the options, short
 * options may be bundled, long ones shortened as long as they stay unambiguous. Messages are glibc's, since scripts
 * and people compare them. Operands come in their own order, after every option that precedes `--`.
 */
export function* readOptions(args: readonly string[], table: OptionTable): Generator<OptionStep, void, void> {
  const operands: string[] = [];
  let index = 0;
  while (index < args.length) {
    const word = args[index] ?? '';
    index += 1;
    if (word === '--') {
      operands.push(...args.slice(index));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const steps = word.startsWith('--')
      ? readLong(word, args[index], table.long)
      : readShort(word, args[index], table.short);
    if (steps.tookNextWord) index += 1;
    yield* steps.steps;
  }
  for (const text of operands) yield { kind: 'operand', text };
}

interface WordSteps {
  readonly steps: readonly OptionStep[];
  /** The argument was the next word. */
  readonly tookNextWord: boolean;
}

const failure = (message: string): WordSteps => ({
  steps: [{ kind: 'error', message }],
  tookNextWord: false,
});

function readLong(word: string, next: string | undefined, options: readonly LongOption[]): WordSteps {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const attached = equals < 0 ? undefined : word.slice(equals + 1);
  const found = options.find((option) => option.name === name) ?? onlyMatch(name, options);
  if (found === undefined) return failure(`unrecognized option '${word}'`);
  if (Array.isArray(found)) {
    const names = found.map((candidate: LongOption) => `'--${candidate.name}'`).join(' ');
    return failure(`option '${word}' is ambiguous; possibilities: ${names}`);
  }
  const option = found;
  if (!option.takesArgument) {
    if (attached !== undefined) return failure(`option '--${option.name}' doesn't allow an argument`);
    return { steps: [{ kind: 'option', value: option.value, argument: '' }], tookNextWord: false };
  }
  const argument = attached ?? next;
  if (argument === undefined) return failure(`option '--${option.name}' requires an argument`);
  return {
    steps: [{ kind: 'option', value: option.value, argument }],
    tookNextWord: attached === undefined,
  };
}

/** The option that a shortened name means, or all that it could mean where they do not all mean the same. */
function onlyMatch(name: string, options: readonly LongOption[]): LongOption | LongOption[] | undefined {
  const matches = options.filter((option) => option.name.startsWith(name));
  const [first] = matches;
  if (first === undefined) return undefined;
  // Other spellings of the first match are no alternatives to it, so they are not named either.
  const others = matches.filter((option) => option.value !== first.value);
  return others.length === 0 ? first : [first, ...others];
}

function readShort(word: string, next: string | undefined, letters: string): WordSteps {
  const steps: OptionStep[] = [];
  const bundle = word.slice(1);
  for (let at = 0; at < bundle.length; at += 1) {
    const letter = bundle.charAt(at);
    const place = letter === ':' || letter === ';' ? -1 : letters.indexOf(letter);
    if (place < 0) {
      steps.push({ kind: 'error', message: `invalid option -- '${letter}'` });
      continue;
    }
    if (letters.charAt(place + 1) !== ':') {
      steps.push({ kind: 'option', value: letter, argument: '' });
      continue;
    }
    const attached = bundle.slice(at + 1);
    const argument = attached === '' ? next : attached;
    if (argument === undefined) {
      steps.push({ kind: 'error', message: `option requires an argument -- '${letter}'` });
    } else {
      steps.push({ kind: 'option', value: letter, argument });
    }
    return { steps, tookNextWord: attached === '' && argument !== undefined };
  }
  return { steps, tookNextWord: false };
}
