/** A simple command as a shell would take it apart, or why that cannot be told without running a shell. */
export type SimpleCommand =
  { readonly words: readonly string[]; readonly rest: string } | { readonly problem: string };

/** What `\` and a letter stand for between `$'` and `'` (bash). */
const ANSI_C: Readonly<Partial<Record<string, string>>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  e: '\u001b',
};

/**
 * Takes the first simple command of a text apart, by the quoting rules of POSIX shells and `$'...'` of bash. It ends at
 * `;`, `|`, `&`, a parenthesis, a backquote or a comment; redirections are left out. Nothing is expanded: a `$` that a
 * shell would have replaced is a problem, since the log does not say by what.
 */
export function simpleCommand(text: string): SimpleCommand {
  return new Splitter(text).split();
}

class Splitter {
  readonly #text: string;
  readonly #words: string[] = [];
  #at = 0;
  #word: string | undefined;
  #quoted = false;
  #dropNext = false;
  #problem: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  split(): SimpleCommand {
    while (this.#at < this.#text.length && this.#problem === undefined) {
      const next = this.#text.charAt(this.#at);
      if (';|()`\n'.includes(next) || (next === '#' && this.#word === undefined)) break;
      if (next === '&' && this.#text[this.#at + 1] !== '>') break;
      this.#take(next);
    }
    this.#endWord();
    if (this.#problem !== undefined) return { problem: this.#problem };
    return { words: this.#words, rest: this.#text.slice(this.#at) };
  }

  #take(next: string): void {
    switch (next) {
      case ' ':
      case '\t':
        this.#endWord();
        this.#at += 1;
        return;
      case "'":
        this.#append(this.#until("'", this.#at + 1));
        return;
      case '"':
        this.#takeDoubleQuoted();
        return;
      case '\\':
        if (/^\\\s*$/.test(this.#text.slice(this.#at))) {
          this.#problem = 'goes on in the next line';
          return;
        }
        this.#append(this.#text.charAt(this.#at + 1));
        this.#at += 2;
        return;
      case '$':
        this.#takeDollar();
        return;
      case '>':
      case '<':
      case '&':
        this.#takeRedirection();
        return;
      default:
        this.#word = (this.#word ?? '') + next;
        this.#at += 1;
    }
  }

  #append(text: string): void {
    this.#word = (this.#word ?? '') + text;
    this.#quoted = true;
  }

  /** Text up to `end`, which is passed. */
  #until(end: string, from: number): string {
    const to = this.#text.indexOf(end, from);
    if (to < 0) {
      this.#problem = `has a ${end} that is not closed`;
      return '';
    }
    this.#at = to + 1;
    return this.#text.slice(from, to);
  }

  #takeDoubleQuoted(): void {
    this.#append('');
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const next = this.#text.charAt(this.#at);
      const after = this.#text.charAt(this.#at + 1);
      if (next === '"') {
        this.#at += 1;
        return;
      }
      if (next === '`' || (next === '$' && EXPANDS.test(after))) {
        this.#problem = unexpanded(next + after);
        return;
      }
      const escapes = next === '\\' && '$`"\\'.includes(after);
      if (escapes) this.#at += 1;
      this.#append(escapes ? after : next);
    }
    this.#problem = 'has a " that is not closed';
  }

  #takeDollar(): void {
    const after = this.#text.charAt(this.#at + 1);
    if (after === "'") this.#takeAnsiC();
    else if (EXPANDS.test(after))
      this.#problem = unexpanded(this.#text.slice(this.#at).split(/[\s"']/, 1)[0] ?? '');
    else {
      this.#append('$');
      this.#at += 1;
    }
  }

  #takeAnsiC(): void {
    const [whole, body] = /^\$'((?:[^'\\]|\\.)*)'/s.exec(this.#text.slice(this.#at)) ?? [];
    if (whole === undefined || body === undefined) {
      this.#problem = "has a ' that is not closed";
      return;
    }
    this.#append(
      body.replace(/\\(x[0-9a-f]{1,2}|[0-7]{1,3}|.)/gis, (_, escape: string) => {
        if (/^x./.test(escape)) return String.fromCharCode(parseInt(escape.slice(1), 16));
        if (/^[0-7]/.test(escape)) return String.fromCharCode(parseInt(escape, 8));
        return ANSI_C[escape] ?? escape;
      }),
    );
    this.#at += whole.length;
  }

  /** `2>/dev/null`, `>> file`, `2>&1`, `&>file`: no word of the command, and neither is the one behind it. */
  #takeRedirection(): void {
    // A number right before it is the descriptor.
    if (!this.#quoted && /^\d+$/.test(this.#word ?? '')) this.#word = undefined;
    this.#endWord();
    const [operator = '>'] = /^&?(?:<<<|>>|<<|<>|>\||[<>])&?/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += operator.length;
    this.#dropNext = true;
  }

  #endWord(): void {
    if (this.#word !== undefined) {
      if (!this.#dropNext) this.#words.push(this.#word);
      this.#dropNext = false;
    }
    this.#word = undefined;
    this.#quoted = false;
  }
}

/** What may follow a `$` that a shell replaces. */
const EXPANDS = /[\w{(@*#?$!-]/;

const unexpanded = (what: string): string => `holds ${what}, which only the shell could have replaced`;
