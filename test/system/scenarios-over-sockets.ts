import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  loadScenario,
  runScenario,
  type RunScenarioOptions,
  type Scenario,
  type ScenarioResult,
} from '../../harness/index.js';
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

/**
 * Its control script names devices: on two paths the second LUN is another one, which it would not reserve, so that the
 * package would rightly be UNSAFE.
 */
const NAMES_DEVICES_OF_ONE_PATH: ReadonlySet<string> = new Set(['legacy-package']);

/** The scenario on an array with two portals at least: each node has a path through each. */
function onTwoPaths(scenario: Scenario): Scenario {
  const { site } = scenario;
  if (NAMES_DEVICES_OF_ONE_PATH.has(nameOf(scenario.file))) return scenario;
  const portals = Math.max(2, site.array.portals);
  return { ...scenario, site: { ...site, array: { ...site.array, portals } } };
}

/** A node registers on each path, so that keys which a file counts for one path are there twice. */
const isOfKeys = (text: string): boolean => / has keys \[/.test(text);

/** What must be true of every scenario; on two paths all but the number of keys. */
async function play(scenario: Scenario, options: Partial<RunScenarioOptions>): Promise<ScenarioResult> {
  const name = nameOf(scenario.file);
  const pids: number[] = [];
  const result = await runScenario(scenario, {
    ...options,
    runtime: 'processes',
    onStarted: (pid) => pids.push(pid),
  });
  expect(result.verdict.verdict).toBe(scenario.expect);
  expect(comparable(name, mechanismOf(result))).toEqual(comparable(name, MECHANISMS[name]));
  expect(pids.length).toBeGreaterThan(3);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  return result;
}

/** CHAP both ways and digests in every login, two paths, and the last of them not optimized (ALUA): still SAFE. */
async function playHardened(scenario: Scenario): Promise<void> {
  const logins = new Set<string>();
  const states = new Set<string>();
  const result = await play(onTwoPaths(scenario), {
    login: { chap: true, digests: true },
    onTarget: (target) => {
      target.setAccessState(target.portals.length, 'activeNonOptimized');
      target.onEvent(({ type }) => {
        if (type !== 'login') return;
        for (const { state } of target.accessStates(target.luns[0] ?? 0)) states.add(state);
        for (const { kind, authMethod, headerDigest, dataDigest } of target.sessions()) {
          if (kind === 'normal') logins.add([authMethod, headerDigest, dataDigest].join(' '));
        }
      });
    },
  });
  expect(result.checks.filter(({ passed, text }) => !passed && !isOfKeys(text))).toEqual([]);
  expect([...logins]).toEqual(['CHAP CRC32C CRC32C']);
  expect(states).toContain('activeNonOptimized');
}

/** Every fourth UNSAFE one is enough for a run that people wait for: in memory all are played, and `npm run soak` plays all here. */
const EVERY = process.env['FENCELAB_EVERY_SCENARIO'] === '1';

/**
 * A share of the scenarios, each as a test over sockets: files of tests run side by side, the tests of one do not. What is
 * SAFE must be so on an array that demands more; in memory every scenario is played as it is written.
 */
export async function describeShare(share: number, shares: number): Promise<void> {
  const folder = ownTemporaryFolder();
  const scenarios = (await allScenarios())
    .filter(({ runtimes }) => runtimes.includes('processes'))
    .filter((_, index) => index % shares === share);
  const as = (expected: Scenario['expect']): (readonly [string, Scenario])[] =>
    scenarios
      .filter((scenario) => scenario.expect === expected)
      .map((scenario) => [nameOf(scenario.file), scenario] as const);
  describe(`scenarios over sockets, with a process for every node (${share + 1} of ${shares})`, () => {
    it.each(as('SAFE'))(
      '%s is SAFE with CHAP, digests, two paths and ALUA, and leaves nothing behind',
      async (_, scenario) => {
        await playHardened(scenario);
        expect(readdirSync(folder)).toEqual([]);
      },
      TIMEOUT_MS,
    );

    it.each(as('UNSAFE').filter((_, index) => EVERY || index % 4 === 0))(
      '%s is UNSAFE by its own mechanism, and leaves nothing behind',
      async (_, scenario) => {
        const { checks } = await play(scenario, {});
        expect(checks.filter(({ passed }) => !passed)).toEqual([]);
        expect(readdirSync(folder)).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
}
