import type { HeartbeatModel } from '../../cluster/membership-model.js';
import type { ServiceguardRelease } from '../../cluster/model.js';

/**
 * The heartbeat of a release, and what of it a configuration sets.
 *
 * A.11.18: HEARTBEAT_INTERVAL is 1 s and NODE_TIMEOUT 2 s by default, and at least two intervals (Managing Serviceguard, fifteenth
 * edition, May 2008, p. 165: of HP-UX, that Linux has the same is inferred). A longer interval without a time-out of its own:
 * two intervals, the least that is allowed.
 *
 * A.11.19: MEMBER_TIMEOUT is 14 s by default, and the interval a fourth of it or 1 s, whichever is less (Managing HP
 * Serviceguard for Linux, ninth edition, April 2009, pp. 88, 176).
 */
export function heartbeatDefaults(
  release: ServiceguardRelease,
  given: { readonly intervalMs: number | undefined; readonly memberTimeoutMs: number | undefined },
): HeartbeatModel {
  if (release === 'A.11.18.02') {
    const intervalMs = given.intervalMs ?? 1_000;
    return { intervalMs, memberTimeoutMs: given.memberTimeoutMs ?? 2 * intervalMs };
  }
  const memberTimeoutMs = given.memberTimeoutMs ?? 14_000;
  return { intervalMs: Math.min(Math.floor(memberTimeoutMs / 4), 1_000), memberTimeoutMs };
}
