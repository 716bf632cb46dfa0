const BYTES_A_LINE = 16;

/**
 * A block as hex digits and characters, 16 bytes a line. Lines that repeat the one before are told by one `*`, as
 * hex dumps do. Where bytes differ from those of `compareTo`, a `>` stands before the line.
 */
export function hexDump(bytes: Uint8Array, compareTo?: Uint8Array): string[] {
  const lines: string[] = [];
  let previous = '';
  for (let offset = 0; offset < bytes.length; offset += BYTES_A_LINE) {
    const row = [...bytes.subarray(offset, offset + BYTES_A_LINE)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const differs = compareTo !== undefined && row.some((byte, i) => compareTo[offset + i] !== byte);
    const line = `${hex.padEnd(BYTES_A_LINE * 3 - 1)}  |${text}|`;
    const repeats = line === previous && offset + BYTES_A_LINE < bytes.length;
    if (!repeats) lines.push(`${differs ? '>' : ' '} ${offset.toString(16).padStart(4, '0')}  ${line}`);
    else if (lines.at(-1) !== '  *') lines.push('  *');
    previous = line;
  }
  return lines;
}
