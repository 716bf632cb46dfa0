import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Markup, markup } from '../../report/markup.js';
import { packageRoot } from '../../runtime/package-root.js';
import type { CaseResult, SuiteResult } from '../outcome.js';
import { choicesOf, countsOf, diedText, skippedByReason } from './counts.js';
import { detailLines, reasonOf } from './details.js';

/** A suite in one HTML file, which needs no other file, no network and no script. */
export function conformanceHtml(
  { target, level, results, facts }: SuiteResult,
  { version, startedAt }: { readonly version: string; readonly startedAt: Date },
): string {
  const style = readFileSync(
    join(packageRoot(), 'harness', 'report', 'html', 'assets', 'report.css'),
    'utf8',
  );
  const { passed, failed, skipped, targetDied } = countsOf(results);
  const conforms = failed === 0 && targetDied === 0;
  const bad = results.filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'targetDied');
  const { vendor, product, revision } = facts.inquiry;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>fencelab conform: ${target}</title>
<style>${new Markup(style)}</style></head><body>
<h1>fencelab conform</h1>
<p>${target}: ${vendor} ${product} ${revision}, held to ${level} by fencelab ${version}, ${startedAt.toISOString()}.</p>
<p class="banner ${conforms ? 'met' : 'differs'}"><strong>${conforms ? '✓ nothing failed' : `✗ ${failed + targetDied} failed`}</strong>: ${passed} passed, ${failed} failed, ${skipped} skipped${targetDied === 0 ? '' : `, ${diedText(targetDied)}`}.</p>
${bad.map(failureSection)}
${choicesTable(results)}
${skippedTable(results)}
<details><summary>Every case (${results.length})</summary><table><thead><tr><th>case<th>outcome<th>must be<th>clause</tr></thead><tbody>
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
  const name = kind === 'failed' || kind === 'targetDied' ? markup`<a href="#${id}">${id}</a>` : id;
  return markup`<tr><td>${name}<td>${WORDS[kind]}<td>${title}<td>${clause}</tr>\n`;
}
