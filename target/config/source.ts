import { isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { ConfigurationError } from './config-error.js';

/** A YAML document that knows where its nodes stand. Scalars are read as they are written: 0x10 stays `0x10`. */
export class Source {
  readonly path: string;
  readonly #lines: LineCounter;

  constructor(path: string, lines: LineCounter) {
    this.path = path;
    this.#lines = lines;
  }

  errorAt(offset: number, problem: string): ConfigurationError {
    const { line, col } = this.#lines.linePos(offset);
    return new ConfigurationError(`${this.path}:${line}:${col}: ${problem.split('\n', 1)[0] ?? ''}`);
  }

  errorOf(node: Node | null, problem: string): ConfigurationError {
    return this.errorAt(node?.range?.[0] ?? 0, problem);
  }

  /** The entries of a mapping; a name that is not among `names` is an error. */
  map(node: unknown, what: string, names: readonly string[]): ReadonlyMap<string, Node> {
    if (!isMap(node)) {
      throw this.errorOf(node as Node | null, `expected ${what}: a mapping of ${names.join(', ')}`);
    }
    const entries = new Map<string, Node>();
    for (const { key, value } of node.items) {
      const name = this.text(key as Node, 'a name');
      if (!names.includes(name)) {
        throw this.errorOf(key as Node, `unknown '${name}': expected one of ${names.join(', ')}`);
      }
      entries.set(name, value as Node);
    }
    return entries;
  }

  list(node: Node, name: string): readonly Node[] {
    if (!isSeq(node)) throw this.errorOf(node, `${name}: expected a list`);
    return node.items as Node[];
  }

  /** A scalar as it is written, quotes apart. */
  text(node: Node, name: string): string {
    const text = isScalar(node) ? (node.source ?? '') : '';
    if (text === '') throw this.errorOf(node, `${name}: expected a value`);
    return text;
  }

  /** A scalar that `parse` reads; what it finds wrong gets its place. */
  parsed<T>(node: Node, name: string, parse: (text: string) => T): T {
    const text = this.text(node, name);
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof ConfigurationError || error instanceof RangeError)
        throw this.errorOf(node, error.message);
      throw error;
    }
  }
}

export function optional<T>(node: Node | undefined, read: (node: Node) => T): T | undefined {
  return node === undefined ? undefined : read(node);
}
