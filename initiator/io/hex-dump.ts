const LINE_BYTES = 16;

/** Offset, sixteen bytes and their printable characters a line; a run of equal lines is one `*`. */
export function hexDump(data: Uint8Array, firstOffset = 0n): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  let text = '';
  let previous: Buffer | undefined;
  let skipping = false;
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = bytes.subarray(at, at + LINE_BYTES);
    const last = at + LINE_BYTES >= bytes.length;
    if (previous?.equals(line) === true && !last) {
      if (!skipping) text += '*\n';
      skipping = true;
      continue;
    }
    skipping = false;
    previous = line;
    text += `${dumpLine(firstOffset + BigInt(at), line)}\n`;
  }
  return text;
}

function dumpLine(offset: bigint, line: Buffer): string {
  const hex = [...line].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const characters = [...line].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
  return `${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(LINE_BYTES * 3 - 1)}  |${characters.join('')}|`;
}
