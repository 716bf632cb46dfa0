import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../../harness/index.js';
import { whyNotOnExternal } from '../../../harness/scenario/external-demands.js';
import type { Scenario } from '../../../harness/scenario/scenario.js';
import { nameOf, scenarioFiles } from './fixtures.js';

const SEED = 1;
const scenarios = new Map<string, Scenario>();
for (const file of scenarioFiles) scenarios.set(nameOf(file), await loadScenario(file));

function why(name: string, has = { luns: 4, portals: 4 }): string | undefined {
  const scenario = scenarios.get(name);
  if (scenario === undefined) throw new Error(`there is no ${name}`);
  return whyNotOnExternal(scenario, SEED, has);
}

describe('what cannot be played on an array that is there', () => {
  it('is what the array would have to be told to do', () => {
    expect(why('clear-hazard-a1119')).toBe(
      'a write must be held behind the reservation check: only the built-in array can be told to',
    );
    expect(why('lun-that-cannot-be-reserved')).toMatch(
      /^LUN \w+ must refuse PERSISTENT RESERVE: only the built-in/,
    );
    expect(why('array-loses-power')).toBe(
      'the power must go and come back: only the built-in array can be told to',
    );
    expect(why('physical-to-vm.unsafe-array-ignores')).toBe(
      'reservations must be answered GOOD and ignored: only the built-in array can be told to',
    );
  });

  it('is what has more LUNs or portals than are named', () => {
    expect(why('standbys-on-one-host', { luns: 1, portals: 1 })).toBe(
      'it needs 3 LUNs, 1 given (--target, once for each)',
    );
    expect(why('path-lost', { luns: 2, portals: 1 })).toBe(
      'it needs 2 portals, 1 given (--target-portal for each after the first)',
    );
    expect(why('path-lost', { luns: 2, portals: 2 })).toBeUndefined();
  });

  it('is what is played in memory only', () => {
    const scenario = scenarios.get('path-lost');
    if (scenario === undefined) throw new Error('there is no path-lost');
    expect(whyNotOnExternal({ ...scenario, runtimes: ['memory'] }, SEED, { luns: 1, portals: 2 })).toBe(
      'it is played in memory only',
    );
  });

  it('is found inside other steps too', () => {
    const scenario = scenarios.get('clear-hazard-a1119');
    const hold = scenario?.stepsUnder(SEED).find(({ name }) => name === 'hold');
    if (scenario === undefined || hold === undefined) throw new Error('there is no hold');
    const place = { line: 1, text: '' };
    const nested: ReturnType<Scenario['stepsUnder']> = [
      { ...place, name: 'together', value: [hold, { ...place, name: 'wait', value: '1s' }] },
    ];
    const between: ReturnType<Scenario['stepsUnder']> = [
      { ...place, name: 'reform', value: { cluster: 'cluster1', between: { after: 'clear', do: nested } } },
    ];
    for (const steps of [nested, between]) {
      expect(
        whyNotOnExternal({ ...scenario, stepsUnder: () => steps }, SEED, { luns: 1, portals: 1 }),
      ).toMatch(/^a write must be held/);
    }
  });
});
