import { describe, expect, it } from 'vitest';
import { hexDump } from '../../../harness/oracle/hex-dump.js';

describe('a hex dump', () => {
  it('has 16 bytes a line, marks lines that differ, and tells repeated lines by a star', () => {
    const before = new Uint8Array(80);
    const after = before.slice();
    after.set(Buffer.from('FENCELAB pkg1'), 0);
    after[79] = 0xff;
    expect(hexDump(after, before)).toEqual([
      '> 0000  46 45 4e 43 45 4c 41 42 20 70 6b 67 31 00 00 00  |FENCELAB pkg1...|',
      '  0010  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |................|',
      '  *',
      '> 0040  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff  |................|',
    ]);
  });

  it('keeps the last line, so that the length can be seen, and pads a short one', () => {
    expect(hexDump(new Uint8Array(48))).toHaveLength(3);
    expect(hexDump(Uint8Array.of(0x41, 0x7f))).toEqual([`  0000  41 7f${' '.repeat(42)}  |A.|`]);
  });
});
