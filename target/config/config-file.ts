import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isScalar, LineCounter, parseDocument, type Node } from 'yaml';
import type { CaptureOptions, LogicalUnitOptions, PortalOptions, TimeoutOptions } from '../options.js';
import { quirkNamed } from '../faults/quirks/index.js';
import { profileNamed } from '../faults/quirks/profiles.js';
import { CAPTURE_NAMES, readCapture } from './capture.js';
import { ConfigurationError } from './config-error.js';
import { logicalUnitOf, LUN_EXPECTED, LUN_OPTIONS, lunNumber } from './lun-options.js';
import { parseLunSpec } from './lun-spec.js';
import { parsePortal, parseTargetPortal } from './portal.js';
import { readSecurity, SECURITY_NAMES, type SecurityConfiguration } from './security.js';
import { optional, Source } from './source.js';
import { readTimeouts } from './timeouts.js';

/** What a configuration file may say; what it leaves out, the command line says or a default does. */
export interface TargetConfiguration extends SecurityConfiguration {
  readonly iqn?: string | undefined;
  readonly portals?: readonly PortalOptions[] | undefined;
  readonly logicalUnits?: readonly LogicalUnitOptions[] | undefined;
  readonly stateDirectory?: string | undefined;
  /** Where the admin API listens. */
  readonly admin?: PortalOptions | undefined;
  /** Names of quirks, and of a profile that stands behind them. */
  readonly quirks?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly capture?: CaptureOptions | undefined;
  readonly timeouts?: TimeoutOptions | undefined;
}

/** Reads a YAML configuration file. Throws ConfigurationError with file, line and column. */
export async function readConfigurationFile(
  path: string,
  environment?: NodeJS.ProcessEnv,
): Promise<TargetConfiguration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code ?? 'unknown error'})`;
    throw new ConfigurationError(`configuration ${path}: ${why}`, { cause });
  }
  return parseConfiguration(text, path, environment);
}

/**
 * `text` is YAML; `path` is its name in messages, and `state`, `file` and `pcap` are relative to its folder.
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
 * pcap: run.pcapng
 * pcap-size: 64MiB
 * pcap-files: 5
 * timeouts: { idle: 30, ping: 30, sequence: 60, login: 15 }
 * chap: { user: node, secret-file: node.secret, mutual: { user: array, secret-env: ARRAY_SECRET } }
 * discovery-chap: { user: finder, password: a secret that stands here }
 * chap-algorithms: [sha3-256, sha256]
 * initiators:
 *   - iqn.2026-11.org.fencelab:node1=0,5:1
 *   - { name: iqn.2026-11.org.fencelab:node2, luns: [1], chap: { user: node2, secret-file: node2.secret } }
 * ```
 *
 * `secret-file` is relative to its folder too, and `secret-env` the name of a variable of `environment`.
 */
export function parseConfiguration(
  text: string,
  path: string,
  environment: NodeJS.ProcessEnv = process.env,
): TargetConfiguration {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const source = new Source(path, lineCounter);
  const problem = document.errors[0];
  // What follows a colon shows a piece of the file, which may be a piece of a secret.
  if (problem !== undefined) throw source.errorAt(problem.pos[0], problem.message.replace(/:.*/s, ''));
  const entries = source.map(document.contents, 'a configuration', [
    'iqn',
    'portals',
    'luns',
    'state',
    'admin',
    'profile',
    'quirks',
    'timeouts',
    ...CAPTURE_NAMES,
    ...SECURITY_NAMES,
  ]);
  const state = entries.get('state');
  const admin = entries.get('admin');
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
    timeouts: optional(entries.get('timeouts'), (node) => readTimeouts(source, node)),
    capture: readCapture(source, entries),
    ...readSecurity(source, entries, environment),
  };
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
