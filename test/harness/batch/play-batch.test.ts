import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { jobsUnderSeeds } from '../../../harness/batch/job.js';
import { playBatch } from '../../../harness/batch/play-batch.js';

vi.mock('node:worker_threads', () => ({
  /** A thread that plays one job of those that it is given, and ends. */
  Worker: class extends EventEmitter {
    constructor() {
      super();
      setImmediate(() => this.emit('message', { type: 'wanting' }));
    }

    postMessage([first]: readonly (readonly [number, unknown])[]): void {
      if (first !== undefined) this.emit('message', { type: 'result', place: first[0], result: {} });
      this.emit('exit', 0);
    }

    terminate(): Promise<number> {
      return Promise.resolve(0);
    }
  },
}));

describe('a batch', () => {
  it('rejects where threads end before all runs were told', async () => {
    const told: number[] = [];
    await expect(
      playBatch([], jobsUnderSeeds(1, 1_000_000), {
        stop: new AbortController().signal,
        onResult: (place) => told.push(place),
      }),
    ).rejects.toThrow(/^999\d{3} of 1000000 runs were lost: a thread ended too early$/);
    expect(told.length).toBeGreaterThan(0);
  });
});

describe('jobs under seeds', () => {
  it('are as many as asked for, none of them made before its turn', () => {
    const jobs = jobsUnderSeeds(3, 0xffff_ffff);
    expect(jobs.length).toBe(3 * 0xffff_ffff);
    expect([jobs.at(0), jobs.at(0xffff_ffff - 1), jobs.at(0xffff_ffff)]).toEqual([
      { scenario: 0, seed: 1 },
      { scenario: 0, seed: 0xffff_ffff },
      { scenario: 1, seed: 1 },
    ]);
  });
});
