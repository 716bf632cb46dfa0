import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScenario, runScenario, scenarioFolder } from '../../../harness/index.js';
import { nameOf, scenarioFiles, twins } from './fixtures.js';
import { comparable, mechanismOf, MECHANISMS } from './mechanisms.js';

const inMemory: string[] = [];
for (const file of scenarioFiles) {
  if ((await loadScenario(file)).runtimes.includes('memory')) inMemory.push(file);
}

describe('scenarios in memory', () => {
  it.each(inMemory.map((file) => [nameOf(file), file]))(
    "%s has its expected verdict, by its own mechanism, whether or not the array's own events are watched",
    async (name, file) => {
      const scenario = await loadScenario(file);
      const silent = await runScenario(scenario, { runtime: 'memory' });
      expect(silent.checks.filter(({ passed }) => !passed)).toEqual([]);
      expect(silent.verdict.verdict).toBe(scenario.expect);
      expect(comparable(name, mechanismOf(silent))).toEqual(comparable(name, MECHANISMS[name]));
      let events = 0;
      const watched = await runScenario(scenario, {
        runtime: 'memory',
        onTarget: (target) => target.onEvent(() => (events += 1)),
      });
      expect(events).toBeGreaterThan(0);
      expect(watched.history).toEqual(silent.history);
      expect(watched.verdict).toEqual(silent.verdict);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('keep their verdicts under seed %i', async (seed) => {
    for (const file of inMemory.filter((each) => readFileSync(each, 'utf8').includes('together:'))) {
      const scenario = await loadScenario(file);
      const result = await runScenario(scenario, { runtime: 'memory', seed });
      expect([nameOf(file), result.verdict.verdict]).toEqual([nameOf(file), scenario.expect]);
    }
  });

  it('write the same history for the same seed, and with the event stream on or off', async () => {
    const scenario = await loadScenario(
      scenarioFiles.find((file) => nameOf(file) === 'all-in-one-cluster') ?? '',
    );
    const silent = await runScenario(scenario, { runtime: 'memory', seed: 7 });
    let events = 0;
    const watched = await runScenario(scenario, {
      runtime: 'memory',
      seed: 7,
      onEvent: () => (events += 1),
    });
    expect(events).toBeGreaterThan(100);
    expect(watched.history).toEqual(silent.history);
    expect(watched.verdict).toEqual(silent.verdict);
  });

  it('show the landed write with its writer, incarnation and acknowledgement', async () => {
    const scenario = await loadScenario(
      scenarioFiles.find((file) => nameOf(file) === 'vm-to-vm-one-box-pending') ?? '',
    );
    const { verdict } = await runScenario(scenario, { runtime: 'memory' });
    const landed = verdict.findings.find(({ kind }) => kind === 'landedLate');
    expect(landed?.write).toMatchObject({ node: 'guest1', incarnation: 1, kind: 'slot' });
    expect(landed?.outcome).toBe('acknowledged');
    expect(landed?.before).not.toEqual(landed?.after);
  });
});

describe('twins', () => {
  it('exist for every SAFE scenario', async () => {
    const withTwin = new Set(twins.map(({ safe }) => safe));
    for (const file of scenarioFiles) {
      const { expect: expected } = await loadScenario(file);
      if (expected === 'SAFE') expect(withTwin, nameOf(file)).toContain(file);
    }
  });

  it.each(twins.map(({ safe, unsafe }) => [nameOf(unsafe), safe, unsafe]))(
    '%s differs in one line beside what is expected',
    (_, safe, unsafe) => {
      const ours = readFileSync(safe, 'utf8').split('\n');
      const theirs = readFileSync(unsafe, 'utf8').split('\n');
      expect(theirs).toHaveLength(ours.length);
      const different = ours.filter((line, index) => line !== theirs[index]);
      expect(different).toHaveLength(2);
      expect(different[0]).toBe('expect: SAFE');
    },
  );
});

describe('the control scripts of the legacy package', () => {
  it('differ in the line of SGLX_VM alone', () => {
    const [on, off] = ['pkg1', 'pkg1-vm-off'].map((name) =>
      readFileSync(join(scenarioFolder(), '..', 'legacy', `${name}.cntl`), 'utf8').split('\n'),
    );
    expect(off).toEqual(on?.map((line) => (line === 'SGLX_VM="on"' ? 'SGLX_VM="off"' : line)));
    expect(off).not.toEqual(on);
  });
});
