import type { Node } from 'yaml';
import type { TimeoutOptions } from '../options.js';
import type { Source } from './source.js';

/** How a configuration file calls each time-out. */
const NAMES = { idle: 'idleMs', ping: 'pingMs', sequence: 'sequenceMs', login: 'loginMs' } as const;

/** A day. */
const SECONDS_MAX = 86_400;

/** `timeouts: { idle: 30, ping: 30, sequence: 60, login: 15 }`, each in whole seconds, any of them absent. */
export function readTimeouts(source: Source, node: Node): TimeoutOptions {
  const entries = source.map(node, 'timeouts', Object.keys(NAMES));
  const timeouts: { -readonly [K in keyof TimeoutOptions]: TimeoutOptions[K] } = {};
  for (const [name, option] of Object.entries(NAMES)) {
    const entry = entries.get(name);
    if (entry === undefined) continue;
    const text = source.text(entry, `timeouts.${name}`);
    const seconds = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
    if (!(seconds >= 1 && seconds <= SECONDS_MAX)) {
      throw source.errorOf(entry, `timeouts.${name}: expected whole seconds from 1 to ${SECONDS_MAX}`);
    }
    timeouts[option] = seconds * 1000;
  }
  return timeouts;
}
