import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../harness/index.js';
import { mechanismOf, MECHANISMS } from '../harness/scenario/mechanisms.js';
import { allScenarios, ownTemporaryFolder, TIMEOUT_MS } from './scenarios-over-sockets.js';

const scenarios = await allScenarios();
const folder = ownTemporaryFolder();

describe('runs over sockets', () => {
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
