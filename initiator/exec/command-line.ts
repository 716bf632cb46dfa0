/** An `exec:` device name that cannot be used; the message says what is wrong with it and what was expected. */
export class BadCommandLineError extends Error {
  override readonly name = 'BadCommandLineError';
}

/** A command line that reaches a LU: the words of a program, with places for what a command needs. */
export interface ExecCommandLine {
  /** As it was given, for messages. */
  readonly text: string;
  /** At least the program. `{options}` and `{cdb}` are among them, as words of their own or inside one. */
  readonly words: readonly string[];
}

/** What sg_raw is told of one command. */
export interface SgRawCommand {
  readonly cdb: Uint8Array;
  /** Bytes on its standard input. */
  readonly dataOutLength: number;
  readonly dataInLength: number;
  /** After this time the system at the other end aborts the command. */
  readonly timeoutSeconds: number;
  /** Opens the device for reading. */
  readonly readOnly: boolean;
}

const SCHEME = 'exec:';
const FORM = 'exec:PROGRAM [ARGUMENT...] sg_raw DEVICE';
const OPTIONS = '{options}';
const CDB = '{cdb}';

/** Is this text meant as a command line, rather than as a name in the device map? */
export function looksLikeCommandLine(text: string): boolean {
  return text.startsWith(SCHEME);
}

/**
 * Reads `exec:COMMAND LINE`. Words are separated by blanks; a part in single or double quotes may hold blanks, and
 * nothing else means anything, since no shell reads it. `{options}` stands for the options of sg_raw and `{cdb}` for the
 * bytes of the command; without them the options go after the last word `sg_raw` and the bytes to the end. Throws
 * BadCommandLineError.
 */
export function parseCommandLine(name: string): ExecCommandLine {
  const text = name.slice(SCHEME.length).trim();
  const words = wordsOf(text);
  if (words.length === 0) throw new BadCommandLineError(`no command line: expected ${FORM}`);
  return { text, words: withPlaces(text, words) };
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  let quote = '';
  let word: string | undefined;
  for (const character of text) {
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new BadCommandLineError(`exec:${text}: the quote ${quote} is not closed`);
  return word === undefined ? words : [...words, word];
}

function withPlaces(text: string, words: readonly string[]): readonly string[] {
  const complete = [...words];
  if (!words.some((word) => word.includes(OPTIONS))) {
    const sgRaw = words.findLastIndex((word) => /(?:^|\/)sg_raw$/.test(word));
    if (sgRaw < 0) {
      throw new BadCommandLineError(
        `exec:${text}: expected the word sg_raw, or ${OPTIONS} where its options go`,
      );
    }
    if (sgRaw === words.length - 1) throw new BadCommandLineError(`exec:${text}: no device after sg_raw`);
    complete.splice(sgRaw + 1, 0, OPTIONS);
  }
  if (!words.some((word) => word.includes(CDB))) complete.push(CDB);
  return complete;
}

/**
 * The words that carry out one command. All that is added are options, numbers and pairs of hex digits, so a shell at
 * the other end of ssh leaves them as they are.
 *
 * - `-b`: Data-In comes as bytes on standard output, not as a dump.
 * - `-v`: sense data is printed in hex, beside the text.
 *
 * Data-Out comes from standard input without `-i`: sg_raw 1.46 takes `-i -` for a file of that name.
 */
export function commandWords(line: ExecCommandLine, command: SgRawCommand): string[] {
  const options = ['-b', '-v', '-t', String(command.timeoutSeconds)];
  if (command.readOnly) options.push('-R');
  if (command.dataInLength > 0) options.push('-r', String(command.dataInLength));
  if (command.dataOutLength > 0) options.push('-s', String(command.dataOutLength));
  const cdb = Array.from(command.cdb, (byte) => byte.toString(16).padStart(2, '0'));
  return line.words.flatMap((word) => {
    if (word === OPTIONS) return options;
    if (word === CDB) return cdb;
    return [word.replaceAll(OPTIONS, options.join(' ')).replaceAll(CDB, cdb.join(' '))];
  });
}
