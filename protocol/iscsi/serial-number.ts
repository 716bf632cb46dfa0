/**
 * 32-bit serial number arithmetic (RFC 1982, as RFC 7143 4.2.2.1 uses it for CmdSN, StatSN and their kin). Values are
 * unsigned 32-bit numbers; numbers exactly 2^31 apart are in no order: each function then answers as for "before".
 */
export const serialAdd = (a: number, n: number): number => (a + n) >>> 0;

/** How far `a` lies ahead of `b`: negative if it lies behind, from -2^31 to 2^31 - 1. */
export const serialDifference = (a: number, b: number): number => (a - b) | 0;

export const serialLess = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const serialLessOrEqual = (a: number, b: number): boolean => ((a - b) | 0) <= 0;
