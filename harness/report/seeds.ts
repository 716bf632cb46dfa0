import type { JobResult } from '../batch/job.js';
import type { VerdictWord } from '../oracle/types.js';
import { visibleText } from '../source/shown.js';
import type { Style } from './style.js';

type DifferingResult = JobResult & { readonly seed: number };

/** What a scenario came to under many seeds. Only what is not as expected is kept, the rest is counted. */
export class SeedsReport {
  readonly scenario: string;
  readonly file: string;
  readonly expected: VerdictWord;
  readonly #counts = new Map<VerdictWord | null, number>();
  readonly #differing: DifferingResult[] = [];
  #runs = 0;

  constructor(scenario: string, file: string, expected: VerdictWord) {
    this.scenario = scenario;
    this.file = file;
    this.expected = expected;
  }

  /** Results may come in any order. */
  add(seed: number, result: JobResult): void {
    this.#runs += 1;
    this.#counts.set(result.verdict, this.countOf(result.verdict) + 1);
    if (!result.asExpected) this.#differing.push({ seed, ...result });
  }

  /** How many were played; fewer than asked for where the run was interrupted. */
  get runs(): number {
    return this.#runs;
  }

  /** `null`: those that could not be played to their end. */
  countOf(word: VerdictWord | null): number {
    return this.#counts.get(word) ?? 0;
  }

  /** What is not as expected, in the order of seeds. */
  get differing(): readonly DifferingResult[] {
    return this.#differing.sort((one, other) => one.seed - other.seed);
  }
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
    const { differing } = report;
    const numbers = [...WORDS, null].map((word) =>
      String(report.countOf(word)).padStart((word ?? 'not played').length),
    );
    const last = String(differing.length).padStart('not as expected'.length);
    const cells = [report.scenario.padEnd(width), report.expected.padEnd('expected'.length), ...numbers];
    lines.push([...cells, differing.length === 0 ? last : style.bad(last)].join('  '));
    for (const result of differing.slice(0, TOLD_MAX)) {
      lines.push(
        `  seed ${result.seed}: ${style.bad(result.verdict ?? 'not played')}: ${visibleText(result.why.join(', '))}`,
        `    ${repeat(report.file, result.seed)}`,
      );
    }
    if (differing.length > TOLD_MAX) lines.push(`  and ${differing.length - TOLD_MAX} more seeds`);
  }
  return [...lines, '', ...lastLines(reports, seconds, style)];
}

function lastLines(reports: readonly SeedsReport[], seconds: number, style: Style): string[] {
  const runs = reports.reduce((sum, report) => sum + report.runs, 0);
  const unexpected = reports.reduce((sum, { differing }) => sum + differing.length, 0);
  const rate = seconds === 0 ? '' : `, ${Math.round(runs / seconds)} a second`;
  return [
    style.faint(`${runs} runs in memory in ${seconds.toFixed(1)} s${rate}.`),
    unexpected === 0
      ? style.good(`All ${runs} as expected.`)
      : style.bad(`${unexpected} of ${runs} NOT as expected.`),
  ];
}

/** The same for programs. */
export function seedsJson(reports: readonly SeedsReport[]): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    allAsExpected: reports.every(({ differing }) => differing.length === 0),
    scenarios: reports.map((report) => ({
      scenario: report.scenario,
      expected: report.expected,
      seeds: report.runs,
      verdicts: Object.fromEntries(WORDS.map((word) => [word, report.countOf(word)])),
      notPlayed: report.countOf(null),
      notAsExpected: report.differing.map(({ seed, verdict, why }) => ({
        seed,
        verdict,
        why,
        repeat: repeat(report.file, seed),
      })),
    })),
  };
}

/** What to type to see one run; a file name that a shell would take apart is quoted. */
function repeat(file: string, seed: number): string {
  const word = /^[\w./@%+:,-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
  return `fencelab run --memory --seed ${seed} ${word}`;
}
