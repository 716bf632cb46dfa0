import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playBatch } from '../../harness/batch/play-batch.js';
import { runCli } from '../../harness/cli/program.js';
import { scenarioFolder } from '../../harness/index.js';
import { readScenarioText } from '../../harness/scenario/load.js';
import { fencelab } from './cli.js';

const FILES = ['random-failover', 'random-failover.unsafe-array-ignores'].map((name) =>
  join(scenarioFolder(), `${name}.yaml`),
);
const NOBODY = new AbortController().signal;

describe('many seeds, in threads', () => {
  it('come to the same as one by one in this thread', async () => {
    const texts = await Promise.all(
      FILES.map(async (file) => ({ file, text: await readScenarioText(file) })),
    );
    const jobs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((seed) => [
      { scenario: 0, seed },
      { scenario: 1, seed },
    ]);
    const resultsOf = async (count: number): Promise<string[]> => {
      const results: string[] = [];
      for (let from = 0; from < jobs.length; from += count) {
        await playBatch(texts, jobs.slice(from, from + count), {
          stop: NOBODY,
          onResult: (place, result) => (results[from + place] = JSON.stringify(result)),
        });
      }
      return results;
    };
    const threaded = await resultsOf(20);
    expect(threaded).toEqual(await resultsOf(10));
    expect(threaded).toHaveLength(20);
    expect(new Set(threaded.map((text) => text.slice(0, 20))).size).toBe(2);
  });

  it('are played by the built program', async () => {
    const { exitStatus, stdout } = await fencelab('run', '--seeds', '20', ...FILES);
    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^random-failover +SAFE +20 +0 +0 +0 +0$/m);
    expect(stdout).toMatch(/^random-failover.unsafe-array-ignores +UNSAFE +0 +20 +0 +0 +0$/m);
    expect(stdout).toMatch(/All 40 as expected\.\n$/);
  });

  it('draw a bar on a terminal; SIGINT ends every thread, and what was played is told', async () => {
    const stop = new AbortController();
    const stdout = new PassThrough({ encoding: 'utf8' });
    let drawn = '';
    const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
    stderr.on('data', (text: string) => {
      drawn += text;
      stop.abort('SIGINT');
    });
    const exitStatus = await runCli(['run', '--seeds', '100000', FILES[0] ?? ''], {
      stdout,
      stderr,
      stdin: new PassThrough(),
      environment: { TERM: 'xterm' },
      stop: () => stop.signal,
    });
    expect(exitStatus).toBe(2);
    const erase = '\r\u001b[K';
    expect(drawn.split(erase)[1]).toMatch(/^\[\.{30}\] \d+ of 100000 runs, about \d+ s to go/);
    expect(drawn.split(erase).at(-1)).toBe('fencelab: interrupted by SIGINT\n');
    const [, , row] = (stdout.read() as string).split('\n');
    expect(row).toMatch(/^random-failover +SAFE +\d+ +0 +0 +0 +0$/);
  });
});
