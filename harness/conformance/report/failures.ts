import type { CaseResult } from '../outcome.js';
import { reasonOf } from './details.js';

/** Something that a target does otherwise, and the cases that found it. */
export interface Failure {
  readonly finding: string;
  readonly results: readonly CaseResult[];
}

/** Who sent the command differs from case to case of one deviation. */
const SENDER = /^[ABC]2?: /;

export const hasFailed = ({ outcome: { kind } }: CaseResult): boolean =>
  kind === 'failed' || kind === 'targetDied';

/** The cases that failed by what they found, which most of them found first: few deviations fail many cases. */
export function failuresOf(results: readonly CaseResult[]): readonly Failure[] {
  const byFinding = new Map<string, CaseResult[]>();
  for (const result of results.filter(hasFailed)) {
    const finding = reasonOf(result).replace(SENDER, '');
    const same = byFinding.get(finding);
    if (same === undefined) byFinding.set(finding, [result]);
    else same.push(result);
  }
  return [...byFinding]
    .map(([finding, same]) => ({ finding, results: same }))
    .sort((one, other) => other.results.length - one.results.length);
}
