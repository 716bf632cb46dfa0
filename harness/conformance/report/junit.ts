import { junitDocument, secondsText } from '../../report/junit-document.js';
import { Markup, markup } from '../../report/markup.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { countsOf } from './counts.js';
import { detailLines, reasonOf } from './details.js';

/** A suite as JUnit files tell it: one test case for each case, its class the group that its id begins with. */
export function conformanceJunit(
  { target, level, results }: SuiteResult,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): string {
  const { failed, skipped, targetDied } = countsOf(results);
  return junitDocument({
    name: 'fencelab conform',
    tests: results.length,
    failures: failed,
    errors: targetDied,
    skipped,
    seconds: results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000,
    startedAt,
    properties: [
      ['fencelab.version', version],
      ['target', target],
      ['level', level],
    ],
    cases: results.map(caseElement),
  });
}

function caseElement(result: CaseResult): Markup {
  const { id } = result.case;
  const [group = id] = id.split('.');
  const attributes = markup`classname="fencelab.conform.${group}" name="${id}" time="${secondsText(result.durationMs / 1000)}"`;
  const ending = endingOf(result);
  return ending === undefined
    ? markup`    <testcase ${attributes}/>\n`
    : markup`    <testcase ${attributes}>
      ${ending}
    </testcase>
`;
}

function endingOf(result: CaseResult): Markup | undefined {
  const { kind } = result.outcome;
  const message = reasonOf(result);
  switch (kind) {
    case 'passed':
      return undefined;
    case 'skipped':
      return markup`<skipped message="${message}"/>`;
    case 'failed':
      return markup`<failure message="${message}" type="conformance">${detailLines(result).join('\n')}</failure>`;
    case 'targetDied':
      return markup`<error message="${message}" type="targetDied">${detailLines(result).join('\n')}</error>`;
  }
}
