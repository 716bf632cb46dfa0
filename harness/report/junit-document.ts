import { Markup, markup } from './markup.js';

/** One suite as JUnit files have it, with what every reader asks for. */
export interface JunitSuite {
  readonly name: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  /** What all of it took. */
  readonly seconds: number;
  readonly startedAt: Date;
  /** Names and values. */
  readonly properties: readonly (readonly [string, string])[];
  /** `testcase` elements, each ending with a newline. */
  readonly cases: readonly Markup[];
}

export const secondsText = (seconds: number): string => seconds.toFixed(3);

/** The XML that continuous integration reads, with the elements in the order of the common schema. */
export function junitDocument(suite: JunitSuite): string {
  const { tests, failures, errors } = suite;
  const counts = markup`tests="${tests}" failures="${failures}" errors="${errors}" time="${secondsText(suite.seconds)}"`;
  // Without a time zone, as the schema has it: UTC.
  const timestamp = suite.startedAt.toISOString().slice(0, 19);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="fencelab" ${counts}>
  <testsuite name="${suite.name}" ${counts} skipped="${suite.skipped}" timestamp="${timestamp}">
    <properties>
${suite.properties.map(([name, value]) => markup`      <property name="${name}" value="${value}"/>\n`)}    </properties>
${suite.cases}  </testsuite>
</testsuites>
`.text;
}
