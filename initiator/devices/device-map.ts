import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { Node, Pair, YAMLMap } from 'yaml';
import { whyNoIscsiName } from '../../protocol/index.js';
import { BadCommandLineError, parseCommandLine } from '../exec/command-line.js';
import type { ExecCommandLine } from '../exec/command-line.js';
import { BadUrlError, parseIscsiUrl } from '../url.js';
import type { IscsiUrl } from '../url.js';
import { DeviceMapError, messageOf } from './errors.js';
import type { ChapFiles } from './login-settings.js';

/** Required, as in protocol/layout.ts: an import would have its source analysed for names first. */
const { isMap, isScalar, LineCounter, parseDocument } = createRequire(import.meta.url)(
  'yaml',
) as typeof import('yaml');

/**
 * What a device name stands for: a LU this process logs in to, a device of a host that owns the nexus, or one that a
 * command line reaches.
 */
export type DeviceEntry =
  | {
      readonly kind: 'iscsi';
      readonly url: IscsiUrl;
      /** Initiator name; absent: the one of this host. */
      readonly initiatorName?: string;
      /** Absent: derived, the same at every run. */
      readonly isid?: bigint;
      /** Absent: the URL or the environment says, if anything does. */
      readonly chap?: ChapFiles;
    }
  | { readonly kind: 'socket'; readonly socketPath: string; readonly device: string }
  | { readonly kind: 'exec'; readonly line: ExecCommandLine };

export type DeviceMap = ReadonlyMap<string, DeviceEntry>;

/** Reads a device map. Socket paths are relative to the file. Throws DeviceMapError. */
export function readDeviceMap(file: string): DeviceMap {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DeviceMapError(`device map ${file}: ${messageOf(error)}`, { cause: error });
  }
  return parseDeviceMap(text, file);
}

/** The same from text; `file` is for messages and for relative socket paths. */
export function parseDeviceMap(text: string, file: string): DeviceMap {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true });
  const fail = (offset: number, wrong: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new DeviceMapError(`${file}:${line}:${col}: ${wrong}`);
  };
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) fail(syntaxError.pos[0], syntaxError.message.split('\n')[0] ?? '');

  const map = new Map<string, DeviceEntry>();
  if (document.contents === null) return map;
  const reader = new EntryReader(file, fail);
  if (!isMap(document.contents))
    return fail(offsetOf(document.contents), 'expected device names with their settings');
  for (const pair of document.contents.items) {
    const name = reader.keyOf(pair);
    map.set(name, reader.entry(name, pair));
  }
  return map;
}

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

/** Who logs in by CHAP, and what the target must prove; secrets are in files, relative to the map's. */
const CHAP_FIELDS = ['user', 'secret-file', 'target-user', 'target-secret-file'] as const;
const FIELDS = ['url', 'initiator', 'isid', ...CHAP_FIELDS, 'socket', 'device', 'exec'] as const;
/** What an entry has. */
const EXPECTED = 'expected url, or socket and device, or exec';
type FieldName = (typeof FIELDS)[number];
interface FieldValue {
  readonly text: string;
  readonly offset: number;
}
type Fields = Partial<Record<FieldName, FieldValue>>;

class EntryReader {
  readonly #file: string;
  readonly #fail: (offset: number, wrong: string) => never;

  constructor(file: string, fail: (offset: number, wrong: string) => never) {
    this.#file = file;
    this.#fail = fail;
  }

  keyOf(pair: Pair): string {
    if (isScalar(pair.key) && typeof pair.key.value === 'string') return pair.key.value;
    return this.#fail(offsetOf(pair.key), 'expected a name');
  }

  entry(name: string, pair: Pair): DeviceEntry {
    const start = offsetOf(pair.key);
    if (!isMap(pair.value)) return this.#fail(start, `${name}: ${EXPECTED}`);
    const fields = this.#fields(pair.value);
    if (fields.socket !== undefined) return this.#socketEntry(name, fields, fields.socket);
    if (fields.exec !== undefined) return this.#execEntry(name, fields, fields.exec);
    if (fields.url === undefined) return this.#fail(start, `${name}: ${EXPECTED}`);
    if (fields.device !== undefined)
      return this.#fail(fields.device.offset, `${name}: device belongs to socket, not to url`);
    return this.#iscsiEntry(name, fields, fields.url);
  }

  #fields(map: YAMLMap): Fields {
    const fields: Fields = {};
    for (const pair of map.items) {
      const key = this.keyOf(pair);
      const field = FIELDS.find((known) => known === key);
      if (field === undefined) {
        return this.#fail(offsetOf(pair.key), `unknown setting "${key}" (expected ${FIELDS.join(', ')})`);
      }
      // The source keeps what a person wrote: 0x800000000001 without quotes is a number to YAML.
      const text = isScalar(pair.value) ? pair.value.source : undefined;
      if (text === undefined || text === '') {
        return this.#fail(offsetOf(pair.value ?? pair.key), `${field}: expected a text`);
      }
      fields[field] = { text, offset: offsetOf(pair.value) };
    }
    return fields;
  }

  #socketEntry(name: string, fields: Fields, socket: FieldValue): DeviceEntry {
    for (const other of ['url', 'initiator', 'isid', ...CHAP_FIELDS, 'exec'] as const) {
      const field = fields[other];
      if (field !== undefined) {
        return this.#fail(
          field.offset,
          `${name}: ${other} does not go with socket (the host owns the nexus)`,
        );
      }
    }
    if (fields.device === undefined) return this.#fail(socket.offset, `${name}: socket needs device`);
    return {
      kind: 'socket',
      socketPath: resolve(dirname(this.#file), socket.text),
      device: fields.device.text,
    };
  }

  #execEntry(name: string, fields: Fields, exec: FieldValue): DeviceEntry {
    for (const other of ['url', 'initiator', 'isid', ...CHAP_FIELDS, 'device'] as const) {
      const field = fields[other];
      if (field !== undefined) {
        return this.#fail(
          field.offset,
          `${name}: ${other} does not go with exec (the nexus is the command's)`,
        );
      }
    }
    try {
      return { kind: 'exec', line: parseCommandLine(`exec:${exec.text}`) };
    } catch (error) {
      if (error instanceof BadCommandLineError) return this.#fail(exec.offset, `${name}: ${error.message}`);
      throw error;
    }
  }

  #iscsiEntry(name: string, fields: Fields, url: FieldValue): DeviceEntry {
    const { initiator, isid } = fields;
    const wrongName = initiator === undefined ? undefined : whyNoIscsiName(initiator.text);
    if (initiator !== undefined && wrongName !== undefined)
      return this.#fail(initiator.offset, `${name}: ${wrongName}`);
    if (isid !== undefined && !/^0x[0-9a-f]{1,12}$/i.test(isid.text)) {
      return this.#fail(isid.offset, `${name}: isid "${isid.text}" is not 0x and up to 12 hex digits`);
    }
    const chap = this.#chap(name, fields);
    return {
      kind: 'iscsi',
      url: this.#url(url),
      ...(chap === undefined ? {} : { chap }),
      ...(initiator === undefined ? {} : { initiatorName: initiator.text }),
      ...(isid === undefined ? {} : { isid: BigInt(isid.text) }),
    };
  }

  #chap(name: string, fields: Fields): ChapFiles | undefined {
    const own = this.#account(name, fields, ['user', 'secret-file']);
    const target = this.#account(name, fields, ['target-user', 'target-secret-file']);
    if (own === undefined && target !== undefined) {
      return this.#fail(fields['target-user']?.offset ?? 0, `${name}: target-user needs user`);
    }
    return own === undefined || target === undefined ? own : { ...own, target };
  }

  #account(
    name: string,
    fields: Fields,
    [userField, fileField]: readonly [FieldName, FieldName],
  ): ChapFiles | undefined {
    const user = fields[userField];
    const file = fields[fileField];
    if (user === undefined && file === undefined) return undefined;
    if (user === undefined || file === undefined) {
      const [there, missing] = user === undefined ? [fileField, userField] : [userField, fileField];
      return this.#fail(fields[there]?.offset ?? 0, `${name}: ${there} needs ${missing}`);
    }
    return { user: user.text, secretFile: resolve(dirname(this.#file), file.text) };
  }

  #url(field: FieldValue): IscsiUrl {
    try {
      return parseIscsiUrl(field.text);
    } catch (error) {
      if (error instanceof BadUrlError) return this.#fail(field.offset, error.message);
      throw error;
    }
  }
}
