/** One `key=value` of Login and Text PDUs (RFC 7143 6.1). */
export type TextPair = readonly [key: string, value: string];

/** Longest key name (RFC 7143 6.1). */
export const TEXT_KEY_LENGTH_MAX_BYTES = 63;
/** Longest simple value, unless its key says otherwise; a list holds several (RFC 7143 6.1). */
export const TEXT_VALUE_LENGTH_MAX_BYTES = 255;
/** Longest text of one negotiation: what must be supported for long authentication items (RFC 7143 6.1). */
export const TEXT_LENGTH_MAX_BYTES = 65_536;

/** Keys whose values are binary, up to 1024 bytes before their encoding (RFC 7143 12.1.3). */
const LONG_VALUE_KEYS: ReadonlySet<string> = new Set(['CHAP_C', 'CHAP_R']);
const LONG_VALUE_LENGTH_MAX_BYTES = 2 + 2 * 1024;

/** A letter (a capital by RFC 7143 6.1, but iSCSIProtocolLevel is a key too), then letters, digits and `.-+@_#`. */
const KEY_NAME = /^[A-Za-z][A-Za-z0-9.\-+@_#]*$/;

/** The pairs as text, each ended by a NUL. */
export function encodeText(pairs: readonly TextPair[]): Buffer {
  return Buffer.from(pairs.map(([key, value]) => `${key}=${value}\0`).join(''), 'utf8');
}

export type DecodedText =
  | { readonly ok: true; readonly pairs: readonly TextPair[] }
  /** What is wrong with it, for a message. */
  | { readonly ok: false; readonly error: string };

/**
 * The pairs of a whole text, the data segments of continued PDUs put together. Each pair must end with a NUL; more
 * NULs between pairs and at the end are allowed (RFC 7143 6.1).
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length > TEXT_LENGTH_MAX_BYTES) {
    return { ok: false, error: `text of more than ${TEXT_LENGTH_MAX_BYTES} bytes` };
  }
  if (bytes.length > 0 && bytes[bytes.length - 1] !== 0) return { ok: false, error: 'text not ended by NUL' };
  const pairs: TextPair[] = [];
  for (const part of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').split('\0')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return { ok: false, error: `no "=" in ${JSON.stringify(shortened(part))}` };
    const key = part.slice(0, equals);
    const value = part.slice(equals + 1);
    const error = keyError(key) ?? valueError(key, value);
    if (error !== undefined) return { ok: false, error };
    pairs.push([key, value]);
  }
  return { ok: true, pairs };
}

function keyError(key: string): string | undefined {
  if (key.length > TEXT_KEY_LENGTH_MAX_BYTES) {
    return `key name of more than ${TEXT_KEY_LENGTH_MAX_BYTES} bytes: ${shortened(key)}`;
  }
  return KEY_NAME.test(key) ? undefined : `not a key name: ${JSON.stringify(key)}`;
}

function valueError(key: string, value: string): string | undefined {
  const maximum = LONG_VALUE_KEYS.has(key) ? LONG_VALUE_LENGTH_MAX_BYTES : TEXT_VALUE_LENGTH_MAX_BYTES;
  const long = value.split(',').some((simple) => Buffer.byteLength(simple) > maximum);
  return long ? `${key}: a value of more than ${maximum} bytes` : undefined;
}

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}...` : text);
