import { whyNoIscsiName, formatPortal } from '../protocol/index.js';

/** Who logs in by CHAP, as a URL says it. */
export interface UrlChap {
  readonly user: string;
  /** Absent: the environment has it, see `loginSettings`. */
  readonly password?: string;
}

/** Where an iSCSI logical unit is: `iscsi://[user[%password]@]host[:port]/target-name/lun`. */
export interface IscsiUrl {
  /** Name, IPv4 address, or IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly targetName: string;
  readonly lun: number;
  readonly chap?: UrlChap;
}

/** A URL that names no logical unit; the message says what is wrong with it and what was expected. */
export class BadUrlError extends Error {
  override readonly name = 'BadUrlError';

  constructor(url: string, wrong: string) {
    super(`bad URL ${withoutPassword(url)}: ${wrong}`);
  }
}

/** The port assigned to iSCSI (RFC 7143 1). */
export const ISCSI_PORT = 3260;

const SCHEME = 'iscsi://';
const FORM = 'iscsi://[user[%password]@]host[:port]/target-name/lun';
/** Flat space addressing reaches 14 bits. */
const LUN_MAX = 0x3fff;

/** Is this text meant as a URL, rather than as a name in the device map? */
export function looksLikeUrl(text: string): boolean {
  return text.toLowerCase().startsWith(SCHEME);
}

/** Reads a URL. Throws BadUrlError. */
export function parseIscsiUrl(url: string): IscsiUrl {
  if (!looksLikeUrl(url)) throw new BadUrlError(url, `expected ${FORM}`);
  const parts = url.slice(SCHEME.length).split('/');
  const [authority = '', targetName = '', lunText = ''] = parts;
  if (parts.length !== 3) throw new BadUrlError(url, `expected ${FORM}`);
  const at = authority.lastIndexOf('@');
  const credentials = at < 0 ? undefined : authority.slice(0, at);
  return {
    ...parseHostAndPort(url, authority.slice(at + 1)),
    targetName: checkedTargetName(url, targetName),
    lun: parseLun(url, lunText),
    ...(credentials === undefined ? {} : { chap: parseCredentials(url, credentials) }),
  };
}

/** The URL of a logical unit, without credentials. */
export function formatIscsiUrl(url: Pick<IscsiUrl, 'host' | 'port' | 'targetName' | 'lun'>): string {
  return `${SCHEME}${formatPortal(url)}/${url.targetName}/${url.lun}`;
}

function parseHostAndPort(url: string, text: string): Pick<IscsiUrl, 'host' | 'port'> {
  if (/^(:\d*)?$/.test(text)) throw new BadUrlError(url, 'the host is missing');
  const match = /^(?:\[([0-9a-f:.]+(?:%[^\]]+)?)\]|([^:[\]]+))(?::(.*))?$/i.exec(text);
  if (match === null) throw new BadUrlError(url, `"${text}" is no host[:port] (an IPv6 address in brackets)`);
  const host = match[1] ?? match[2] ?? '';
  const portText = match[3];
  if (portText === undefined) return { host, port: ISCSI_PORT };
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port < 1 || port > 65_535) {
    throw new BadUrlError(url, `port "${portText}" is not between 1 and 65535`);
  }
  return { host, port };
}

function checkedTargetName(url: string, name: string): string {
  const wrong = whyNoIscsiName(name);
  if (wrong !== undefined) throw new BadUrlError(url, wrong);
  return name;
}

function parseLun(url: string, text: string): number {
  const lun = Number(text);
  if (!/^\d{1,5}$/.test(text) || lun > LUN_MAX) {
    throw new BadUrlError(url, `LUN "${text}" is not between 0 and ${LUN_MAX}`);
  }
  return lun;
}

function parseCredentials(url: string, text: string): UrlChap {
  const percent = text.indexOf('%');
  if (percent < 0 && text !== '') return { user: text };
  if (percent < 1 || percent === text.length - 1) {
    throw new BadUrlError(url, 'expected user%password, or a user alone, before the @');
  }
  return { user: text.slice(0, percent), password: text.slice(percent + 1) };
}

/**
 * What may be shown of a text with a URL in it. A CHAP password is everything between `%` and the last `@`, in a URL with
 * mistakes too.
 */
export function withoutPassword(text: string): string {
  return text.replace(/([a-z]+:\/\/[^%]*%).*@/is, '$1***@');
}
