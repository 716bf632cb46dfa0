import type { Place } from './model.js';

/** One simple command of a shell script. */
export interface ShellCommand {
  /** Quotes are taken away; expansions stay as they are written. */
  readonly words: readonly string[];
  readonly at: Place;
  /** Whether it runs is up to something else: a condition, a loop, a function, `&&`, a pipe, a subshell. */
  readonly conditional: boolean;
}

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** Functions that are defined, each where it is. */
  readonly functions: ReadonlyMap<string, Place>;
}

/**
 * The commands of a shell script, in their order. Comments, here-documents and quoted text are no commands; what is
 * within `$(...)` and backquotes, or given to `eval` and `trap`, is. Nothing is run or expanded.
 */
export function readShell(text: string, file: string): ShellScript {
  const reader = new ShellReader(text, file, 1, false);
  reader.read();
  return reader;
}

const OPENERS: readonly string[] = ['if', 'while', 'until', 'for', 'select', 'case', '{'];
const CLOSERS: readonly string[] = ['fi', 'done', 'esac', '}'];
const BETWEEN: readonly string[] = ['then', 'do', 'else', 'elif', '!', 'time'];
/** Openers that a list of words follows, and not a command. */
const WITH_WORDS: readonly string[] = ['for', 'select', 'case'];

class ShellReader implements ShellScript {
  readonly commands: ShellCommand[] = [];
  readonly functions = new Map<string, Place>();
  readonly #text: string;
  readonly #file: string;
  /** This text is part of something that may not run. */
  readonly #within: boolean;
  #place = 0;
  #line: number;
  readonly #open: string[] = [];
  /** Between `in` or `;;` of a case and the `)` of its pattern. */
  #inPattern = false;
  #words: string[] = [];
  #startLine = 1;
  /** The command stands behind `&&`, `||` or `|`. */
  #isJoined = false;
  #skipWord = false;
  #hereDocuments: { readonly end: string; readonly stripTabs: boolean }[] = [];

  constructor(text: string, file: string, line: number, within: boolean) {
    this.#text = text;
    this.#file = file;
    this.#line = line;
    this.#within = within;
  }

  read(): void {
    while (this.#place < this.#text.length) this.#step();
    this.#endCommand('\n');
  }

  #step(): void {
    const rest = this.#text.slice(this.#place, this.#place + 3);
    const [character = ''] = rest;
    if (character === '\n') this.#newLine();
    else if (/\s/.test(character)) this.#place++;
    else if (rest.startsWith('\\\n')) this.#advance(2);
    else if (character === '#') this.#place = this.#find('\n');
    else if (rest.startsWith('((') && this.#words.length === 0)
      this.#advance(this.#find('))') + 2 - this.#place);
    else if (rest.startsWith('&>') || /^[<>]/.test(rest)) this.#redirection(rest);
    else if (/^[;&|()]/.test(rest)) this.#separator(rest);
    else this.#word();
  }

  /** Where a text comes next; the end where it does not. */
  #find(text: string, from = this.#place): number {
    const place = this.#text.indexOf(text, from);
    return place < 0 ? this.#text.length : place;
  }

  #advance(count: number): string {
    const taken = this.#text.slice(this.#place, this.#place + count);
    this.#line += taken.split('\n').length - 1;
    this.#place += count;
    return taken;
  }

  #newLine(): void {
    this.#endCommand('\n');
    this.#advance(1);
    for (const { end, stripTabs } of this.#hereDocuments.splice(0)) {
      while (this.#place < this.#text.length) {
        const line = this.#advance(this.#find('\n') + 1 - this.#place).replace(/\r?\n$/, '');
        if ((stripTabs ? line.replace(/^\t+/, '') : line) === end) break;
      }
    }
  }

  #redirection(rest: string): void {
    const here = /^<<(-?)/.exec(rest);
    if (here !== null && rest !== '<<<') {
      this.#advance(here[0].length);
      this.#advance((/^[ \t]*/.exec(this.#text.slice(this.#place)) ?? [''])[0].length);
      this.#hereDocuments.push({ end: this.#takeWord(), stripTabs: here[1] === '-' });
      return;
    }
    this.#advance((/^(?:&>>?|<<<|<>|[<>]&|>>|>\||[<>])/.exec(rest) ?? [rest])[0].length);
    this.#skipWord = true;
  }

  #separator(rest: string): void {
    const [operator = rest] = /^(?:;;|&&|\|\||[;&|()])/.exec(rest) ?? [];
    const [first] = this.#words;
    if (operator === '(' && first !== undefined && /^\(\s*\)/.test(this.#text.slice(this.#place))) {
      this.#define(this.#words.at(-1) ?? first);
      this.#advance(this.#find(')') + 1 - this.#place);
      return;
    }
    this.#advance(operator.length);
    if (this.#inPattern) {
      this.#inPattern = operator !== ')';
      return;
    }
    this.#endCommand(operator);
    if (operator === '(') this.#open.push('(');
    else if (operator === ')' && this.#open.at(-1) === '(') this.#open.pop();
    else if (operator === ';;') this.#inPattern = this.#open.at(-1) === 'case';
  }

  #define(name: string): void {
    this.functions.set(name, { file: this.#file, line: this.#startLine });
    this.#words = [];
  }

  #endCommand(operator: string): void {
    const joins = ['&&', '||', '|'].includes(operator);
    const words = this.#words;
    this.#words = [];
    this.#skipWord = false;
    // `function name`, and the body in the next line.
    if (words[0] === 'function' && words[1] !== undefined) this.#define(words[1]);
    else if (words.length > 0) this.#add(words, this.#isJoined || operator === '|' || operator === '&');
    if (words.length > 0 || operator !== '\n') this.#isJoined = joins;
  }

  #add(words: readonly string[], joined: boolean): void {
    const conditional = this.#within || joined || this.#open.length > 0;
    this.commands.push({ words, at: { file: this.#file, line: this.#startLine }, conditional });
    const [first, second] = words;
    if ((first === 'eval' || first === 'trap') && second !== undefined)
      this.#readInside(second, this.#startLine);
  }

  #readInside(text: string, line: number): void {
    const inside = new ShellReader(text, this.#file, line, true);
    inside.read();
    this.commands.push(...inside.commands);
  }

  #word(): void {
    const [start, line] = [this.#place, this.#line];
    const word = this.#takeWord();
    if (this.#skipWord) {
      this.#skipWord = false;
      return;
    }
    const written = this.#text.slice(start, this.#place);
    if (this.#inPattern) {
      if (written !== 'esac') return;
      this.#inPattern = false;
    }
    if (this.#words.length > 0) this.#nextWord(word);
    else if (CLOSERS.includes(written)) this.#open.pop();
    else if (!BETWEEN.includes(written)) this.#firstWord(word, written, line);
  }

  #firstWord(word: string, written: string, line: number): void {
    this.#startLine = line;
    if (OPENERS.includes(written)) this.#open.push(written);
    if (!OPENERS.includes(written) || WITH_WORDS.includes(written)) this.#words.push(word);
  }

  #nextWord(word: string): void {
    const [first] = this.#words;
    if (first === 'function' && this.#words.length === 2 && word === '{') {
      this.#define(this.#words[1] ?? word);
      this.#open.push('{');
      return;
    }
    if (first === 'case' && word === 'in' && this.#words.length === 2) {
      this.#words = [];
      this.#inPattern = true;
      return;
    }
    this.#words.push(word);
  }

  /** Takes a word away, and its quotes from it. */
  #takeWord(): string {
    let word = '';
    while (this.#place < this.#text.length) {
      const character = this.#text.charAt(this.#place);
      if (character === '(' && word.endsWith('=')) word += this.#balanced('(', ')');
      else if (/[\s;&|()<>]/.test(character)) return word;
      else word += this.#piece(character);
    }
    return word;
  }

  #piece(character: string): string {
    if (character === '\\') return this.#advance(2).slice(1).replace('\n', '');
    if (character === "'")
      return this.#advance(this.#find("'", this.#place + 1) + 1 - this.#place).slice(1, -1);
    if (character === '"') return this.#doubleQuoted();
    return this.#expansion(character);
  }

  #doubleQuoted(): string {
    this.#advance(1);
    let text = '';
    while (this.#place < this.#text.length) {
      const character = this.#text.charAt(this.#place);
      if (character === '"') {
        this.#advance(1);
        return text;
      }
      text += character === '\\' ? this.#advance(2).slice(1) : this.#expansion(character);
    }
    return text;
  }

  /** `${...}`, `$(...)` and backquotes are taken as a whole; of any other text one character. */
  #expansion(character: string): string {
    const line = this.#line;
    const next = this.#text.charAt(this.#place + 1);
    if (character === '`') {
      const taken = this.#advance(this.#find('`', this.#place + 1) + 1 - this.#place);
      this.#readInside(taken.slice(1, -1), line);
      return taken;
    }
    if (character !== '$' || (next !== '(' && next !== '{')) return this.#advance(1);
    this.#advance(1);
    if (next === '{') return `$${this.#balanced('{', '}').replaceAll('"', '')}`;
    const taken = this.#balanced('(', ')');
    // `$((1 << 2))` is arithmetic.
    if (!taken.startsWith('((')) this.#readInside(taken.slice(1, -1), line);
    return `$${taken}`;
  }

  /** From an opening character to the closing one that belongs to it; quoted ones do not count. */
  #balanced(opening: string, closing: string): string {
    let depth = 0;
    let quote = '';
    let length = 0;
    for (const character of this.#text.slice(this.#place)) {
      length += character.length;
      if (quote !== '') quote = character === quote ? '' : quote;
      else if (character === '"' || character === "'") quote = character;
      else if (character === opening) depth++;
      else if (character === closing && --depth === 0) break;
    }
    return this.#advance(length);
  }
}
