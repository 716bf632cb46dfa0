import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package-root.js';
import {
  isAsExpected,
  ReportCollector,
  type NotPlayedScenario,
  type ScenarioReport,
  type SkippedScenario,
} from '../collect.js';
import { findingLines } from '../findings.js';
import { Markup, markup } from '../markup.js';
import { PLAIN } from '../style.js';
import { eventRows } from './event-rows.js';
import { COMMAND_CODES, FATE_WORDS, layOut } from './layout.js';
import type { Fate, Recording } from './recording.js';
import { GLYPHS, pictureSvg } from './svg.js';

/** What a run ended with beside what was played. */
export interface RunEnd {
  readonly skipped?: readonly SkippedScenario[];
  /** What was asked for and had not begun when the run could not go on. */
  readonly notBegun?: readonly Pick<NotPlayedScenario, 'scenario' | 'runtime'>[];
  /** Why it could not go on. */
  readonly failure?: string | undefined;
}

/** Everything of a run in one HTML file: it needs no other file, no network and no script to be read. */
export function htmlReport(
  recordings: readonly Recording[],
  { skipped = [], notBegun = [], failure }: RunEnd = {},
): string {
  const asset = (name: string): string =>
    readFileSync(join(packageRoot(), 'harness', 'report', 'html', 'assets', name), 'utf8');
  const style = asset('report.css');
  const script = asset('report.js');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  const shown = recordings.map((recording, index) => ({
    recording,
    report: reportOf(recording),
    id: `s${index + 1}`,
  }));
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>fencelab run</title>
<style>${new Markup(style)}</style></head><body>
<h1>fencelab run</h1>
${failure && markup`<p class="banner differs">The run could not go on: ${failure}</p>`}
<table><thead><tr><th>scenario<th>expected<th>observed<th>acknowledged<th>refused<th>landed late<th>no writer for</tr></thead><tbody>
${shown.map(({ recording, report, id }) => indexRow(recording, report, id))}${notBegun.map(notBegunRow)}${skipped.map(skippedRow)}</tbody></table>
${legend()}
${shown.map(({ recording, report, id }) => section(recording, report, id))}
<script>${new Markup(script)}</script></body></html>
`.text;
}

/** None where it was not played to its end. */
function reportOf({ events }: Recording): ScenarioReport | undefined {
  const collector = new ReportCollector();
  for (const event of events) collector.add(event);
  return collector.reports[0];
}

const nameOf = ({ scenario, runtime }: Pick<Recording, 'scenario' | 'runtime'>): string =>
  `${scenario} (${runtime})`;

function indexRow(recording: Recording, report: ScenarioReport | undefined, id: string): Markup {
  const link = markup`<a href="#${id}">${nameOf(recording)}</a>`;
  if (report === undefined) return markup`<tr><td>${link}<td colspan="6">not played to its end</tr>\n`;
  const { verdict, counts, timeWithoutWriterMs, whyWithoutWriter } = report.verdict;
  const time = timeWithoutWriterMs === null ? '-' : `${(timeWithoutWriterMs / 1000).toFixed(1)} s`;
  const met = isAsExpected(report) ? '✓' : '✗ not as expected';
  return markup`<tr><td>${link}<td>${report.expected}<td>${verdict} ${met}<td>${counts.acknowledged}<td>${counts.refused}<td>${counts.landedLate}<td title="${whyWithoutWriter ?? ''}">${time}</tr>
`;
}

const notBegunRow = (one: Pick<NotPlayedScenario, 'scenario' | 'runtime'>): Markup =>
  markup`<tr><td>${nameOf(one)}<td colspan="6">not begun</tr>\n`;

const skippedRow = (skipped: SkippedScenario): Markup =>
  markup`<tr><td>${nameOf(skipped)}<td>${skipped.expected}<td>SKIPPED<td colspan="4">${skipped.why}</tr>\n`;

function section(recording: Recording, report: ScenarioReport | undefined, id: string): Markup {
  const { events } = recording;
  const [started] = events.flatMap((event) => (event.type === 'scenarioStarted' ? event : []));
  const checks = events.flatMap((event) => (event.type === 'check' ? event : []));
  return markup`<section id="${id}"><h2>${nameOf(recording)}</h2>
<p>${started?.scenario}. <small>${started?.paper}</small></p>
${banner(report)}
<p class="tools" hidden><button type="button" data-zoom="out">−</button> <button type="button" data-zoom="in">+</button> <button type="button" data-zoom="one">100 %</button> <button type="button" data-zoom="fit">fit</button> <small>Ctrl and wheel or + − 0 zoom, drag or arrow keys move; rest on a mark for its details.</small></p>
${pictureSvg(layOut(recording), `${id}-picture`)}
<p><small>Times are the scenario's own. Each thing has its room, silence of a second or more is cut short (⋯). Registrations and reservation are drawn from the array's own events; nothing is judged by them.</small></p>
${report && findings(report)}
<details><summary>Checks (${checks.length})</summary><ul>${checks.map(({ text, passed }) => markup`<li>${passed ? '✓' : '✗ NOT as expected:'} ${text}`)}</ul></details>
<details><summary>sg_persist lines (${events.filter(({ type }) => type === 'command').length})</summary>${commandTable(recording)}</details>
<details><summary>Every event (${events.length})</summary><table><thead><tr><th>time<th>who<th>what</tr></thead><tbody>
${eventRows(events).map(({ at, who, what }) => markup`<tr><td class="number">${(at / 1000).toFixed(3)} s<td>${who}<td>${what}</tr>\n`)}</tbody></table></details>
</section>
`;
}

function banner(report: ScenarioReport | undefined): Markup {
  if (report === undefined)
    return markup`<p class="banner differs">Not played to its end: there is no verdict.</p>`;
  const { expected, failedChecks, verdict } = report;
  const how = isAsExpected(report) ? 'as expected' : `NOT as expected: ${expected} was expected`;
  const failed = failedChecks.length === 0 ? '' : `; checks that failed: ${failedChecks.join('; ')}`;
  return markup`<p class="banner ${isAsExpected(report) ? 'met' : 'differs'}"><strong>${verdict.verdict}</strong>, ${how}${failed}</p>`;
}

function findings({ verdict }: ScenarioReport): Markup | undefined {
  if (verdict.findings.length === 0) return undefined;
  const lines = findingLines(verdict, PLAIN).join('\n');
  return markup`<details open><summary>Findings (${verdict.findings.length})</summary><pre>${lines}</pre></details>`;
}

function commandTable({ events }: Recording): Markup {
  const commands = events.flatMap((event) => (event.type === 'command' ? event : []));
  return markup`<table><thead><tr><th>time<th>node<th>line<th>exit<th>source</tr></thead><tbody>
${commands.map(({ at, node, commandLine, exitStatus, inferred, source }) => markup`<tr><td class="number">${(at / 1000).toFixed(3)} s<td>${node}<td><code>${commandLine}</code><td>${exitStatus}<td>${inferred ? 'inferred: ' : ''}${source}</tr>\n`)}</tbody></table>`;
}

function legend(): Markup {
  const fates = Object.entries(FATE_WORDS) as [Fate, string][];
  const item = (glyph: keyof typeof GLYPHS, words: string): Markup =>
    markup`<span><svg width="22" height="20" viewBox="-11 -10 22 20" aria-hidden="true"><g class="mark ${glyph}">${GLYPHS[glyph]}</g></svg> ${words}</span> `;
  const codes = COMMAND_CODES.map(([, code, words]) => `${code} ${words}`).join(', ');
  return markup`<p class="legend"><b>A write:</b> ${fates.map(([fate, words]) => item(fate, words))}</p>
<p class="legend"><b>An sg_persist line:</b> ${item('command', 'GOOD')}${item('commandFailed', 'any other exit status')} ${codes}. <b>A flag</b> is a fence point; <b>R</b> in a circle: recovery read the blocks; <b>P</b>: a path was lost; <b>M</b>: it moves.</p>
`;
}
