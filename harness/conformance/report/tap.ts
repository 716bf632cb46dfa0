import { stringify } from 'yaml';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { notRunText } from './counts.js';
import { detailLines, reasonOf } from './details.js';

/**
 * The Test Anything Protocol, version 14 (testanything.org): a test point for each case, with a YAML block where it failed.
 * A suite that was stopped bails out, so that nobody takes it for whole.
 */
export function tapReport(suite: SuiteResult): string {
  const { target, level, results, notRun } = suite;
  const lines = [
    'TAP version 14',
    `# ${target}, ${level}`,
    `1..${results.length + notRun}`,
    ...results.flatMap((result, index) => pointLines(result, index + 1)),
    ...(notRun === 0 ? [] : [`Bail out! ${notRunText(suite)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function pointLines(result: CaseResult, number: number): readonly string[] {
  const { outcome, case: one } = result;
  const description = `${number} - ${escaped(one.id)}`;
  switch (outcome.kind) {
    case 'passed':
      return [`ok ${description}`];
    case 'skipped':
      return [`ok ${description} # SKIP ${escaped(outcome.reason)}`];
    case 'failed':
    case 'targetDied':
      return [`not ok ${description}`, ...diagnostics(result)];
  }
}

function diagnostics(result: CaseResult): readonly string[] {
  const { title, clause } = result.case;
  // A text that ends its last line makes the block `|` and not `|-`, which Perl's reader of TAP does not know.
  const exchanges = `${detailLines(result).join('\n')}\n`;
  const block = { message: reasonOf(result), title, clause, exchanges };
  const yaml = stringify(block, { lineWidth: 0, blockQuote: 'literal' }).trimEnd();
  return ['  ---', ...yaml.split('\n').map((line) => `  ${line}`), '  ...'];
}

/** `#` begins a directive and `\` escapes (TAP 14, "Escaping"). */
const escaped = (text: string): string => text.replaceAll(/[\\#]/g, (found) => `\\${found}`);
