import { visibleText } from '../source/shown.js';

/**
 * The same with every text in it as a terminal may have it: what a file, a log or an array says reaches it without
 * control characters. Bytes stay as they are.
 */
export function visible<T>(value: T): T {
  return mapped(value) as T;
}

function mapped(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner)]));
}
