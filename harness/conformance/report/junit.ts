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
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const counts = markup`tests="${results.length}" failures="${failed}" errors="${targetDied}" time="${time}"`;
  // Without a time zone, as the schema has it: UTC.
  const timestamp = startedAt.toISOString().slice(0, 19);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fencelab" ${counts}>
  <testsuite name="fencelab conform" ${counts} skipped="${skipped}" timestamp="${timestamp}">
    <properties>
      <property name="fencelab.version" value="${version}"/>
      <property name="target" value="${target}"/>
      <property name="level" value="${level}"/>
    </properties>
${results.map(caseElement)}  </testsuite>
</testsuites>
`.text;
}

const seconds = (durationMs: number): string => (durationMs / 1000).toFixed(3);

function caseElement(result: CaseResult): Markup {
  const { id } = result.case;
  const [group = id] = id.split('.');
  const attributes = markup`classname="fencelab.conform.${group}" name="${id}" time="${seconds(result.durationMs)}"`;
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
