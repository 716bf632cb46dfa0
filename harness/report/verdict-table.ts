import { arrayName } from '../runtime/external/array-description.js';
import { isAsExpected, type RunReports, type ScenarioReport, type SkippedScenario } from './collect.js';
import type { Style } from './style.js';
import { visible } from './visible.js';

const HEADINGS = [
  'scenario',
  'expected',
  'observed',
  'acknowledged',
  'refused',
  'landed late',
  'no writer for',
] as const;

interface Row {
  readonly cells: readonly string[];
  readonly paintObserved: (text: string) => string;
  /** Below the row, indented. */
  readonly notes: readonly string[];
}

/** The last word of a run: one row for each scenario, skipped ones last. */
export function verdictTable(run: RunReports, style: Style): string[] {
  const reports = visible(run.reports);
  const skipped = visible(run.skipped);
  const rows = [
    ...reports.map((report) => playedRow(report, style)),
    ...skipped.map((scenario) => skippedRow(scenario, style)),
  ];
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const format = (cells: readonly string[]): string[] =>
    // Words to the left, numbers to the right.
    cells.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  const lines = rows.flatMap(({ cells, paintObserved, notes }) => {
    const painted = format(cells).map((cell, column) => (column === 2 ? paintObserved(cell) : cell));
    return [painted.join('  ').trimEnd(), ...notes.map((note) => `  ${note}`)];
  });
  return [
    style.strong(format(HEADINGS).join('  ').trimEnd()),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...lines,
    '',
    ...footnotes({ reports, skipped }, style),
  ];
}

function playedRow(report: ScenarioReport, style: Style): Row {
  const { verdict, counts, timeWithoutWriterMs } = report.verdict;
  return {
    cells: [
      `${report.scenario} (${report.runtime})`,
      report.expected,
      verdict,
      String(counts.acknowledged),
      String(counts.refused),
      String(counts.landedLate),
      timeWithoutWriterMs === null ? '-' : `${(timeWithoutWriterMs / 1000).toFixed(1)} s`,
    ],
    paintObserved: verdict === report.expected ? style.good : style.bad,
    notes: report.failedChecks.map((check) => style.bad(`not as expected: ${check}`)),
  };
}

function skippedRow({ scenario, runtime, expected, why }: SkippedScenario, style: Style): Row {
  return {
    cells: [`${scenario} (${runtime})`, expected, 'SKIPPED', '-', '-', '-', '-'],
    paintObserved: style.doubtful,
    notes: [style.doubtful(why)],
  };
}

function footnotes({ reports, skipped }: RunReports, style: Style): string[] {
  const commands = reports.flatMap((report) => report.commands);
  const inferred = commands.filter((command) => command.inferred).length;
  const unexpected = reports.filter((report) => !isAsExpected(report)).length;
  const notes: string[] = [];
  if (reports.some(({ verdict }) => verdict.timeWithoutWriterMs !== null)) {
    notes.push(
      style.faint("Times are the scenario's own: what its waits stand for, not how long they took here."),
    );
  }
  if (inferred > 0) {
    notes.push(
      style.faint(
        `${inferred} of ${commands.length} sg_persist lines are inferred: the documents give their order and effect, not ` +
          'their text.',
      ),
    );
  }
  notes.push(...arrayNotes(reports, style), lastWord(reports.length, unexpected, skipped.length, style));
  return notes;
}

/** All reports of a run are of one array. */
function arrayNotes(reports: readonly ScenarioReport[], style: Style): string[] {
  const array = reports[0]?.array;
  if (array === undefined) return [];
  return [
    style.faint(`The array was ${arrayName(array)}, ${array.urls.join(', ')}.`),
    ...array.lacks.map((lack) => style.doubtful(`${lack}.`)),
  ];
}

function lastWord(played: number, unexpected: number, skipped: number, style: Style): string {
  if (played === 0) return style.doubtful(`Nothing was played: ${skipped} skipped.`);
  const others = skipped === 0 ? '' : `, ${skipped} skipped`;
  return unexpected === 0
    ? style.good(`All ${played} as expected${others}.`)
    : style.bad(`${unexpected} of ${played} NOT as expected${others}.`);
}
