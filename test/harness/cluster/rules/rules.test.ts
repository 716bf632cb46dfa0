import { describe, expect, it } from 'vitest';
import { checkConfiguration, RULES, SECTIONS, type RuleFinding } from '../../../../harness/index.js';
import { configurationOf, goodCluster } from './base.js';
import { ROWS, type Row } from './rows.js';

const findingsOf = (rule: string, change: Row[1], files?: Record<string, string>): RuleFinding[] => {
  const value = goodCluster();
  change(value);
  const findings = checkConfiguration(configurationOf(value, files));
  return findings.filter((finding) => finding.rule.id === rule);
};

const worstOf = (findings: readonly RuleFinding[]): string =>
  (['fail', 'warn', 'not-known', 'pass'] as const).find((status) =>
    findings.some((finding) => finding.status === status),
  ) ?? 'does not apply';

describe('the rules', () => {
  const TITLED = ROWS.map((row) => ({ title: `${row[0]}: ${row[2]}, ${row[3]}`, row }));

  it.each(TITLED)('$title', ({ row: [rule, change, status, found, files] }) => {
    const findings = findingsOf(rule, change, files);
    expect(worstOf(findings)).toBe(status);
    expect(findings.filter((finding) => finding.status === status).map((finding) => finding.found)).toContain(
      found,
    );
  });

  it('have an id of their own, of a subject and what is asked', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { id } of RULES) expect(id).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/);
  });

  it('stand in the order of the sections, and each section has one', () => {
    const places = RULES.map(({ section }) => SECTIONS.indexOf(section));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(new Set(places).size).toBe(SECTIONS.length);
  });

  it('have a row here that passes and one that fails or warns, each', () => {
    const withStatus = (...statuses: string[]): Set<string> =>
      new Set(ROWS.filter(([, , status]) => statuses.includes(status)).map(([rule]) => rule));
    const ids = RULES.map(({ id }) => id).toSorted();
    expect([...withStatus('pass')].toSorted()).toEqual(ids);
    expect([...withStatus('fail', 'warn')].toSorted()).toEqual(ids);
  });

  it('say what they expect wherever they do not pass, and where it is', () => {
    for (const [rule, change, status, , files] of ROWS) {
      for (const finding of findingsOf(rule, change, files)) {
        expect(finding.at.line).toBeGreaterThan(0);
        if (finding.status !== 'pass') expect(finding.expected, `${rule} ${status}`).toBeTruthy();
      }
    }
  });
});
