import { isAsExpected, type ScenarioReport } from './collect.js';
import type { Style } from './style.js';

const HEADINGS = [
  'scenario',
  'expected',
  'observed',
  'acknowledged',
  'refused',
  'landed late',
  'no writer for',
] as const;

/** The last word of a run: one row for each scenario. */
export function verdictTable(reports: readonly ScenarioReport[], style: Style): string[] {
  const rows = reports.map((report) => {
    const { verdict, counts, timeWithoutWriterMs } = report.verdict;
    return [
      `${report.scenario} (${report.runtime})`,
      report.expected,
      verdict,
      String(counts.acknowledged),
      String(counts.refused),
      String(counts.landedLate),
      timeWithoutWriterMs === null ? '-' : `${(timeWithoutWriterMs / 1000).toFixed(1)} s`,
    ];
  });
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const format = (cells: readonly string[]): string[] =>
    // Words to the left, numbers to the right.
    cells.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  const lines = [
    style.strong(format(HEADINGS).join('  ').trimEnd()),
    widths.map((width) => '─'.repeat(width)).join('  '),
  ];
  for (const [index, row] of rows.entries()) {
    const report = reports[index];
    if (report === undefined) continue;
    const met = report.verdict.verdict === report.expected;
    const cells = format(row).map((cell, column) =>
      column === 2 ? (met ? style.good : style.bad)(cell) : cell,
    );
    lines.push(cells.join('  ').trimEnd());
    for (const check of report.failedChecks) lines.push(style.bad(`  not as expected: ${check}`));
  }
  return [...lines, '', ...footnotes(reports, style)];
}

function footnotes(reports: readonly ScenarioReport[], style: Style): string[] {
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
  notes.push(
    unexpected === 0
      ? style.good(`All ${reports.length} as expected.`)
      : style.bad(`${unexpected} of ${reports.length} NOT as expected.`),
  );
  return notes;
}
