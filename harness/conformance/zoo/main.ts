import { CASES } from '../cases/index.js';
import { CAUGHT_BY } from './caught-by.js';
import { zooMatrix, type MatrixRow } from './matrix.js';

/** As many ids as a row shows. */
const IDS_SHOWN = 3;

/**
 * `npm run zoo`: the suite against every quirk and mutant, in memory. Exit status 1 if a deviation is not caught, a case
 * never fails, a target without deviations fails, or the case on record for a quirk does not catch it.
 */
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function lineOf({ name, kind, caughtBy }: MatrixRow): string {
  const more = caughtBy.length > IDS_SHOWN ? ' ...' : '';
  const ids = caughtBy.length === 0 ? 'NOT CAUGHT' : `${caughtBy.slice(0, IDS_SHOWN).join(' ')}${more}`;
  return `${kind.padEnd(6)} ${name.padEnd(56)} ${String(caughtBy.length).padStart(5)}  ${ids}`;
}

if (process.argv.length > 2) {
  process.stderr.write(`zoo: '${process.argv.slice(2).join(' ')}': expected no arguments\n`);
  process.exit(2);
}
const { clean, rows, neverFailed } = await zooMatrix(CASES, (row) => {
  say(lineOf(row));
});
const problems = [
  ...clean.map((id) => `${id} fails on a target that keeps to the standard`),
  ...rows.filter(({ caughtBy }) => caughtBy.length === 0).map(({ name }) => `${name} is not caught`),
  ...rows
    .filter(({ name, kind, caughtBy }) => kind === 'quirk' && !caughtBy.includes(CAUGHT_BY[name] ?? ''))
    .map(({ name }) => `${name} is not caught by the case on record, ${CAUGHT_BY[name] ?? 'which is none'}`),
  ...neverFailed.map((id) => `${id} never fails`),
];
say(`${CASES.length} cases, ${rows.length} deviations, ${problems.length} problems`);
for (const problem of problems) say(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
