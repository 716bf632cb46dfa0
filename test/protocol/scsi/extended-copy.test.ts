import { describe, expect, it } from 'vitest';
import { copyStatusLayout, copyTransferCount } from '../../../protocol/index.js';

describe('TRANSFER COUNT of RECEIVE COPY STATUS(LID1)', () => {
  it.each([
    [0, '0000000000'],
    [2 ** 32 - 512, '00fffffe00'],
    [2 ** 32, '0100400000'],
    [2 ** 32 + 1536, '0100400001'],
    [64 * 65_535 * 4096, '0100ffff00'],
  ])('of %d bytes with its units is %s', (bytes, expected) => {
    const data = copyStatusLayout.toBytes(copyTransferCount(bytes));
    expect(Buffer.from(data.subarray(7)).toString('hex')).toBe(expected);
  });
});
