/** `scanf("%x")` and `scanf("%llx")` of C: what a leading number in hexadecimal is, undefined where there is none. */
export function scanHexadecimal(text: string, widthBits: 32 | 64): bigint | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)(?:0[xX])?([0-9a-fA-F]*)/.exec(text);
  const [whole, sign, digits] = match ?? ['', '', ''];
  if (digits === '' && !/0[xX]$/.test(whole)) return undefined;
  const value = BigInt(`0x0${digits}`);
  // A number beyond 64 bits is the largest there is; a shorter type keeps the low bits of it.
  const clamped = value > 0xffff_ffff_ffff_ffffn ? 0xffff_ffff_ffff_ffffn : value;
  const overflowed = value !== clamped;
  return BigInt.asUintN(widthBits, sign === '-' && !overflowed ? -clamped : clamped);
}

const MULTIPLIER: Readonly<Partial<Record<string, number>>> = {
  c: 1,
  w: 2,
  b: 512,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
};

/** A size, or the reason why it is none; `message` is empty where the utilities say nothing. */
export type Size =
  { readonly ok: true; readonly size: bigint } | { readonly ok: false; readonly message: string };

const noSize = (message = ''): Size => ({ ok: false, message });

/**
 * A size as the utilities of sg3_utils take it: decimal, `0x1f` or `1fh`, with a multiplier as in `dd` (`8k`, `2x512`).
 * It ends at a comma, a blank or a hash; what follows is not looked at.
 */
export function parseSize(text: string): Size {
  const word = /^[ \t]*([^ \t,#\n]*)/.exec(text)?.[1] ?? '';
  const hexadecimal = /^0[xX]([0-9a-fA-F]+)$/.exec(word)?.[1] ?? /^([0-9a-fA-F]+)[hH]$/.exec(word)?.[1];
  if (hexadecimal !== undefined) return { ok: true, size: BigInt(`0x${hexadecimal}`) };
  if (/^0[xX]/.test(word)) return noSize();
  const [, digits, suffix] = /^\+?([0-9]+)(.*)$/.exec(word) ?? [];
  if (digits === undefined || suffix === undefined) return noSize();
  const value = BigInt(digits);
  if (suffix === '' || suffix.startsWith('-') || suffix.startsWith('+')) return { ok: true, size: value };
  const factor = /^[xX](.*)$/.exec(suffix)?.[1];
  if (factor !== undefined) {
    const times = parseSize(factor);
    return times.ok ? { ok: true, size: value * times.size } : times;
  }
  const multiplier = MULTIPLIER[suffix.toLowerCase()];
  return multiplier === undefined
    ? noSize('unrecognized multiplier')
    : { ok: true, size: value * BigInt(multiplier) };
}
