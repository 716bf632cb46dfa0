const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** What `sizeInBytes` takes, for messages. */
export const SIZE_EXPECTED = 'a size such as 512KiB, 64MiB, 1TiB or a number of bytes';

/**
 * `64MiB` in bytes: a whole number above 0 with KiB, MiB, GiB, TiB or nothing behind it. Undefined for anything else,
 * decimal units (`64MB`) among it: readers disagree about what those mean.
 */
export function sizeInBytes(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)(\D*)$/.exec(text) ?? [];
  const unitBytes = UNIT_BYTES[unit ?? '?'];
  if (digits === undefined || unitBytes === undefined) return undefined;
  const sizeBytes = Number(digits) * unitBytes;
  return sizeBytes > 0 && Number.isSafeInteger(sizeBytes) ? sizeBytes : undefined;
}
