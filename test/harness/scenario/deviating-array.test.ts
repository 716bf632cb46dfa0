import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario, runScenario, scenarioFolder } from '../../../harness/index.js';

const AS_THE_STANDARD_SAYS = '  ignoreReservations: false\n';

/** A scenario of the fixtures whose array has other lines in the place of `ignoreReservations`. */
function withArray(name: string, lines: string) {
  const file = join(scenarioFolder(), `${name}.yaml`);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(AS_THE_STANDARD_SAYS);
  return parseScenario(text.replace(AS_THE_STANDARD_SAYS, lines), file);
}

const verdictOf = async (name: string, lines: string): Promise<string> =>
  (await runScenario(withArray(name, lines), { runtime: 'memory' })).verdict.verdict;

describe('the array of a scenario', () => {
  it('that ignores reservations is one that has the quirk', () => {
    const quirks = (lines: string) => withArray('physical-to-vm', lines).site.array.quirks;
    expect(quirks(AS_THE_STANDARD_SAYS)).toEqual([]);
    expect(quirks('  ignoreReservations: true\n')).toEqual(['gotgt-never-enforces']);
  });

  it('has the quirks of a profile', async () => {
    expect(await verdictOf('preempt-and-abort-a1119', '  profile: ctl\n')).toBe('UNSAFE');
    expect(await verdictOf('preempt-and-abort-a1119', '  profile: scst\n')).toBe('SAFE');
  });

  it('has quirks beside those of its profile', async () => {
    const lines = '  profile: scst\n  quirks: [lio-aptpl-lost-at-power-loss]\n';
    expect(await verdictOf('array-loses-power', lines)).toBe('UNSAFE');
    expect(await verdictOf('array-loses-power', '  profile: scst\n')).toBe('SAFE');
  });
});
