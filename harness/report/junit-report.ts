import type { RuntimeKind } from '../scenario/events.js';
import { isAsExpected, type NotPlayedScenario, type ScenarioReport } from './collect.js';
import { findingLines } from './findings.js';
import { junitDocument, secondsText } from './junit-document.js';
import { Markup, markup } from './markup.js';
import { PLAIN } from './style.js';

/** One scenario in one runtime. */
export type JunitCase =
  | { readonly kind: 'judged'; readonly report: ScenarioReport; readonly seconds: number }
  /** It was not played to its end, or not begun. */
  | (NotPlayedScenario & { readonly kind: 'notPlayed'; readonly seconds: number })
  /** It is not for that array. */
  | {
      readonly kind: 'skipped';
      readonly scenario: string;
      readonly runtime: RuntimeKind;
      readonly why: string;
    };

/** A run as JUnit files tell it. */
export interface JunitRun {
  readonly version: string;
  readonly startedAt: Date;
  readonly cases: readonly JunitCase[];
}

/**
 * The run as one test suite, one test case for each scenario and runtime; in a case failure, then system-out, as the
 * common schema has them. `time` is what playing took here, in seconds.
 */
export function junitReport({ version, startedAt, cases }: JunitRun): string {
  return junitDocument({
    name: 'fencelab run',
    tests: cases.length,
    failures: cases.filter((one) => one.kind === 'judged' && !isAsExpected(one.report)).length,
    errors: cases.filter(({ kind }) => kind === 'notPlayed').length,
    skipped: cases.filter(({ kind }) => kind === 'skipped').length,
    seconds: cases.reduce((sum, one) => sum + secondsOf(one), 0),
    startedAt,
    properties: [['fencelab.version', version]],
    cases: cases.map(caseElement),
  });
}

const secondsOf = (one: JunitCase): number => (one.kind === 'skipped' ? 0 : one.seconds);

function caseElement(one: JunitCase): Markup {
  const { scenario, runtime } = one.kind === 'judged' ? one.report : one;
  const attributes = markup`classname="fencelab.${runtime}" name="${scenario}" time="${secondsText(secondsOf(one))}"`;
  if (one.kind !== 'judged') {
    const { kind, why } = one;
    const ending =
      kind === 'skipped'
        ? markup`<skipped message="${why}"/>`
        : markup`<error message="${why}" type="notPlayed"/>`;
    return markup`    <testcase ${attributes}>
      ${ending}
    </testcase>
`;
  }
  const failure = isAsExpected(one.report) ? undefined : failureElement(one.report);
  return markup`    <testcase ${attributes}>
${failure}      <system-out>${outputLines(one.report).join('\n')}</system-out>
    </testcase>
`;
}

/** The message says what was expected, what came instead and by what; the text has all of it. */
function failureElement({ verdict, expected, failedChecks }: ScenarioReport): Markup {
  const met = verdict.verdict === expected;
  const [finding] = verdict.findings;
  const judged = met ? `${expected} as expected` : `observed ${verdict.verdict}, expected ${expected}`;
  const why = met || finding === undefined ? [] : [`${finding.kind}: ${finding.text}`];
  const checks = failedChecks.map((check) => `not as expected: ${check}`);
  const [firstCheck] = checks;
  const message = [judged, ...why.slice(0, 1), ...(firstCheck === undefined ? [] : [firstCheck])].join('; ');
  const all = [judged, ...verdict.findings.map(({ kind, text }) => `${kind}: ${text}`), ...checks];
  return markup`      <failure message="${message}" type="${met ? 'check' : 'verdict'}">${all.join('\n')}</failure>
`;
}

function outputLines({ verdict, expected, paper, failedChecks, commands }: ScenarioReport): string[] {
  const { issued, acknowledged, refused, failed, landedLate } = verdict.counts;
  const refusals = commands.filter(({ exitStatus }) => exitStatus !== 0);
  const inferred = commands.filter((command) => command.inferred).length;
  return [
    `${verdict.verdict}, expected ${expected}`,
    `place in the paper: ${paper}`,
    `writes: ${issued} issued, ${acknowledged} acknowledged, ${refused} refused, ${failed} failed, ${landedLate} landed late`,
    `sg_persist lines: ${commands.length}, ${inferred} inferred`,
    ...refusals.map(
      ({ at, node, commandLine, exitStatus }) =>
        `${(at / 1000).toFixed(3)}s ${node}: ${commandLine}: exit status ${exitStatus}`,
    ),
    ...failedChecks.map((check) => `not as expected: ${check}`),
    ...findingLines(verdict, PLAIN),
  ];
}
