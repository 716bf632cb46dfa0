import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fencelab } from './run-program.js';
import { scenarioFolder } from '../../../harness/index.js';

const folder = mkdtempSync(join(tmpdir(), 'fencelab-seeds-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SAFE = join(scenarioFolder(), 'random-failover.yaml');

/** The hypervisor keeps a write until guest1 has failed, or it does not; in one box that alone decides. */
const BOX = `scenario: what is pending in one box, or nothing
paper: a test
expect: SAFE
array: { luns: [{ name: data }] }
hosts: [{ name: esx1 }]
clusters: [{ name: c1, release: A.11.19 }]
nodes:
  - { name: guest1, cluster: c1, host: esx1 }
  - { name: guest2, cluster: c1, host: esx1 }
packages: [{ name: pkg1, cluster: c1, luns: [data], nodes: [guest1, guest2] }]
steps:
  - cmrunpkg: { package: pkg1, node: guest1 }
  - choose:
      - - hold: { where: host, node: guest1, lun: data }
        - writes: { package: pkg1, node: guest1, count: 1, wait: false }
        - awaitHeld: { where: host, node: guest1 }
        - crash: { node: guest1 }
      - - crash: { node: guest1 }
  - reform: { cluster: c1 }
  - choose:
      - - wait: 1s
      - - hold: { where: host, node: guest2, lun: data }
        - writes: { package: pkg1, count: 1 }
`;

describe('fencelab run --seeds', () => {
  it('ends with 0 and counts verdicts where every seed is as expected', async () => {
    const { exitStatus, stdout, stderr } = await fencelab('run', '--seeds', '3', SAFE);
    expect([exitStatus, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      'scenario         expected  SAFE  UNSAFE  INCONCLUSIVE  not played  not as expected',
    );
    expect(lines[2]).toBe(
      'random-failover  SAFE         3       0             0           0                0',
    );
    expect(stdout).toMatch(/\n3 runs in memory in \d+\.\d s, \d+ a second\.\nAll 3 as expected\.\n$/);
  });

  it('tells every other seed, by what it came to and how to repeat it, and ends with 1', async () => {
    const file = join(folder, 'a box.yaml');
    writeFileSync(file, BOX);
    const json = join(folder, 'seeds.json');
    const { exitStatus, stdout } = await fencelab('run', '--seeds', '12', '--json', json, file);
    expect(exitStatus).toBe(1);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      allAsExpected: boolean;
      scenarios: readonly {
        seeds: number;
        verdicts: Record<string, number>;
        notPlayed: number;
        notAsExpected: readonly { seed: number; verdict: string | null; why: string[]; repeat: string }[];
      }[];
    };
    const [scenario] = report.scenarios;
    if (scenario === undefined) throw new Error('the scenario is missing');
    const { verdicts, notPlayed, notAsExpected } = scenario;
    expect([report.allAsExpected, scenario.seeds]).toEqual([false, 12]);
    expect(verdicts['SAFE']).toBeGreaterThan(0);
    expect(verdicts['UNSAFE']).toBeGreaterThan(0);
    expect(notPlayed).toBeGreaterThan(0);
    expect(notAsExpected).toHaveLength(12 - (verdicts['SAFE'] ?? 0));

    const unsafe = notAsExpected.find(({ verdict }) => verdict === 'UNSAFE');
    const stuck = notAsExpected.find(({ verdict }) => verdict === null);
    if (unsafe === undefined || stuck === undefined) throw new Error('one kind is missing');
    expect(unsafe.why).toContain('landedLate by guest1');
    expect(unsafe.repeat).toBe(`fencelab run --memory --seed ${unsafe.seed} '${file}'`);
    expect(stdout).toContain(
      `  seed ${unsafe.seed}: UNSAFE: ${unsafe.why.join(', ')}\n    ${unsafe.repeat}\n`,
    );
    expect(stdout).toContain(
      `  seed ${stuck.seed}: not played: ${file}:23: writes package=pkg1 count=1: it waits`,
    );
    expect(stdout).toMatch(/\d+ of 12 NOT as expected\.\n$/);

    // What it says repeats the run.
    const again = await fencelab('run', '--memory', '--seed', String(unsafe.seed), file);
    expect(again.exitStatus).toBe(1);
    expect(again.stdout).toMatch(/a box \(memory\) +SAFE +UNSAFE /);
  });

  it.each([
    [['--seeds', '0', SAFE], '--seeds 0: expected a whole number from 1 to 1000000'],
    [['--seeds', '4294967295', SAFE], '--seeds 4294967295: expected a whole number from 1 to 1000000'],
    [['--seed', '-1', SAFE], '--seed -1: expected a whole number from 0 to 4294967295'],
    [['--seed', '4294967296', SAFE], '--seed 4294967296: expected a whole number from 0 to 4294967295'],
    [
      ['--seeds', '2', join(scenarioFolder(), 'legacy-package.yaml')],
      `${join(scenarioFolder(), 'legacy-package.yaml')}: it cannot be played in memory, expected one that can for --seeds`,
    ],
    [['--seeds', '2', '--json', '/nowhere/x', SAFE], '--json /nowhere/x: the folder /nowhere does not exist'],
    [['--seeds', '2', '--processes', SAFE], "option '--seeds <N>' cannot be used with option '--processes'"],
  ])('%j is told in one line', async (argv, problem) => {
    expect(await fencelab('run', ...argv)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${problem}\n`,
    });
  });
});
