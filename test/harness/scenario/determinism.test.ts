import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadScenario, type Scenario } from '../../../harness/index.js';
import { fingerprint } from './fingerprint.js';
import { nameOf, scenarioFiles } from './fixtures.js';

const SEEDS = [1, 2, 4_294_967_295];
const TIMEOUT_MS = 120_000;

const files: string[] = [];
const scenarios: Scenario[] = [];
for (const file of scenarioFiles) {
  const scenario = await loadScenario(file);
  if (!scenario.runtimes.includes('memory')) continue;
  files.push(file);
  scenarios.push(scenario);
}

/** A line for each scenario and seed, one run after another. */
async function fingerprints(): Promise<string[]> {
  const lines: string[] = [];
  for (const scenario of scenarios) {
    for (const seed of SEEDS) lines.push(`${scenario.id} ${seed} ${await fingerprint(scenario, seed)}`);
  }
  return lines;
}

describe('the same seed in memory', () => {
  it(
    'is the same history and the same events to the byte, in this process and in another one',
    async () => {
      const script = fileURLToPath(new URL('print-fingerprints.ts', import.meta.url));
      const other = promisify(execFile)(process.execPath, [
        '--import',
        'tsx',
        script,
        SEEDS.join(),
        ...files,
      ]);
      const here = await fingerprints();
      expect((await other).stdout.trimEnd().split('\n')).toEqual(here);
      expect(here).toHaveLength(files.length * SEEDS.length);
    },
    TIMEOUT_MS,
  );

  it('is the same whatever else the event loop has to do', async () => {
    const scenario = await scenarioNamed('random-failover');
    const alone = await fingerprint(scenario, 3);
    const noise = setInterval(() => {
      setImmediate(() => {
        process.nextTick(() => undefined);
      });
    }, 0);
    try {
      const sideBySide = await Promise.all(Array.from({ length: 20 }, () => fingerprint(scenario, 3)));
      expect(new Set(sideBySide)).toEqual(new Set([alone]));
    } finally {
      clearInterval(noise);
    }
  });

  it('is another history than another seed, in what is drawn and in the order of commands', async () => {
    for (const name of ['random-failover', 'all-in-one-cluster']) {
      const scenario = await scenarioNamed(name);
      const all = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => fingerprint(scenario, seed)));
      expect([name, new Set(all).size]).toEqual([name, 6]);
    }
  });
});

async function scenarioNamed(name: string): Promise<Scenario> {
  const file = files.find((each) => nameOf(each) === name);
  if (file === undefined) throw new Error(`${name} is missing`);
  return loadScenario(file);
}
