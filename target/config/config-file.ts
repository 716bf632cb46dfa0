import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { ChapAccount } from '../../protocol/index.js';
import type { LogicalUnitOptions, PortalOptions, TargetChap } from '../options.js';
import { quirkNamed } from '../faults/quirks/index.js';
import { profileNamed } from '../faults/quirks/profiles.js';
import { ConfigurationError } from './config-error.js';
import { logicalUnitOf, LUN_EXPECTED, LUN_OPTIONS, lunNumber } from './lun-options.js';
import { parseLunSpec } from './lun-spec.js';
import { parsePortal, parseTargetPortal } from './portal.js';

/** What a configuration file may say; what it leaves out, the command line says or a default does. */
export interface TargetConfiguration {
  readonly iqn?: string | undefined;
  readonly portals?: readonly PortalOptions[] | undefined;
  readonly logicalUnits?: readonly LogicalUnitOptions[] | undefined;
  readonly stateDirectory?: string | undefined;
  readonly chap?: TargetChap | undefined;
  /** Where the admin API listens. */
  readonly admin?: PortalOptions | undefined;
  /** Names of quirks, and of a profile that stands behind them. */
  readonly quirks?: readonly string[] | undefined;
  readonly profile?: string | undefined;
}

/** Reads a YAML configuration file. Throws ConfigurationError with file, line and column. */
export async function readConfigurationFile(path: string): Promise<TargetConfiguration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code ?? 'unknown error'})`;
    throw new ConfigurationError(`configuration ${path}: ${why}`, { cause });
  }
  return parseConfiguration(text, path);
}

/**
 * `text` is YAML; `path` is its name in messages, and `state` and `file` are relative to its folder.
 *
 * ```yaml
 * iqn: iqn.2026-11.org.fencelab:array
 * portals: ["127.0.0.1:3260", "[::1]:3260"]
 * luns:
 *   - { lun: 0, size: 64MiB, thin: true }
 *   - "1,file=disk.img"
 * state: state
 * admin: 127.0.0.1:8080
 * profile: tgt
 * quirks: [comstar-reset-clears]
 * chap: { user: node, password: secret, mutual: { user: array, password: other } }
 * ```
 */
export function parseConfiguration(text: string, path: string): TargetConfiguration {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const source = new Source(path, lineCounter);
  const problem = document.errors[0];
  if (problem !== undefined) throw source.errorAt(problem.pos[0], problem.message);
  const entries = source.map(document.contents, 'a configuration', [
    'iqn',
    'portals',
    'luns',
    'state',
    'admin',
    'profile',
    'quirks',
    'chap',
  ]);
  const state = entries.get('state');
  const admin = entries.get('admin');
  const chap = entries.get('chap');
  return {
    iqn: optional(entries.get('iqn'), (node) => source.text(node, 'iqn')),
    portals: optional(entries.get('portals'), (node) =>
      source.list(node, 'portals').map((item) => source.parsed(item, 'portals', parseTargetPortal)),
    ),
    logicalUnits: optional(entries.get('luns'), (node) => readLuns(source, node)),
    stateDirectory: optional(state, (node) => resolve(dirname(path), source.text(node, 'state'))),
    admin: optional(admin, (node) => source.parsed(node, 'admin', parsePortal)),
    quirks: optional(entries.get('quirks'), (node) =>
      source
        .list(node, 'quirks')
        .map((item) => source.parsed(item, 'quirks', (name) => quirkNamed(name).name)),
    ),
    profile: optional(entries.get('profile'), (node) =>
      source.parsed(node, 'profile', (name) => profileNamed(name).name),
    ),
    chap: optional(chap, (node) => readChap(source, node)),
  };
}

function optional<T>(node: Node | undefined, read: (node: Node) => T): T | undefined {
  return node === undefined ? undefined : read(node);
}

function readChap(source: Source, node: Node): TargetChap {
  const entries = source.map(node, 'chap', ['user', 'password', 'mutual']);
  const account = accountOf(source, node, entries, 'chap');
  const mutual = entries.get('mutual');
  if (mutual === undefined) return account;
  const own = accountOf(
    source,
    mutual,
    source.map(mutual, 'chap.mutual', ['user', 'password']),
    'chap.mutual',
  );
  // RFC 7143 9.2.1: what proves one side must not prove the other.
  if (own.password === account.password) {
    throw source.errorOf(mutual, 'chap.mutual: expected another password than that of chap');
  }
  return { ...account, mutual: own };
}

function accountOf(
  source: Source,
  node: Node,
  entries: ReadonlyMap<string, Node>,
  name: string,
): ChapAccount {
  const member = (key: string): string => {
    const found = entries.get(key);
    if (found === undefined) throw source.errorOf(node, `${name}: expected ${key}`);
    return source.text(found, `${name}.${key}`);
  };
  return { user: member('user'), password: member('password') };
}

function readLuns(source: Source, node: Node): LogicalUnitOptions[] {
  const units: LogicalUnitOptions[] = [];
  for (const item of source.list(node, 'luns')) {
    const unit = isScalar(item) ? source.parsed(item, 'luns', parseLunSpec) : readLun(source, item);
    if (units.some(({ lun }) => lun === unit.lun)) {
      throw source.errorOf(item, `luns: LUN ${unit.lun} is given twice`);
    }
    units.push(withResolvedFile(unit, source.path));
  }
  return units;
}

function withResolvedFile(unit: LogicalUnitOptions, configurationPath: string): LogicalUnitOptions {
  if (unit.medium.kind !== 'file') return unit;
  const path = resolve(dirname(configurationPath), unit.medium.path);
  return { ...unit, medium: { kind: 'file', path } };
}

function readLun(source: Source, node: Node): LogicalUnitOptions {
  const entries = source.map(node, 'a LUN', ['lun', ...LUN_OPTIONS.keys()]);
  const numberNode = entries.get('lun');
  if (numberNode === undefined) throw source.errorOf(node, `luns: expected lun: and ${LUN_EXPECTED}`);
  const lun = lunNumber(source.text(numberNode, 'lun'));
  if (lun === undefined) throw source.errorOf(numberNode, `lun: expected ${LUN_EXPECTED}`);
  const given = new Map<string, Partial<LogicalUnitOptions>>();
  for (const [name, option] of LUN_OPTIONS) {
    const entry = entries.get(name);
    if (entry === undefined) continue;
    const text = source.text(entry, name);
    const read = option.read(text);
    if (read === undefined) {
      throw source.errorOf(entry, `${name}: expected ${option.expected}, found '${text}'`);
    }
    given.set(name, read);
  }
  const unit = logicalUnitOf(lun, given);
  if (typeof unit === 'string') throw source.errorOf(node, `LUN ${lun}: ${unit}`);
  return unit;
}

/** A YAML document that knows where its nodes stand. Scalars are read as they are written: 0x10 stays `0x10`. */
class Source {
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
