import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fencelab, fencelab } from './cli.js';

const SCENARIO = fileURLToPath(new URL('../../fixtures/scenarios/physical-to-vm.yaml', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-run-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Processes that were started with this temporary folder, by themselves or by a parent. */
async function processesOf(temporary: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(`TMPDIR=${temporary}`) ? [pid] : [];
    }),
  );
  return found.flat();
}

describe('fencelab run', () => {
  it('plays a scenario, prints the verdict table last, and writes the report', async () => {
    const json = join(folder, 'report.json');
    const { exitStatus, stdout, stderr } = await fencelab('run', '--memory', '--json', json, SCENARIO);
    expect([exitStatus, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\nphysical-to-vm \(memory\) +SAFE +SAFE .*\n(?:.*\n)*All 1 as expected\.\n$/);
    // Not a terminal: no colours.
    expect(stdout).not.toContain('\u001b');
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
      allAsExpected: true,
      scenarios: [{ scenario: 'physical-to-vm', observed: 'SAFE' }],
    });
  });

  it('ends with 1 where a verdict is not as expected', async () => {
    const file = join(folder, 'wrong.yaml');
    const text = await readFile(SCENARIO, 'utf8');
    await writeFile(file, text.replace('expect: SAFE', 'expect: UNSAFE'));
    const { exitStatus, stdout } = await fencelab('run', '--memory', file);
    expect(exitStatus).toBe(1);
    expect(stdout).toMatch(/1 of 1 NOT as expected\.\n$/);
  });

  it.each([
    [['run', '/nowhere/x.yaml'], 'fencelab: /nowhere/x.yaml: there is no such scenario file\n'],
    [
      ['run', '--memory', '--json', '/nowhere/x.json', SCENARIO],
      'fencelab: --json /nowhere/x.json: the folder /nowhere does not exist\n',
    ],
    [['run'], "fencelab: missing required argument 'SCENARIO'\n"],
    [
      ['run', '--memory', '--processes', SCENARIO],
      "fencelab: option '--memory' cannot be used with option '--processes'\n",
    ],
  ])('%j is one line and exit status 2', async (argv, stderr) => {
    expect(await fencelab(...argv)).toEqual({ exitStatus: 2, stdout: '', stderr });
  });
});

describe('a run that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s ends every process that it started, and leaves no file behind',
    async (signal) => {
      const run = new Fencelab(['run', '--processes', SCENARIO], { TMPDIR: folder });
      for await (const line of createInterface({ input: run.process.stdout })) {
        if (line.includes('is hung')) break;
      }
      expect((await processesOf(folder)).length).toBeGreaterThan(1);
      run.process.stdout.resume();
      run.process.kill(signal);
      const [exitStatus] = (await once(run.process, 'exit')) as [number | null];
      const { stderr } = await run.ended;
      expect([exitStatus, stderr]).toEqual([2, `fencelab: interrupted by ${signal}\n`]);
      expect(await processesOf(folder)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
