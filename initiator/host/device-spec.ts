import { looksLikeSocketName, parseSocketName } from '../devices/socket-name.js';
import { BadUrlError, looksLikeUrl, parseIscsiUrl } from '../url.js';
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
    | { readonly kind: 'socket'; readonly socketPath: string; readonly device: string };
  /** Default physical: every command passes. */
  readonly mapping?: RawDeviceMapping;
}

/** A DEVICE=URL argument that cannot be used. */
export class BadDeviceSpecError extends Error {
  override readonly name = 'BadDeviceSpecError';
}

const FORM =
  'DEVICE=iscsi://host[:port]/target-name/lun or DEVICE=socket:PATH#device, then ,rdm=physical|virtual or ,isid=0xHEX';

/**
 * Reads `DEVICE=URL` or `DEVICE=socket:PATH#device`, either with `,rdm=physical` or `,rdm=virtual`, a URL also with
 * `,isid=0x...`. Throws BadDeviceSpecError.
 */
export function parseHostDevice(spec: string): HostDeviceOptions {
  const match = /^([^=,]+)=([^,]+)((?:,[^,]*)*)$/.exec(spec);
  if (match === null) throw new BadDeviceSpecError(`bad device "${spec}": expected ${FORM}`);
  const [, name = '', place = '', settingsText = ''] = match;
  const settings = parseSettings(spec, settingsText.split(',').slice(1));
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
        `bad device "${spec}": setting "${text}" is not rdm=physical, rdm=virtual or isid=0xHEX`,
      );
    }
  }
  return settings;
}

function parseUpstream(spec: string, place: string, isid: bigint | undefined): HostDeviceOptions['upstream'] {
  if (looksLikeUrl(place))
    return { kind: 'iscsi', url: parseUrl(spec, place), ...(isid === undefined ? {} : { isid }) };
  if (!looksLikeSocketName(place)) throw new BadDeviceSpecError(`bad device "${spec}": expected ${FORM}`);
  const socket = parseSocketName(place);
  if (socket === undefined) {
    throw new BadDeviceSpecError(`bad device "${spec}": expected socket:PATH#device`);
  }
  if (isid !== undefined) {
    throw new BadDeviceSpecError(
      `bad device "${spec}": isid does not go with socket (the host owns the nexus)`,
    );
  }
  return { kind: 'socket', ...socket };
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
