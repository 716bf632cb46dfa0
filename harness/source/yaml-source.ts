import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { isMap, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import { badAliasOf } from './bad-alias.js';
import { shownValue } from './shown.js';

/** A file that cannot be used: `file:line:column: what was wrong, what was expected`. */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
}

type SourceErrorClass<E extends SourceError> = new (message: string) => E;

export type Path = readonly (string | number)[];

/** A YAML text that knows where everything stands, for messages. */
export class YamlSource<E extends SourceError = SourceError> {
  readonly file: string;
  readonly #errorClass: SourceErrorClass<E>;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** Throws an error of the class given where the text is no YAML. */
  constructor(text: string, file: string, errorClass: SourceErrorClass<E>) {
    this.file = file;
    this.#errorClass = errorClass;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const problem = this.#document.errors[0];
    if (problem !== undefined) {
      const isSecond = problem.code === 'MULTIPLE_DOCS';
      const told = isSecond
        ? 'a second document begins here, expected one'
        : `${firstLine(problem.message)}; expected YAML`;
      throw this.#at(problem.pos[0], told);
    }
  }

  /** Throws where aliases lead back to themselves or grow without bound. */
  value(): unknown {
    try {
      const value: unknown = this.#document.toJS();
      // An alias within its own anchor makes a value that cannot be written down.
      JSON.stringify(value);
      return value;
    } catch {
      const { offset, problem } = badAliasOf(this.#document);
      throw this.#at(offset, problem);
    }
  }

  lineOf(path: Path): number {
    return this.#lines.linePos(this.#offsetOf(path)).line;
  }

  /** An error at the place of `path`: at the name of an entry if `atName`, else at its value. */
  error(path: Path, problem: string, atName = false): E {
    return this.#at(this.#offsetOf(path, atName), problem);
  }

  /** Holds a value to its schema. Throws at the first thing that is wrong. */
  check(schema: TSchema, value: unknown, path: Path): void {
    const errors = [...Value.Errors(schema, value)].map((error) => ({
      ...error,
      steps: pointerSteps(error.instancePath),
    }));
    const unknown = errors.find(({ keyword }) => keyword === 'additionalProperties');
    const name = unknownName(unknown?.params);
    if (unknown !== undefined && name !== undefined) {
      const place = [...path, ...unknown.steps];
      const expected = Object.keys(propertiesOf(schemaAt(schema, unknown.steps))).join(', ');
      throw this.error(
        [...place, name],
        `${described(place)}unknown '${name}', expected one of ${expected}`,
        true,
      );
    }
    const [error] = errors.toSorted((one, other) => other.steps.length - one.steps.length);
    if (error === undefined) return;
    const place = [...path, ...error.steps];
    if (error.keyword === 'required') {
      const missing = requiredNames(error.params).join(' and ');
      throw this.error(
        place,
        `${described(place)}${missing} missing, ${this.#expected(schema, error.steps)}`,
      );
    }
    const found = shownValue(valueAt(value, error.steps));
    throw this.error(place, `${described(place)}found ${found}, ${this.#expected(schema, error.steps)}`);
  }

  #expected(schema: TSchema, steps: Path): string {
    const { description } = schemaAt(schema, steps) as { description?: string };
    return `expected ${description ?? 'something else'}`;
  }

  #at(offset: number, problem: string): E {
    const { line, col } = this.#lines.linePos(offset);
    return new this.#errorClass(`${this.file}:${line}:${col}: ${problem}`);
  }

  #offsetOf(path: Path, atName = false): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsetOfNode(path.slice(0, length), atName && length === path.length);
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #offsetOfNode(path: Path, atName: boolean): number | undefined {
    const node: unknown = this.#document.getIn(path, true);
    if (atName) {
      const parent: unknown = this.#document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isPair(item) && String(item.key) === path.at(-1))
        : undefined;
      return (pair?.key as { range?: [number] } | undefined)?.range?.[0];
    }
    return (node as { range?: [number] } | null | undefined)?.range?.[0];
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const pointerSteps = (pointer: string): string[] =>
  pointer === '' ? [] : pointer.slice(1).split('/').map(unescapePointer);
const unescapePointer = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

const unknownName = (params: unknown): string | undefined =>
  (params as { additionalProperties?: string[] } | undefined)?.additionalProperties?.[0];
const requiredNames = (params: unknown): string[] =>
  (params as { requiredProperties?: string[] }).requiredProperties ?? [];
const propertiesOf = (schema: TSchema): Record<string, TSchema> =>
  (schema as { properties?: Record<string, TSchema> }).properties ?? {};

/** The schema of a place: through properties and items. */
function schemaAt(schema: TSchema, steps: Path): TSchema {
  let at = schema;
  for (const step of steps) {
    const inside = propertiesOf(at)[String(step)] ?? (at as { items?: TSchema }).items;
    if (inside === undefined) return at;
    at = inside;
  }
  return at;
}

function valueAt(value: unknown, steps: Path): unknown {
  return steps.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
    value,
  );
}

/** `packages[0].type: ` for people; nothing for the top. */
function described(path: Path): string {
  if (path.length === 0) return '';
  const text = path.map((step) => (/^\d+$/.test(String(step)) ? `[${step}]` : `.${step}`)).join('');
  return `${text.replace(/^\./, '')}: `;
}
