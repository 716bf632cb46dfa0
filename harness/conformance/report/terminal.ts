import type { Style } from '../../report/style.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { choicesOf, countsOf, diedText, notRunText, skippedByReason } from './counts.js';
import { detailLines } from './details.js';
import { failuresOf, hasFailed } from './failures.js';

/**
 * What did not pass, with all that a vendor needs, and again in one line for each thing that was found; what was left open
 * or out; and how many did what.
 */
export function suiteLines(suite: SuiteResult, style: Style): readonly string[] {
  const { target, level, results } = suite;
  const failures = failuresOf(results);
  const choices = choicesOf(results);
  const skipped = [...skippedByReason(results)];
  return [
    ...results.flatMap((result) => failureLines(result, style)),
    ...(failures.length === 0 ? [] : ['Failed, by what was found:']),
    ...failures.map(
      ({ finding, results: same }) =>
        `  ${same.length}: ${finding} (${shortened(same.map(({ case: { id } }) => id))})`,
    ),
    ...(choices.length === 0 ? [] : ['The standard leaves open, and this target answers:']),
    ...choices.map(({ question, answer }) => `  ${question}: ${answer}`),
    ...(skipped.length === 0 ? [] : ['Skipped:']),
    ...skipped.map(([reason, ids]) => `  ${ids.length}: ${reason} (${shortened(ids)})`),
    `${target}, ${level}: ${countsText(suite, style)}`,
  ];
}

function failureLines(result: CaseResult, style: Style): readonly string[] {
  if (!hasFailed(result)) return [];
  const word = result.outcome.kind === 'failed' ? 'FAILED' : 'TARGET DIED';
  return [style.bad(`${word} ${result.case.id}`), ...detailLines(result).map((line) => `  ${line}`), ''];
}

const IDS_SHOWN = 3;

function shortened(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_SHOWN).join(' ');
  return ids.length > IDS_SHOWN ? `${shown} ...` : shown;
}

function countsText(suite: SuiteResult, style: Style): string {
  const { passed, failed, skipped, targetDied } = countsOf(suite.results);
  const bad = `${failed} failed`;
  return [
    `${passed} passed`,
    failed === 0 ? bad : style.bad(bad),
    `${skipped} skipped`,
    ...(targetDied === 0 ? [] : [style.bad(diedText(targetDied))]),
    ...(suite.notRun === 0 ? [] : [style.bad(notRunText(suite))]),
  ].join(', ');
}
