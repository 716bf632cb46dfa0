import { createTarget, type Deviation, type LogicalUnitOptions } from '../../../target/index.js';
import type { ConformanceCase, Level } from '../case.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { memoryReach } from '../reach/memory-reach.js';
import { runSuite } from '../run-suite.js';

/** Two target ports; nobody connects to them, so any free ones will do. */
const PORTALS = [
  { host: '127.0.0.1', port: 0 },
  { host: '127.0.0.1', port: 0 },
];
const SIZE_BYTES = 1 << 20;

/** How many registrations the unit has room for: more than a case but those of `resources` needs, with A at two ports. */
const REGISTRATIONS_MAX = 8;

/** An array of another build than the usual. */
export interface Build {
  readonly unit?: Omit<LogicalUnitOptions, 'lun' | 'medium'>;
  readonly targetPorts?: number;
  readonly nonVolatileMemory?: boolean;
}

/** What a suite finds on a target of our own with these quirks, in memory. */
export async function runOnQuirks(
  quirks: readonly (string | Deviation)[],
  cases: readonly ConformanceCase[],
  level: Level = 'spc4',
  { unit, targetPorts = PORTALS.length, nonVolatileMemory = true }: Build = {},
): Promise<SuiteResult> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:zoo',
    portals: PORTALS.slice(0, targetPorts),
    logicalUnits: [
      {
        lun: 0,
        medium: { kind: 'memory', sizeBytes: SIZE_BYTES },
        // Thin: it has every command there is.
        thin: true,
        registrationsMax: REGISTRATIONS_MAX,
        sanitizeSeconds: 1,
        ...unit,
      },
    ],
    nonVolatileMemory,
    quirks,
  });
  try {
    return await runSuite({
      reach: memoryReach(target, 0),
      cases,
      level,
      registrationsMax: unit?.registrationsMax ?? REGISTRATIONS_MAX,
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

/**
 * Ids of the cases that say of this target that it went another way than one without deviations, where the standard leaves
 * that open.
 */
export function toldApart({ results }: SuiteResult, clean: SuiteResult): readonly string[] {
  const choicesOf = (result: CaseResult | undefined): string => JSON.stringify(result?.choices);
  const before = new Map(clean.results.map((result) => [result.case.id, choicesOf(result)]));
  return results.flatMap((result) =>
    choicesOf(result) === before.get(result.case.id) ? [] : [result.case.id],
  );
}

/** Ids of the cases that did not pass, nor were skipped. */
export function caughtBy({ results }: SuiteResult): readonly string[] {
  return results.flatMap(({ case: { id }, outcome }) =>
    outcome.kind === 'failed' || outcome.kind === 'targetDied' ? [id] : [],
  );
}
