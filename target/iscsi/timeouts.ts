import type { TimeoutOptions } from '../options.js';

/** How long initiators are waited for, in milliseconds. */
export type Timeouts = { readonly [K in keyof Required<TimeoutOptions>]: number };

/**
 * Generous, since a path that is slow and a node that is held for a while must not look as if they were dead; a ping is
 * answered by any initiator that runs.
 */
const DEFAULTS: Timeouts = { idleMs: 30_000, pingMs: 30_000, sequenceMs: 60_000, loginMs: 15_000 };

/** A day: far below what timers can count. */
const TIMEOUT_MS_MAX = 86_400_000;

/** The time-outs of a target. Throws a RangeError, in one line, for one that cannot be. */
export function timeoutsOf(options: TimeoutOptions = {}): Timeouts {
  const timeouts = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Timeouts)[]) {
    const given = options[name];
    if (given === undefined) continue;
    if (!(given >= 1 && given <= TIMEOUT_MS_MAX)) {
      throw new RangeError(`timeouts.${name} ${given}: expected 1 to ${TIMEOUT_MS_MAX}`);
    }
    timeouts[name] = given;
  }
  return timeouts;
}
