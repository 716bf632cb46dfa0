import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadScenario, runScenario, type Scenario } from '../../harness/index.js';
import { nameOf, scenarioFiles } from '../harness/scenario/fixtures.js';
import { comparable, mechanismOf, MECHANISMS } from '../harness/scenario/mechanisms.js';

/** Some ninety programs are started one after another. */
const TIMEOUT_MS = 240_000;

const scenarios: Scenario[] = [];
for (const file of scenarioFiles) scenarios.push(await loadScenario(file));

/** A place for temporary files that nobody else uses meanwhile. */
const folder = mkdtempSync(join(tmpdir(), 'fencelab-system-'));
beforeAll(() => vi.stubEnv('TMPDIR', folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('scenarios over sockets, with a process for every node', () => {
  it.each(
    scenarios
      .filter(({ runtimes }) => runtimes.includes('processes'))
      .map((scenario) => [nameOf(scenario.file), scenario] as const),
  )(
    '%s has its expected verdict by its own mechanism, and leaves nothing behind',
    async (name, scenario) => {
      const pids: number[] = [];
      const result = await runScenario(scenario, {
        runtime: 'processes',
        onStarted: (pid) => pids.push(pid),
      });
      expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
      expect(result.verdict.verdict).toBe(scenario.expect);
      expect(comparable(name, mechanismOf(result))).toEqual(comparable(name, MECHANISMS[name]));
      expect(pids.length).toBeGreaterThan(3);
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(readdirSync(folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'keep their verdict with the event streams of the run and of the array on',
    async () => {
      const scenario = scenarios.find(({ id }) => id === 'vm-to-vm-one-box-pending');
      if (scenario === undefined) throw new Error('the scenario is missing');
      let events = 0;
      let arrayEvents = 0;
      const result = await runScenario(scenario, {
        runtime: 'processes',
        onEvent: () => (events += 1),
        onTarget: (target) => target.onEvent(() => (arrayEvents += 1)),
      });
      expect(events).toBeGreaterThan(20);
      expect(arrayEvents).toBeGreaterThan(0);
      expect(result.verdict.verdict).toBe('UNSAFE');
      expect(mechanismOf(result)).toEqual(MECHANISMS[scenario.id]);
    },
    TIMEOUT_MS,
  );

  it(
    'end everything that they started when they are stopped',
    async () => {
      const scenario = scenarios.find(({ id }) => id === 'vm-to-vm-two-hosts');
      if (scenario === undefined) throw new Error('the scenario is missing');
      const pids: number[] = [];
      const stop = new AbortController();
      const run = runScenario(scenario, {
        runtime: 'processes',
        stop: stop.signal,
        onStarted: (pid) => pids.push(pid),
        onEvent: ({ type }) => {
          if (type === 'fenced') stop.abort('SIGINT');
        },
      });
      await expect(run).rejects.toThrow();
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
      expect(readdirSync(folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
