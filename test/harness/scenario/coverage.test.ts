import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenario, RULES, type Scenario } from '../../../harness/index.js';
import { nameOf, scenarioFiles, twins } from './fixtures.js';

const SCENARIOS_MD = fileURLToPath(new URL('../../../docs/scenarios.md', import.meta.url));
const [, section = ''] = readFileSync(SCENARIOS_MD, 'utf8').split(
  '\n## Every statement, and where it is shown\n',
);

/** The rows of the table: what is said, its place, what shows it, expected, observed. */
const rows = (section.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| what is said'))
  .map((line) => {
    const [said = '', place = '', shownBy = '', expected = '', observed = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return {
      said,
      place,
      shownBy: shownBy.match(/`[^`]+`/g)?.map((name) => name.slice(1, -1)) ?? [],
      expected,
      observed,
    };
  });

const scenarios = new Map<string, Scenario>();
for (const file of scenarioFiles.filter((each) => !each.includes('.unsafe-'))) {
  scenarios.set(nameOf(file), await loadScenario(file));
}
const rules = new Set(RULES.map(({ id }) => id));

/** What the files expect, which the tests of scenarios and of rules observe. */
function verdictOf(name: string): string {
  const scenario = scenarios.get(name);
  if (scenario === undefined) return 'rule';
  const hasTwin = twins.some(({ safe }) => safe === scenario.file);
  return hasTwin ? `${scenario.expect}, twin UNSAFE` : scenario.expect;
}

/** What a scenario is played on, without its names. */
function topologyOf({ site }: Scenario): string {
  const guests = site.hosts.map(({ name }) => site.nodes.filter(({ host }) => host === name).length);
  return JSON.stringify([
    site.array.portals,
    site.array.luns.length,
    site.nodes.filter(({ host }) => host === null).length,
    guests.toSorted(),
    site.clusters.map(({ membership }) => membership.lockLun !== null).toSorted(),
    site.packages.map(({ type, luns, nodes }) => [type, luns.length, nodes.length]).toSorted(),
    [...new Set(site.nodes.map(({ access }) => access))].toSorted(),
  ]);
}

describe('the table of statements in docs/scenarios.md', () => {
  it('names only scenarios and rules that are there, each row at least one', () => {
    expect(rows.length).toBeGreaterThan(30);
    const unknown = rows.flatMap(({ shownBy }) =>
      shownBy.filter((name) => !scenarios.has(name) && !rules.has(name)),
    );
    expect(unknown).toEqual([]);
    expect(
      rows.filter(({ said, place, shownBy }) => [said, place].includes('') || shownBy.length === 0),
    ).toEqual([]);
  });

  it('leaves no scenario and no rule out', () => {
    const named = new Set(rows.flatMap(({ shownBy }) => shownBy));
    expect([...scenarios.keys(), ...rules].filter((name) => !named.has(name))).toEqual([]);
  });

  it.each(rows.map((row) => [row.said, row] as const))('expects what the files do: %s', (_, row) => {
    const verdicts = [...new Set(row.shownBy.map(verdictOf))].join('; ');
    expect([row.expected, row.observed]).toEqual([verdicts, verdicts]);
  });
});

describe('the scenarios', () => {
  it('are at least 40, twins included, on at least 20 distinct topologies', () => {
    expect(scenarioFiles.length).toBeGreaterThanOrEqual(40);
    expect(new Set([...scenarios.values()].map(topologyOf)).size).toBeGreaterThanOrEqual(20);
  });
});
