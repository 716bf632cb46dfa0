import { setTimeout } from 'node:timers/promises';

/** How long a target may take to come back: arrays boot for minutes. */
const PATIENCE_MS = 300_000;
const BETWEEN_MS = 500;

/** Time as it passes while somebody waits, in milliseconds. */
export interface Patience {
  readonly now: () => number;
  readonly wait: (durationMs: number) => Promise<unknown>;
}

const REAL: Patience = { now: () => performance.now(), wait: (durationMs) => setTimeout(durationMs) };

/** Tries again and again until it succeeds. Rejects as the last try did, where the target does not come back. */
export async function untilThere(
  attempt: () => Promise<void>,
  { now, wait }: Patience = REAL,
): Promise<void> {
  const beginMs = now();
  for (;;) {
    try {
      await attempt();
      return;
    } catch (cause) {
      if (now() - beginMs >= PATIENCE_MS) throw cause;
      await wait(BETWEEN_MS);
    }
  }
}
