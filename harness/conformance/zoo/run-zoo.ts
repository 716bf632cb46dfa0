import { createTarget, type Deviation } from '../../../target/index.js';
import type { ConformanceCase, Level } from '../case.js';
import type { SuiteResult } from '../outcome.js';
import { memoryReach } from '../reach/memory-reach.js';
import { runSuite } from '../run-suite.js';

/** Two target ports; nobody connects to them, so any free ones will do. */
const PORTALS = [
  { host: '127.0.0.1', port: 0 },
  { host: '127.0.0.1', port: 0 },
];
const SIZE_BYTES = 1 << 20;

/** What a suite finds on a target of our own with these quirks, in memory. */
export async function runOnQuirks(
  quirks: readonly (string | Deviation)[],
  cases: readonly ConformanceCase[],
  level: Level = 'spc4',
): Promise<SuiteResult> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:zoo',
    portals: PORTALS,
    // Thin: it has every command there is.
    logicalUnits: [
      { lun: 0, medium: { kind: 'memory', sizeBytes: SIZE_BYTES }, thin: true, sanitizeSeconds: 1 },
    ],
    nonVolatileMemory: true,
    quirks,
  });
  try {
    return await runSuite({
      reach: memoryReach(target, 0),
      cases,
      level,
      write: true,
      force: false,
      initiatorNames: [
        'iqn.2026-11.org.fencelab:zoo-a',
        'iqn.2026-11.org.fencelab:zoo-b',
        'iqn.2026-11.org.fencelab:zoo-c',
      ],
      stop: new AbortController().signal,
      now: () => 0,
    });
  } finally {
    await target.close();
  }
}

/** Ids of the cases that did not pass, nor were skipped. */
export function caughtBy({ results }: SuiteResult): readonly string[] {
  return results.flatMap(({ case: { id }, outcome }) =>
    outcome.kind === 'failed' || outcome.kind === 'targetDied' ? [id] : [],
  );
}
