import { describe, expect, it } from 'vitest';
import {
  serialAdd,
  serialDifference,
  serialLess,
  serialLessOrEqual,
} from '../../../protocol/iscsi/serial-number.js';

describe('32-bit serial numbers, RFC 1982', () => {
  it('wrap when added to', () => {
    expect(serialAdd(0xffff_ffff, 1)).toBe(0);
    expect(serialAdd(0, -1)).toBe(0xffff_ffff);
    expect(serialAdd(0x7fff_ffff, 1)).toBe(0x8000_0000);
  });

  it('compare across the wrap', () => {
    expect(serialLess(0xffff_ffff, 0)).toBe(true);
    expect(serialLess(0, 0xffff_ffff)).toBe(false);
    expect(serialLess(5, 5)).toBe(false);
    expect(serialLess(0x7fff_ffff, 0x8000_0000)).toBe(true);
    expect(serialLess(0, 0x7fff_ffff)).toBe(true);
    expect(serialLessOrEqual(5, 5)).toBe(true);
    expect(serialLessOrEqual(6, 5)).toBe(false);
    expect(serialLessOrEqual(0xffff_fff0, 5)).toBe(true);
  });

  it('tell how far one is ahead', () => {
    expect(serialDifference(2, 0xffff_ffff)).toBe(3);
    expect(serialDifference(0xffff_ffff, 2)).toBe(-3);
  });
});
