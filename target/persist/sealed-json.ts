import { createHash } from 'node:crypto';

/** What every file of the state directory begins with. */
export interface SealedHeader {
  /** What kind of file it is, so that a foreign one is not taken for ours. */
  readonly format: string;
  readonly version: number;
}

/** The content of a sealed file, or why it is not to be trusted, as the end of a sentence about the file. */
export type Unsealed = { readonly content: Readonly<Record<string, unknown>> } | { readonly problem: string };

/**
 * Readable JSON with a checksum over everything else in it: a file that was cut, or edited by hand, is found out.
 */
export function seal(header: SealedHeader, content: Readonly<Record<string, unknown>>): Uint8Array {
  const whole = { ...header, ...content };
  return Buffer.from(`${JSON.stringify({ ...whole, checksum: checksumOf(whole) }, null, 2)}\n`);
}

export function unseal(header: SealedHeader, bytes: Uint8Array): Unsealed {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return { problem: 'is not whole JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { problem: `is no "${header.format}" file` };
  }
  const { checksum, ...whole } = parsed as Record<string, unknown>;
  const { format, version, ...content } = whole;
  if (format !== header.format) return { problem: `is no "${header.format}" file` };
  if (version !== header.version) {
    return { problem: `has version ${JSON.stringify(version)}, expected ${header.version}` };
  }
  return checksum === checksumOf(whole) ? { content } : { problem: 'does not match its checksum' };
}

/** Of the meaning, not of the white space: the order of members counts, as it was written. */
function checksumOf(whole: Readonly<Record<string, unknown>>): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(whole)).digest('hex')}`;
}
