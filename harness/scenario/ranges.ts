import type { Random } from '../random.js';
import { COUNT_MAX, durationMs } from './schema/words.js';

const COUNTS = /^(\d+)-(\d+)$/;
const TIMES = /^(\d+(?:ms|s))-(\d+(?:ms|s))$/;

/** What is wrong with a text that has the form of a range; undefined for a good one, and for anything else. */
export function whyNoRange(text: string): string | undefined {
  const counts = COUNTS.exec(text);
  if (counts !== null) {
    const [first, last] = [Number(counts[1]), Number(counts[2])];
    if (first >= 1 && first <= last && last <= COUNT_MAX) return undefined;
    return `${text} is no range, expected a lower and a higher whole number from 1 to ${COUNT_MAX} such as 1-5`;
  }
  const times = TIMES.exec(text);
  if (times === null || durationMs(times[1] ?? '') <= durationMs(times[2] ?? '')) return undefined;
  return `${text} is no range, expected the shorter time first such as 0s-70s`;
}

/** The value of a step with a number in the place of each range: a whole one, or whole milliseconds. */
export function drawnValue(value: unknown, random: Random): unknown {
  if (typeof value === 'string') return drawnText(value, random);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' ? drawnText(inner, random) : (inner as unknown),
    ]),
  );
}

function drawnText(text: string, random: Random): string | number {
  const counts = COUNTS.exec(text);
  if (counts !== null) return random.between(Number(counts[1]), Number(counts[2]));
  const times = TIMES.exec(text);
  if (times === null) return text;
  return `${random.between(durationMs(times[1] ?? ''), durationMs(times[2] ?? ''))}ms`;
}
