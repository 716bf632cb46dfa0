import type { CaseResult, SuiteResult } from '../outcome.js';

/** One line for each case that did not pass, then how many did what. */
export function suiteLines({ target, level, results }: SuiteResult): readonly string[] {
  const count = (kind: CaseResult['outcome']['kind']): number =>
    results.filter(({ outcome }) => outcome.kind === kind).length;
  const died = count('targetDied');
  return [
    ...results.flatMap(lineOf),
    `${target}, ${level}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped` +
      (died === 0 ? '' : `, ${died} after which the target was dead`),
  ];
}

function lineOf({ case: { id, clause }, outcome }: CaseResult): readonly string[] {
  switch (outcome.kind) {
    case 'passed':
      return [];
    case 'failed':
      return [`failed   ${id} (${clause}): ${outcome.finding.message}`];
    case 'skipped':
      return [`skipped  ${id}: ${outcome.reason}`];
    case 'targetDied':
      return [`died     ${id} (${clause}): ${outcome.reason}`];
  }
}
