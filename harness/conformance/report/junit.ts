import { junitDocument, secondsText } from '../../report/junit-document.js';
import { Markup, markup } from '../../report/markup.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { countsOf, notRunText } from './counts.js';
import { detailLines, reasonOf } from './details.js';

/** A suite as JUnit files tell it: one test case for each case, its class the group that its id begins with. */
export function conformanceJunit(
  suite: SuiteResult,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): string {
  const { target, level, results, notRun } = suite;
  const interrupted = notRun === 0 ? [] : [interruptedElement(notRunText(suite))];
  const { failed, skipped, targetDied } = countsOf(results);
  return junitDocument({
    name: 'fencelab conform',
    tests: results.length + interrupted.length,
    failures: failed,
    errors: targetDied + interrupted.length,
    skipped,
    seconds: results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000,
    startedAt,
    properties: [
      ['fencelab.version', version],
      ['target', target],
      ['level', level],
    ],
    cases: [...results.map(caseElement), ...interrupted],
  });
}

/** An error of its own: else what was not run would look as if it had not been asked for. */
const interruptedElement = (message: string): Markup =>
  markup`    <testcase classname="fencelab.conform" name="interrupted" time="0.000">
      <error message="${message}" type="interrupted"/>
    </testcase>
`;

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
