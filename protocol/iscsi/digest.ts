import { createRequire } from 'node:module';

/** Length of a header or data digest on the wire (RFC 7143 11.2.3, 11.2.4). */
export const DIGEST_LENGTH_BYTES = 4;

/** Reflected form of the Castagnoli polynomial 1EDC6F41h (RFC 7143 13.1). */
const REFLECTED_POLYNOMIAL = 0x82f6_3b78;

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ REFLECTED_POLYNOMIAL;
    return crc >>> 0;
  });
}

let table: Uint32Array | undefined;

/** CRC32C by table, for platforms without the native one and for short runs. */
export function crc32cByTable(bytes: Uint8Array, start: number, end: number): number {
  const entries = (table ??= makeTable());
  let crc = 0xffff_ffff;
  for (let i = start; i < end; i++) {
    crc = (entries[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

type WholeCrc32c = (bytes: Uint8Array) => number;

/** The native CRC32C where its binary for this platform is installed: loaded with the first digest, most runs need none. */
function loadNative(): WholeCrc32c | undefined {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as { readonly crc32c: WholeCrc32c }).crc32c;
  } catch {
    return undefined;
  }
}

let native: WholeCrc32c | 'notLoaded' | undefined = 'notLoaded';

/** Under this length the call into native code costs more than the table. */
const NATIVE_LENGTH_MIN_BYTES = 64;

/** CRC32C of `bytes[start..end)`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  if (end - start < NATIVE_LENGTH_MIN_BYTES) return crc32cByTable(bytes, start, end);
  if (native === 'notLoaded') native = loadNative();
  return native === undefined ? crc32cByTable(bytes, start, end) : native(bytes.subarray(start, end));
}

/** Appends the digest of `bytes[start..end)` at `offset`: the CRC's low-order byte first (RFC 7143 13.1). */
export function writeDigest(bytes: Buffer, start: number, end: number, offset: number): void {
  bytes.writeUInt32LE(crc32c(bytes, start, end), offset);
}

/** Whether the four bytes at `offset` are the digest of `bytes[start..end)`. */
export function digestMatches(bytes: Buffer, start: number, end: number, offset: number): boolean {
  return bytes.readUInt32LE(offset) === crc32c(bytes, start, end);
}
