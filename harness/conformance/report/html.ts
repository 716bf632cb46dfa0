import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Markup, markup } from '../../report/markup.js';
import { packageRoot } from '../../runtime/package-root.js';
import { isConforming, type CaseResult, type SuiteResult } from '../outcome.js';
import { choicesOf, countsOf, diedText, notRunText, skippedByReason } from './counts.js';
import { detailLines, reasonOf } from './details.js';
import { failuresOf, hasFailed } from './failures.js';

/** A suite in one HTML file, which needs no other file, no network and no script. */
export function conformanceHtml(
  suite: SuiteResult,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): string {
  const { target, level, results, facts } = suite;
  const style = readFileSync(
    join(packageRoot(), 'harness', 'report', 'html', 'assets', 'report.css'),
    'utf8',
  );
  const { vendor, product, revision } = facts.inquiry;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>fencelab conform: ${target}</title>
<style>${new Markup(style)}</style></head><body>
<h1>fencelab conform</h1>
<p>${target}: ${vendor} ${product} ${revision}, held to ${level} by fencelab ${version}, ${startedAt.toISOString()}.</p>
${banner(suite)}
${failuresTable(results)}
${results.filter(hasFailed).map(failureSection)}
${choicesTable(results)}
${skippedTable(results)}
<details><summary>Every case (${results.length})</summary><table><thead><tr><th>case<th>outcome<th>what it tries<th>clause</tr></thead><tbody>
${results.map(caseRow)}</tbody></table></details>
</body></html>
`.text;
}

const WORDS: Readonly<Record<CaseResult['outcome']['kind'], string>> = {
  passed: '✓ passed',
  failed: '✗ FAILED',
  skipped: '– skipped',
  targetDied: '✗ TARGET DIED',
};

function banner(suite: SuiteResult): Markup {
  const { passed, failed, skipped, targetDied } = countsOf(suite.results);
  const counts = [
    `${passed} passed`,
    `${failed} failed`,
    `${skipped} skipped`,
    ...(targetDied === 0 ? [] : [diedText(targetDied)]),
    ...(suite.notRun === 0 ? [] : [notRunText(suite)]),
  ];
  const conforms = isConforming(suite);
  const word = conforms
    ? '✓ nothing failed'
    : failed + targetDied === 0
      ? '✗ not at its end'
      : '✗ not as the standard says';
  return markup`<p class="banner ${conforms ? 'met' : 'differs'}"><strong>${word}</strong>: ${counts.join(', ')}.</p>`;
}

/** Few deviations fail many cases: what was found, and where to read of it. */
function failuresTable(results: readonly CaseResult[]): Markup | undefined {
  const failures = failuresOf(results);
  if (failures.length === 0) return undefined;
  const linked = ({ case: { id } }: CaseResult): Markup => markup`<a href="#${id}">${id}</a>\n`;
  return markup`<h2>What was found</h2><table><thead><tr><th>cases<th>found<th>which</tr></thead><tbody>
${failures.map(
  ({ finding, results: same }) =>
    markup`<tr><td>${same.length}<td>${finding}<td>${same.length === 1 ? same.map(linked) : markup`<details><summary>which</summary>${same.map(linked)}</details>`}</tr>\n`,
)}</tbody></table>
`;
}

function failureSection(result: CaseResult): Markup {
  const { id, title, clause } = result.case;
  return markup`<section id="${id}"><h2>${WORDS[result.outcome.kind]}: ${id}</h2>
<p>${title}. <small>${clause}</small></p>
<p><strong>${reasonOf(result)}</strong></p>
<details><summary>What was sent, and what came</summary><pre>${detailLines(result).join('\n')}</pre></details></section>
`;
}

function choicesTable(results: readonly CaseResult[]): Markup | undefined {
  const choices = choicesOf(results);
  if (choices.length === 0) return undefined;
  return markup`<h2>Where the standard leaves a choice</h2><table><tbody>
${choices.map(({ question, answer }) => markup`<tr><td>${question}<td>${answer}</tr>\n`)}</tbody></table>
`;
}

function skippedTable(results: readonly CaseResult[]): Markup | undefined {
  const skipped = [...skippedByReason(results)];
  if (skipped.length === 0) return undefined;
  return markup`<h2>Skipped</h2><table><tbody>
${skipped.map(([reason, ids]) => markup`<tr><td>${ids.length}<td>${reason}<td><details><summary>which</summary>${ids.join('\n')}</details></tr>\n`)}</tbody></table>
`;
}

function caseRow(result: CaseResult): Markup {
  const { id, title, clause } = result.case;
  const { kind } = result.outcome;
  const name = hasFailed(result) ? markup`<a href="#${id}">${id}</a>` : id;
  return markup`<tr><td>${name}<td>${WORDS[kind]}<td>${title}<td>${clause}</tr>\n`;
}
