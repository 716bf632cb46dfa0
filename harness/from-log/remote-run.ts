import { LogError } from './errors.js';
import { hostsOfList } from './host-list.js';
import { simpleCommand } from './shell-words.js';

/** Where a command ran that another one sent to other machines. */
export interface RemoteRun {
  /** As the line names them, each once. */
  readonly hosts: readonly string[];
  /** Whether what the line says of the end of all is the exit status of the one command. */
  readonly tellsExitStatus: boolean;
}

/** The options of a program that runs a command on many machines. Those that are not here choose nodes by other means. */
interface FanOut {
  readonly flags: string;
  /** Followed by a word. */
  readonly withWord: string;
  readonly longFlags: readonly string[];
  readonly longWithWord: readonly string[];
}

/** pdsh(1), and clush(1) of ClusterShell. */
const FAN_OUT: Readonly<Partial<Record<string, FanOut>>> = {
  pdsh: { flags: 'SbdksN', withWord: 'wxRltufM', longFlags: [], longWithWord: [] },
  clush: {
    flags: 'nqvdGLNPbBrS',
    withWord: 'wxRsOfltuom',
    longFlags: ['nostdin', 'quiet', 'verbose', 'debug', 'groupbase', 'progress', 'dshbak', 'regroup', 'diff'],
    longWithWord: [
      ...['worker', 'groupsource', 'option', 'fanout', 'user', 'options', 'mode', 'conf', 'color', 'remote'],
      ...['connect_timeout', 'command_timeout'],
    ],
  },
};
/** These do the same, and their options are not read. */
const NOT_READ = new Set(['pssh', 'parallel-ssh', 'dsh', 'xdsh', 'psh']);
/** A program that runs a command elsewhere; behind `-R` it only is the way that pdsh takes. */
const PROGRAM =
  /(?:^|[\s;|&(`'"/])(?<!-[A-Za-z]*R\s+)(ssh|rsh|remsh|cmexec|pdsh|clush|pssh|parallel-ssh|dsh|xdsh|psh)\s+/g;
/** Options of ssh and rsh that are followed by a word that is no host. */
const OPTION_WITH_WORD = /^-[A-Za-z]*[BbcDEeFIiJLlmOopQRSWw]$/;
const NOT_CLOSED = /not closed$/;

/**
 * The machines that a command ran on, from what stands before it in its line; undefined where nothing there sends it
 * elsewhere. Throws LogError where it went somewhere that the line does not name.
 */
export function remoteRunOf(before: string, place: string): RemoteRun | undefined {
  // Of several, as with a gateway, the last one reaches the machine.
  const match = [...before.matchAll(PROGRAM)].at(-1);
  const program = match?.[1];
  if (match === undefined || program === undefined) return undefined;
  const words = wordsUpTo(before.slice(match.index + match[0].length), place);
  if (words === undefined) return undefined;
  if (NOT_READ.has(program)) {
    throw new LogError(`${place}: ${program} runs it on other machines, expected a line of each of them`);
  }
  const fanOut = FAN_OUT[program];
  return fanOut === undefined
    ? { hosts: [oneHost(program, words, place)], tellsExitStatus: true }
    : { hosts: new FanOutLine(program, fanOut, place).hostsOf(words), tellsExitStatus: false };
}

/** The words that stand between a program and the command; undefined where the program's own line ends before it. */
function wordsUpTo(between: string, place: string): readonly string[] | undefined {
  // The command may stand in quotes that are still open here.
  for (const closing of ['', '"', "'"]) {
    const taken = simpleCommand(between + closing);
    if ('words' in taken) return taken.rest === '' ? taken.words : undefined;
    if (!NOT_CLOSED.test(taken.problem)) {
      throw new LogError(`${place}: ${taken.problem}, expected the command as it ran`);
    }
  }
  throw new LogError(`${place}: has quotes that are not closed, expected the command as it ran`);
}

function oneHost(program: string, words: readonly string[], place: string): string {
  const host = words.find(
    (word, index) => word !== '' && !word.startsWith('-') && !OPTION_WITH_WORD.test(words[index - 1] ?? ''),
  );
  if (host === undefined) {
    throw new LogError(`${place}: ${program} runs it elsewhere, expected a host behind it`);
  }
  return host.slice(host.lastIndexOf('@') + 1);
}

/** Reads which nodes pdsh or clush ran a command on. */
class FanOutLine {
  readonly #program: string;
  readonly #options: FanOut;
  readonly #place: string;
  readonly #hosts = new Set<string>();
  readonly #excluded = new Set<string>();

  constructor(program: string, options: FanOut, place: string) {
    this.#program = program;
    this.#options = options;
    this.#place = place;
  }

  hostsOf(words: readonly string[]): readonly string[] {
    for (let at = 0; words[at]?.startsWith('-') === true; at += 1) {
      if (this.#take(words[at] ?? '', words[at + 1])) at += 1;
    }
    const hosts = [...this.#hosts].filter((host) => !this.#excluded.has(host));
    if (hosts.length === 0) throw this.#error('names no node');
    return hosts;
  }

  /** Whether the next word belongs to this one. */
  #take(word: string, next: string | undefined): boolean {
    if (word.startsWith('--')) return this.#takeLong(word.slice(2), next);
    for (const [index, letter] of Array.from(word.slice(1)).entries()) {
      if (this.#options.flags.includes(letter)) continue;
      if (!this.#options.withWord.includes(letter)) throw this.#error(`-${letter} chooses its nodes`);
      const attached = word.slice(index + 2);
      this.#obey(letter, attached === '' ? next : attached);
      return attached === '';
    }
    return false;
  }

  #takeLong(text: string, next: string | undefined): boolean {
    const [name = '', value] = text.split('=', 2);
    if (this.#options.longFlags.includes(name)) return false;
    if (!this.#options.longWithWord.includes(name)) throw this.#error(`--${name} chooses its nodes`);
    if (name === 'worker') this.#obey('R', value ?? next);
    return value === undefined;
  }

  #obey(letter: string, value = ''): void {
    if (letter === 'R' && value === 'exec') throw this.#error('-R exec runs it where it is itself');
    if (letter !== 'w' && letter !== 'x') return;
    const hosts = hostsOfList(value);
    if ('problem' in hosts) throw this.#error(`-${letter} ${value} ${hosts.problem}`);
    for (const host of hosts.names) (letter === 'w' ? this.#hosts : this.#excluded).add(host);
  }

  #error(problem: string): LogError {
    return new LogError(
      `${this.#place}: ${this.#program} runs it elsewhere and ${problem}, expected -w and names such as node[1-2],node5`,
    );
  }
}
