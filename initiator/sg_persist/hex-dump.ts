const BYTES_IN_LINE = 16;
/** Where the characters begin in a line of the dump with addresses. */
const CHARACTERS_COLUMN = 60;
const ADDRESS_WIDTH = 8;

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

/** `00 01 02 03 04 05 06 07  08 ...`: a second blank in the middle. */
export function hexOfLine(bytes: Uint8Array): string {
  const words = Array.from(bytes, hexOf);
  const left = words.slice(0, 8).join(' ');
  return words.length > 8 ? `${left}  ${words.slice(8).join(' ')}` : left;
}

function charactersOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(
    '',
  );
}

function linesOf(bytes: Uint8Array, line: (part: Uint8Array, offset: number) => string): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += BYTES_IN_LINE) {
    text += `${line(bytes.subarray(offset, offset + BYTES_IN_LINE), offset)}\n`;
  }
  return text;
}

/** Bytes alone, 16 a line, after `indent`. */
export function dumpBytes(bytes: Uint8Array, indent = ''): string {
  return linesOf(bytes, (part) => indent + hexOfLine(part));
}

/** Bytes after their address. */
export function dumpWithAddress(bytes: Uint8Array): string {
  return linesOf(bytes, (part, offset) => ` ${hexOf(offset)}`.padEnd(ADDRESS_WIDTH) + hexOfLine(part));
}

/** Bytes after their address and before the characters they may be. */
export function dumpWithAddressAndCharacters(bytes: Uint8Array): string {
  return linesOf(
    bytes,
    (part, offset) =>
      (` ${hexOf(offset)}`.padEnd(ADDRESS_WIDTH) + hexOfLine(part)).padEnd(CHARACTERS_COLUMN) +
      charactersOf(part),
  );
}

/** Bytes before the characters they may be, after `indent`; the last line is filled up with blanks. */
export function dumpWithCharacters(bytes: Uint8Array, indent: string): string {
  const width = hexOfLine(new Uint8Array(BYTES_IN_LINE)).length;
  return linesOf(
    bytes,
    (part) => `${indent}${hexOfLine(part).padEnd(width)}    ${charactersOf(part).padEnd(BYTES_IN_LINE)}`,
  );
}

/** `5e 00 00 ...` on one line. */
export function hexWords(bytes: Uint8Array): string {
  return Array.from(bytes, hexOf).join(' ');
}
