import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadScenario, runScenario, type Scenario } from '../../harness/index.js';
import { nameOf, scenarioFiles } from '../harness/scenario/fixtures.js';
import { comparable, mechanismOf, MECHANISMS } from '../harness/scenario/mechanisms.js';

/** Some ninety programs are started one after another. */
export const TIMEOUT_MS = 240_000;

/** A place for temporary files that nobody else uses while the tests of this file run. */
export function ownTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fencelab-system-'));
  beforeAll(() => vi.stubEnv('TMPDIR', folder));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Every scenario of the fixtures. */
export function allScenarios(): Promise<Scenario[]> {
  return Promise.all(scenarioFiles.map((file) => loadScenario(file)));
}

/** A share of the scenarios, each as a test over sockets: files of tests run side by side, the tests of one do not. */
export async function describeShare(share: number, shares: number): Promise<void> {
  const folder = ownTemporaryFolder();
  const scenarios = (await allScenarios())
    .filter(({ runtimes }) => runtimes.includes('processes'))
    .filter((_, index) => index % shares === share);
  describe(`scenarios over sockets, with a process for every node (${share + 1} of ${shares})`, () => {
    it.each(scenarios.map((scenario) => [nameOf(scenario.file), scenario] as const))(
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
  });
}
