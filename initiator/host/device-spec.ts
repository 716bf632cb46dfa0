import { BadCommandLineError, looksLikeCommandLine, parseCommandLine } from '../exec/command-line.js';
import type { ExecCommandLine } from '../exec/command-line.js';
import { looksLikeSocketName, parseSocketName } from '../devices/socket-name.js';
import { BadUrlError, looksLikeUrl, parseIscsiUrl, withoutPassword } from '../url.js';
import type { IscsiUrl } from '../url.js';
import type { RawDeviceMapping } from './host-device.js';

/** A device of a host: what it is called there and where it leads. */
export interface HostDeviceOptions {
  readonly name: string;
  readonly upstream:
    | {
        readonly kind: 'iscsi';
        readonly url: IscsiUrl;
        /** Absent: derived, the same at every run. */
        readonly isid?: bigint;
      }
    /** A device of another host: this one is a guest on it. */
    | { readonly kind: 'socket'; readonly socketPath: string; readonly device: string }
    /** A command line that reaches the LU: the nexus is that of the machine where it runs. */
    | { readonly kind: 'exec'; readonly line: ExecCommandLine };
  /** Default physical: every command passes. */
  readonly mapping?: RawDeviceMapping;
}

/** A DEVICE=URL argument that cannot be used. */
export class BadDeviceSpecError extends Error {
  override readonly name = 'BadDeviceSpecError';
}

const FORM =
  'DEVICE=iscsi://host[:port]/target-name/lun, DEVICE=socket:PATH#device or DEVICE=exec:COMMAND LINE, ' +
  'then ,rdm=physical|virtual or ,isid=0xHEX';

/** Settings behind a command line, which may have commas of its own. */
const AFTER_COMMAND_LINE = /(?:,(?:rdm|isid)=[^,\s]*)*$/;

/**
 * Reads `DEVICE=URL`, `DEVICE=socket:PATH#device` or `DEVICE=exec:COMMAND LINE`, each with `,rdm=physical` or
 * `,rdm=virtual`, a URL also with `,isid=0x...`. Throws BadDeviceSpecError.
 */
export function parseHostDevice(spec: string): HostDeviceOptions {
  const [, name = '', rest = ''] = /^([^=,]+)=(.+)$/s.exec(spec) ?? [];
  const at = looksLikeCommandLine(rest) ? rest.search(AFTER_COMMAND_LINE) : rest.search(/,|$/);
  const place = rest.slice(0, at);
  if (place === '') throw new BadDeviceSpecError(`bad device "${withoutPassword(spec)}": expected ${FORM}`);
  const settings = parseSettings(spec, rest.slice(at).split(',').slice(1));
  return {
    name,
    upstream: parseUpstream(spec, place, settings.isid),
    ...(settings.mapping === undefined ? {} : { mapping: settings.mapping }),
  };
}

interface Settings {
  mapping?: RawDeviceMapping;
  isid?: bigint;
}

function parseSettings(spec: string, texts: readonly string[]): Settings {
  const settings: Settings = {};
  for (const text of texts) {
    if (text === 'rdm=physical' || text === 'rdm=virtual') {
      settings.mapping = text === 'rdm=virtual' ? 'virtual' : 'physical';
    } else if (/^isid=0x[0-9a-f]{1,12}$/i.test(text)) {
      settings.isid = BigInt(text.slice('isid='.length));
    } else {
      throw new BadDeviceSpecError(
        `bad device "${withoutPassword(spec)}": setting "${text}" is not rdm=physical, rdm=virtual or isid=0xHEX`,
      );
    }
  }
  return settings;
}

function parseUpstream(spec: string, place: string, isid: bigint | undefined): HostDeviceOptions['upstream'] {
  if (looksLikeUrl(place))
    return { kind: 'iscsi', url: parseUrl(spec, place), ...(isid === undefined ? {} : { isid }) };
  if (isid !== undefined) {
    throw new BadDeviceSpecError(
      `bad device "${withoutPassword(spec)}": isid goes with a URL only (somebody else owns the nexus)`,
    );
  }
  if (looksLikeCommandLine(place)) return { kind: 'exec', line: parseLine(spec, place) };
  if (!looksLikeSocketName(place))
    throw new BadDeviceSpecError(`bad device "${withoutPassword(spec)}": expected ${FORM}`);
  const socket = parseSocketName(place);
  if (socket === undefined) {
    throw new BadDeviceSpecError(`bad device "${withoutPassword(spec)}": expected socket:PATH#device`);
  }
  return { kind: 'socket', ...socket };
}

function parseLine(spec: string, place: string): ExecCommandLine {
  try {
    return parseCommandLine(place);
  } catch (error) {
    if (!(error instanceof BadCommandLineError)) throw error;
    throw new BadDeviceSpecError(`bad device "${withoutPassword(spec)}": ${error.message}`, { cause: error });
  }
}

function parseUrl(spec: string, url: string): IscsiUrl {
  try {
    return parseIscsiUrl(url);
  } catch (error) {
    if (!(error instanceof BadUrlError)) throw error;
    throw new BadDeviceSpecError(`bad device "${spec.slice(0, spec.indexOf('='))}": ${error.message}`, {
      cause: error,
    });
  }
}
