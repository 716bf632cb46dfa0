import { UsageError } from './one-line.js';

/** Seeds are 32 bits. */
export const SEED_MAX = 0xffff_ffff;

/** Under how many seeds a scenario can be played at once: at a thousand runs a second this takes a quarter of an hour. */
export const SEEDS_MAX = 1_000_000;

/** Reads the value of an option that is a whole number. Throws UsageError, in one line. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} ${text}: expected a whole number from ${least} to ${most}`);
}
