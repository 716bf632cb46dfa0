import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scenarioFolder } from '../../harness/index.js';
import { LogicalUnit, openDevice } from '../../initiator/index.js';
import { decodeReadKeys, PR_IN_SERVICE_ACTION } from '../../protocol/index.js';
import { freePort } from '../free-port.js';
import { Fencelab, fencelab } from './cli.js';

/** Two scenarios with two paths each, at most. */
const TIMEOUT_MS = 120_000;
const scenario = (id: string): string => join(scenarioFolder(), `${id}.yaml`);

let folder: string;
let target: Fencelab;
let urls: readonly string[];
let where: readonly string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-run-target-'));
  const second = `127.0.0.1:${await freePort()}`;
  target = new Fencelab([
    'target',
    ...['--lun', '1,size=1MiB,vendor=ACME,product=Box,revision=7', '--lun', '2,size=1MiB'],
    ...['--portal', '127.0.0.1:0', '--portal', second],
  ]);
  urls = (await target.ready()).split(' ');
  where = [...urls.flatMap((url) => ['--target', url]), '--target-portal', second];
});

afterEach(async () => {
  await target.stop('SIGTERM');
  await rm(folder, { recursive: true });
});

async function keysOf(url: string): Promise<readonly bigint[] | undefined> {
  const path = await openDevice(url, { readOnly: true, environment: {} });
  try {
    const { value } = await new LogicalUnit(path).persistentReserveIn(PR_IN_SERVICE_ACTION.readKeys);
    return value && decodeReadKeys(value)?.keys;
  } finally {
    await path.close();
  }
}

describe('fencelab run --target', () => {
  it(
    'plays on a target that runs already, cuts paths to it, and skips what only the built-in array can be told to',
    async () => {
      const json = join(folder, 'report.json');
      const files = ['path-lost', 'clear-hazard-a1119'].map(scenario);
      const { exitStatus, stdout, stderr } = await fencelab(
        ...['run', ...where, '--write', '--json', json, ...files],
      );
      expect([exitStatus, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`\nthe array is ACME Box 7, ${urls.join(', ')}\n`);
      expect(stdout).toMatch(
        /\nSKIPPED: a write must be held behind the reservation check: only the built-in/,
      );
      expect(stdout).toMatch(/\npath-lost \(processes\) +SAFE +SAFE /);
      expect(stdout).toMatch(/\nThe array was ACME Box 7, .*\nAll 1 as expected, 1 skipped\.\n$/);
      expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({
        allAsExpected: true,
        scenarios: [{ scenario: 'path-lost', array: { product: 'Box', urls, lacks: [] } }],
        skipped: [{ scenario: 'clear-hazard-a1119' }],
      });
      for (const url of urls) expect(await keysOf(url)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'that is interrupted leaves no registration, no process and no file behind',
    async () => {
      const environment = { TMPDIR: folder };
      const run = new Fencelab(['run', ...where, '--write', scenario('physical-to-vm')], environment);
      for await (const line of createInterface({ input: run.process.stdout })) {
        if (line.includes('is taken by')) break;
      }
      expect(await keysOf(urls[0] ?? '')).not.toEqual([]);
      run.process.stdout.resume();
      run.process.kill('SIGINT');
      const [exitStatus] = (await once(run.process, 'exit')) as [number | null];
      expect([exitStatus, (await run.ended).stderr]).toEqual([2, 'fencelab: interrupted by SIGINT\n']);
      for (const url of urls) expect(await keysOf(url)).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('does not overwrite without being told to, and where all is skipped the exit status is not 0', async () => {
    const file = scenario('path-lost');
    expect(await fencelab('run', ...where, file)).toMatchObject({
      exitStatus: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^fencelab: --target: the first 1040 blocks of .* expected --write to allow it\n$/,
      ) as string,
    });
    const [url = ''] = urls;
    const skipped = await fencelab('run', '--target', url, '--write', file);
    expect([skipped.exitStatus, skipped.stderr]).toEqual([2, '']);
    expect(skipped.stdout).toMatch(/\nNothing was played: 1 skipped\.\n$/);
  });
});
