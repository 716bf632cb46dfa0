import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../../harness/index.js';
import { whyNotByCommandLines, whyNotOnExternal } from '../../../harness/scenario/external-demands.js';
import type { Scenario } from '../../../harness/scenario/scenario.js';
import type { Step } from '../../../harness/scenario/steps/index.js';
import { nameOf, scenarioFiles } from './fixtures.js';

const SEED = 1;
const scenarios = new Map<string, Scenario>();
for (const file of scenarioFiles) scenarios.set(nameOf(file), await loadScenario(file));

const PLACE = { line: 1, text: '' };

/** The steps themselves, and inside of what has steps in it. */
const nestings = (steps: readonly Step[]): readonly (readonly Step[])[] => [
  steps,
  [{ ...PLACE, name: 'reform', value: { cluster: 'cluster1', between: { after: 'clear', do: steps } } }],
  [{ ...PLACE, name: 'vmotion', value: { node: 'guest1', to: 'esx2', during: steps } }],
];

function scenarioOf(name: string): Scenario {
  const scenario = scenarios.get(name);
  if (scenario === undefined) throw new Error(`there is no ${name}`);
  return scenario;
}

function why(name: string, has = { luns: 4, portals: 4 }): string | undefined {
  return whyNotOnExternal(scenarioOf(name), SEED, has);
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
      'the array must deviate (gotgt-never-enforces): only the built-in array can be told to',
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
    expect(
      whyNotOnExternal({ ...scenarioOf('path-lost'), runtimes: ['memory'] }, SEED, { luns: 1, portals: 2 }),
    ).toBe('it is played in memory only');
  });

  it('is found inside other steps too', () => {
    const scenario = scenarioOf('clear-hazard-a1119');
    const hold = scenario.stepsUnder(SEED).find(({ name }) => name === 'hold');
    if (hold === undefined) throw new Error('there is no hold');
    const together: Step = {
      ...PLACE,
      name: 'together',
      value: [hold, { ...PLACE, name: 'wait', value: '1s' }],
    };
    for (const steps of nestings([together])) {
      expect(
        whyNotOnExternal({ ...scenario, stepsUnder: () => steps }, SEED, { luns: 1, portals: 1 }),
      ).toMatch(/^a write must be held/);
    }
  });
});

describe('what cannot be played where command lines reach the array', () => {
  const enough = () => 4;
  const whyNot = (name: string, lunsOf: (machine: string, portalIndex: number) => number = enough) =>
    whyNotByCommandLines(scenarioOf(name), SEED, lunsOf);

  it('is what the array would have to be told to do', () => {
    expect(whyNot('array-loses-power')).toBe(
      'the power must go and come back: only the built-in array can be told to',
    );
  });

  it('is what loses a path, wherever it stands', () => {
    const why = 'a path of node1 must be lost, and a command line cannot be cut';
    for (const name of ['losePath', 'restorePath'] as const) {
      const lose: Step = { ...PLACE, name, value: { node: 'node1', path: 1 } };
      for (const steps of nestings([lose])) {
        const scenario = { ...scenarioOf('physical-to-vm'), stepsUnder: () => steps };
        expect(whyNotByCommandLines(scenario, SEED, enough)).toBe(why);
      }
    }
    expect(whyNot('storage-lost-lock')).toMatch(
      /^a path of \w+ must be lost, and a command line cannot be cut$/,
    );
  });

  it('is a nexus that goes over to another machine', () => {
    expect(whyNot('profile-move')).toBe(
      'the initiator port of node1 must move to blade2, and a command line stays where it is',
    );
  });

  it('is a session that begins anew', () => {
    expect(whyNot('relogin-another-isid')).toBe(
      'the sessions of node1 must begin anew, and a command line has none of ours',
    );
  });

  it('is what has a machine without a way to each LUN by each path', () => {
    expect(whyNot('physical-to-vm')).toBeUndefined();
    const ways = new Map([
      ['node1', [2, 2]],
      ['esx1', [2, 1]],
    ]);
    const given = (machine: string, portalIndex: number) => ways.get(machine)?.[portalIndex] ?? 0;
    expect(whyNot('physical-to-vm', given)).toBe(
      'it needs 2 LUNs by esx1@2, 1 given (--via esx1@2=exec:COMMAND LINE, once for each)',
    );
    ways.delete('esx1');
    expect(whyNot('physical-to-vm', given)).toBe(
      'it needs 2 LUNs by esx1, 0 given (--via esx1=exec:COMMAND LINE, once for each)',
    );
  });

  it('is asked of every initiator port: guests have that of their host, unless they have one of their own', () => {
    const asked = (name: string): readonly string[] => {
      const machines = new Set<string>();
      whyNot(name, (machine) => {
        machines.add(machine);
        return 4;
      });
      return [...machines].toSorted();
    };
    expect(asked('vm-to-vm-one-box-pending')).toEqual(['esx1']);
    expect(asked('vmotion-npiv')).toEqual(expect.arrayContaining(['guest1', 'esx1', 'esx2']));
    expect(asked('logical-server-v2p')).toEqual(expect.arrayContaining(['esx1']));
  });
});
