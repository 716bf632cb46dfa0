/** One byte; what did not come reads as zero, as in the cleared buffer of the original. */
export function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

/** `width` bits of a byte, down from bit `high`. */
export function bitsAt(bytes: Uint8Array, offset: number, high: number, width: number): number {
  return (byteAt(bytes, offset) >> (high - width + 1)) & ((1 << width) - 1);
}

/** An unsigned big-endian number of `width` bytes, which may run past the end. */
export function bigNumberAt(bytes: Uint8Array, offset: number, width: number): bigint {
  let value = 0n;
  for (let index = 0; index < width; index += 1) {
    value = (value << 8n) | BigInt(byteAt(bytes, offset + index));
  }
  return value;
}

/** The same, of at most six bytes. */
export function numberAt(bytes: Uint8Array, offset: number, width: number): number {
  return Number(bigNumberAt(bytes, offset, width));
}

/** Text as C prints it: up to the first NUL, a character a byte. */
export function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** How text leaves sg_inq: standard output takes a byte a character, whatever the device put there. */
export interface Printer {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
