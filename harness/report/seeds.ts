import type { JobResult } from '../batch/job.js';
import type { VerdictWord } from '../oracle/types.js';
import type { Style } from './style.js';

/** A scenario that was played under many seeds. */
export interface SeedsReport {
  readonly scenario: string;
  readonly file: string;
  readonly expected: VerdictWord;
  /** In the order of seeds; fewer than asked for where the run was interrupted. */
  readonly results: readonly (JobResult & { readonly seed: number })[];
}

/** Goes up when a reader of the report would have to change. */
const SCHEMA_VERSION = 1;
const WORDS = ['SAFE', 'UNSAFE', 'INCONCLUSIVE'] as const;
/** Seeds beyond this many are only counted: the first ones show what happens. */
const TOLD_MAX = 10;

/** A row for each scenario, then each seed that is not as expected with the command that repeats it. */
export function seedsTable(reports: readonly SeedsReport[], seconds: number, style: Style): string[] {
  const width = Math.max('scenario'.length, ...reports.map(({ scenario }) => scenario.length));
  const heading = ['scenario'.padEnd(width), 'expected', ...WORDS, 'not played', 'not as expected'];
  const lines = [style.strong(heading.join('  ')), '─'.repeat(heading.join('  ').length)];
  for (const report of reports) {
    const differing = report.results.filter(({ asExpected }) => !asExpected);
    const numbers = [...WORDS, null].map((word) =>
      String(countOf(report, word)).padStart((word ?? 'not played').length),
    );
    const last = String(differing.length).padStart('not as expected'.length);
    const cells = [report.scenario.padEnd(width), report.expected.padEnd('expected'.length), ...numbers];
    lines.push([...cells, differing.length === 0 ? last : style.bad(last)].join('  '));
    for (const result of differing.slice(0, TOLD_MAX)) {
      lines.push(
        `  seed ${result.seed}: ${style.bad(result.verdict ?? 'not played')}: ${result.why.join(', ')}`,
        `    ${repeat(report.file, result.seed)}`,
      );
    }
    if (differing.length > TOLD_MAX) lines.push(`  and ${differing.length - TOLD_MAX} more seeds`);
  }
  return [...lines, '', ...lastLines(reports, seconds, style)];
}

function lastLines(reports: readonly SeedsReport[], seconds: number, style: Style): string[] {
  const results = reports.flatMap((report) => report.results);
  const unexpected = results.filter(({ asExpected }) => !asExpected).length;
  const rate = seconds === 0 ? '' : `, ${Math.round(results.length / seconds)} a second`;
  return [
    style.faint(`${results.length} runs in memory in ${seconds.toFixed(1)} s${rate}.`),
    unexpected === 0
      ? style.good(`All ${results.length} as expected.`)
      : style.bad(`${unexpected} of ${results.length} NOT as expected.`),
  ];
}

/** The same for programs. */
export function seedsJson(reports: readonly SeedsReport[]): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    allAsExpected: reports.every(({ results }) => results.every(({ asExpected }) => asExpected)),
    scenarios: reports.map((report) => ({
      scenario: report.scenario,
      expected: report.expected,
      seeds: report.results.length,
      verdicts: Object.fromEntries(WORDS.map((word) => [word, countOf(report, word)])),
      notPlayed: countOf(report, null),
      notAsExpected: report.results
        .filter(({ asExpected }) => !asExpected)
        .map(({ seed, verdict, why }) => ({ seed, verdict, why, repeat: repeat(report.file, seed) })),
    })),
  };
}

const countOf = ({ results }: SeedsReport, word: VerdictWord | null): number =>
  results.filter(({ verdict }) => verdict === word).length;

/** What to type to see one run; a file name that a shell would take apart is quoted. */
function repeat(file: string, seed: number): string {
  const word = /^[\w./@%+:,-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  return `fencelab run --memory --seed ${seed} ${word}`;
}
