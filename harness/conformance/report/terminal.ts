import type { Style } from '../../report/style.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { choicesOf, countsOf, diedText, skippedByReason } from './counts.js';
import { detailLines } from './details.js';

/** What did not pass, with all that a vendor needs; what was left open or out; and how many did what. */
export function suiteLines({ target, level, results }: SuiteResult, style: Style): readonly string[] {
  const choices = choicesOf(results);
  const skipped = [...skippedByReason(results)];
  return [
    ...results.flatMap((result) => failureLines(result, style)),
    ...(choices.length === 0 ? [] : ['The standard leaves open, and this target answers:']),
    ...choices.map(({ question, answer }) => `  ${question}: ${answer}`),
    ...(skipped.length === 0 ? [] : ['Skipped:']),
    ...skipped.map(([reason, ids]) => `  ${ids.length}: ${reason} (${shortened(ids)})`),
    `${target}, ${level}: ${countsText(results, style)}`,
  ];
}

function failureLines(result: CaseResult, style: Style): readonly string[] {
  const { kind } = result.outcome;
  if (kind === 'passed' || kind === 'skipped') return [];
  const word = kind === 'failed' ? 'FAILED' : 'TARGET DIED';
  return [style.bad(`${word} ${result.case.id}`), ...detailLines(result).map((line) => `  ${line}`), ''];
}

const IDS_SHOWN = 3;

function shortened(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_SHOWN).join(' ');
  return ids.length > IDS_SHOWN ? `${shown} ...` : shown;
}

function countsText(results: readonly CaseResult[], style: Style): string {
  const { passed, failed, skipped, targetDied } = countsOf(results);
  const bad = `${failed} failed`;
  return [
    `${passed} passed`,
    failed === 0 ? bad : style.bad(bad),
    `${skipped} skipped`,
    ...(targetDied === 0 ? [] : [style.bad(diedText(targetDied))]),
  ].join(', ');
}
