import { dirname, relative } from 'node:path';
import { placeText, type ClusterConfiguration } from '../cluster/configuration/index.js';
import {
  countFindings,
  RULES,
  SECTIONS,
  type RuleFinding,
  type FindingStatus,
} from '../cluster/rules/index.js';
import type { Style } from '../report/style.js';
import { visibleText } from '../source/shown.js';

const WIDTH = 120;
const WORDS: Readonly<Record<FindingStatus, string>> = {
  pass: 'pass',
  warn: 'WARN',
  fail: 'FAIL',
  'not-known': 'unknown',
};
const STATUS_WIDTH = Math.max(...Object.values(WORDS).map((word) => word.length));

/**
 * Everything that was found, under the titles of the paper's sections; a rule that passes takes one line. Files are
 * named relative to the folder of CLUSTER.yaml.
 */
export function findingsTable(
  configuration: ClusterConfiguration,
  findings: readonly RuleFinding[],
  style: Style,
): string[] {
  const ruleWidth = Math.max(0, ...findings.map(({ rule }) => rule.id.length));
  const folder = dirname(configuration.file);
  const lines = [style.strong(visibleText(`${configuration.file}: ${configuration.title}`))];
  for (const section of SECTIONS) {
    const inSection = findings.filter(({ rule }) => rule.section === section);
    if (inSection.length === 0) continue;
    lines.push('', style.strong(section), ...rowsOf(inSection, { ruleWidth, folder, style }));
  }
  return [...lines, '', summary(findings, style)];
}

interface Layout {
  readonly ruleWidth: number;
  readonly folder: string;
  readonly style: Style;
}

function rowsOf(findings: readonly RuleFinding[], layout: Layout): string[] {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return rules.flatMap((rule) => {
    const own = findings.filter((finding) => finding.rule === rule);
    const passed = own.filter(({ status }) => status === 'pass');
    const others = own.filter(({ status }) => status !== 'pass');
    const [first] = passed;
    const also = passed.length > 1 ? `, and ${passed.length - 1} more` : '';
    return [
      ...(first === undefined ? [] : row({ ...first, found: `${first.found}${also}` }, layout)),
      ...others.flatMap((finding) => row(finding, layout)),
    ];
  });
}

/** Status, rule and what was found; where, beside it if it fits; what was expected, under it. */
function row(
  { status, rule, found, at, expected }: RuleFinding,
  { ruleWidth, folder, style }: Layout,
): string[] {
  const indent = 2 + STATUS_WIDTH + 2 + ruleWidth + 2;
  const colour = { pass: style.good, warn: style.doubtful, fail: style.bad, 'not-known': style.faint }[
    status
  ];
  const head = `  ${colour(WORDS[status].padEnd(STATUS_WIDTH))}  ${rule.id.padEnd(ruleWidth)}  `;
  const place = visibleText(placeText({ ...at, file: relative(folder, at.file) }));
  const text = wrapped(found, WIDTH - indent);
  const last = text.at(-1) ?? '';
  const gap = WIDTH - indent - last.length - place.length;
  const withPlace =
    gap >= 2
      ? [...text.slice(0, -1), `${last}${' '.repeat(gap)}${style.faint(place)}`]
      : [...text, `${' '.repeat(Math.max(0, WIDTH - indent - place.length))}${style.faint(place)}`];
  const wanted = expected === undefined ? [] : wrapped(`expected: ${expected}`, WIDTH - indent);
  const also =
    rule.also === undefined || status === 'pass' ? [] : wrapped(`also: ${rule.also}`, WIDTH - indent);
  const [first = '', ...rest] = [...withPlace, ...wanted, ...also.map(style.faint)];
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)];
}

/** Lines of whole words; a word that is longer than a line has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of visibleText(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function summary(findings: readonly RuleFinding[], style: Style): string {
  const { pass, warn, fail, 'not-known': unknown } = countFindings(findings);
  const idle = RULES.filter((rule) => !findings.some((finding) => finding.rule === rule)).length;
  const text =
    `${pass} passed, ${warn} to be warned of, ${fail} failed, ${unknown} not known; ` +
    `${idle} of ${RULES.length} rules do not apply.`;
  return fail > 0 ? style.bad(text) : warn > 0 ? style.doubtful(text) : style.good(text);
}
