import type { Choice } from '../exchange.js';
import type { CaseResult, Outcome, SuiteResult } from '../outcome.js';

export type Counts = Readonly<Record<Outcome['kind'], number>>;

/** How many cases ended how. */
export function countsOf(results: readonly CaseResult[]): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0, targetDied: 0 };
  for (const { outcome } of results) counts[outcome.kind]++;
  return counts;
}

/** Which way the target went where the standard leaves it open, each once; more than one answer: it depends. */
export function choicesOf(results: readonly CaseResult[]): readonly Choice[] {
  const seen = new Map<string, Choice>();
  for (const { choices } of results) {
    for (const choice of choices) seen.set(`${choice.question}\n${choice.answer}`, choice);
  }
  return [...seen.values()];
}

/** Ids of the cases that were skipped, by the reason. */
export function skippedByReason(results: readonly CaseResult[]): ReadonlyMap<string, readonly string[]> {
  const byReason = new Map<string, string[]>();
  for (const {
    case: { id },
    outcome,
  } of results) {
    if (outcome.kind !== 'skipped') continue;
    const ids = byReason.get(outcome.reason) ?? [];
    ids.push(id);
    byReason.set(outcome.reason, ids);
  }
  return byReason;
}

export const diedText = (times: number): string =>
  `the target died ${times === 1 ? 'once' : `${times} times`}`;

/** For a suite that was stopped before its end. */
export const notRunText = ({ results, notRun }: SuiteResult): string =>
  `interrupted after ${results.length} of ${results.length + notRun} cases`;
