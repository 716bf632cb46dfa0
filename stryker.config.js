/**
 * `npm run mutation`: StrykerJS changes the reservations and the table of commands in one place at a time, and a test must
 * fail. docs/conformance.md has the score and explains each mutant that lives on.
 *
 * Nothing is left out: mutants of tables, which act while modules are loaded, count (`ignoreStatic` is off), texts and
 * names too, and so do mutants that the compiler would refuse.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['target/reservations/*.ts', 'target/commands/table.ts', 'target/commands/rows/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // An endless loop is found by counting, so only a busy machine comes near this: slowness must not pass for a test.
  timeoutMS: 60_000,
  thresholds: { high: 100, low: 98, break: 98 },
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { reportTests: false },
  // All under coverage/, which git, eslint and prettier leave alone.
  tempDirName: 'coverage/mutation/sandbox',
  htmlReporter: { fileName: 'coverage/mutation/index.html' },
  jsonReporter: { fileName: 'coverage/mutation/report.json' },
  incrementalFile: 'coverage/mutation/incremental.json',
};
