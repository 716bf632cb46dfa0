import type { ClusterConfiguration } from '../configuration/model.js';
import type { LunObservation } from './observation.js';
import type { FindingStatus, Found, Rule } from './rule.js';
import { RULES } from './rules.js';

/** What one rule has found in one place. */
export interface RuleFinding extends Found {
  readonly rule: Rule;
}

/**
 * Holds a configuration to every rule of the paper. A rule that does not apply has no finding.
 *
 * @param observations what the array itself has answered; none where it was not asked
 */
export function checkConfiguration(
  configuration: ClusterConfiguration,
  observations: readonly LunObservation[] = [],
): RuleFinding[] {
  return RULES.flatMap((rule) =>
    rule.check(configuration, observations).map((found) => ({ ...found, rule })),
  );
}

/** The number of findings of each status. */
export function countFindings(findings: readonly RuleFinding[]): Readonly<Record<FindingStatus, number>> {
  const counts = { pass: 0, warn: 0, fail: 0, 'not-known': 0 };
  for (const { status } of findings) counts[status]++;
  return counts;
}
