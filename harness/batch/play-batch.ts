import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../runtime/package-root.js';
import type { Job, Jobs, OnResult, ScenarioText } from './job.js';
import type { BatchThreadData, FromThread, ToThread } from './messages.js';
import { JobPlayer } from './play-job.js';

/** Up to this many jobs are played here: threads would take longer to start. */
const JOBS_WITHOUT_THREADS_MAX = 16;
/** What a thread is given at a time. */
const JOBS_AT_ONCE = 8;

export interface BatchOptions {
  readonly onResult: OnResult;
  /** Aborted to end it early: no result comes any more, and every thread is ended. */
  readonly stop: AbortSignal;
}

/**
 * Plays jobs in memory on all cores, in no particular order; which core plays a job changes nothing in it. Settles when
 * all results were told or `stop` is aborted; rejects where a thread fails, or ends before its jobs are played.
 */
export async function playBatch(
  texts: readonly ScenarioText[],
  jobs: Jobs,
  options: BatchOptions,
): Promise<void> {
  let told = 0;
  const onResult: OnResult = (place, result) => {
    told += 1;
    options.onResult(place, result);
  };
  const queue = new JobQueue(jobs);
  if (jobs.length <= JOBS_WITHOUT_THREADS_MAX) await playHere(texts, queue, { ...options, onResult });
  else await playInThreads(texts, queue, { ...options, onResult });
  if (told !== jobs.length && !options.stop.aborted) {
    throw new Error(`${jobs.length - told} of ${jobs.length} runs were lost: a thread ended too early`);
  }
}

/** Jobs that nobody plays yet, with their places. */
class JobQueue {
  readonly #jobs: Jobs;
  #next = 0;

  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  get length(): number {
    return this.#jobs.length - this.#next;
  }

  /** The next jobs, up to `count`; none where all are taken. */
  take(count: number): (readonly [number, Job])[] {
    return Array.from({ length: Math.min(count, this.length) }, () => {
      const place = this.#next++;
      const job = this.#jobs.at(place);
      if (job === undefined) throw new RangeError(`there is no job ${place}`);
      return [place, job] as const;
    });
  }
}

async function playHere(
  texts: readonly ScenarioText[],
  queue: JobQueue,
  { onResult, stop }: BatchOptions,
): Promise<void> {
  const player = new JobPlayer(texts);
  for (const [place, job] of queue.take(queue.length)) {
    // A signal is delivered between two turns of the event loop.
    await setImmediate();
    if (stop.aborted) return;
    onResult(place, await player.play(job));
  }
}

async function playInThreads(
  texts: readonly ScenarioText[],
  queue: JobQueue,
  options: BatchOptions,
): Promise<void> {
  const count = Math.min(availableParallelism(), Math.ceil(queue.length / JOBS_AT_ONCE));
  const ended = new AbortController();
  const stop = AbortSignal.any([options.stop, ended.signal]);
  const threads = Array.from({ length: count }, () => playInThread(texts, queue, options.onResult, stop));
  try {
    await Promise.all(threads);
  } finally {
    // One that fails ends the others.
    ended.abort();
    await Promise.allSettled(threads);
  }
}

/** Settles when the thread has ended. */
async function playInThread(
  texts: readonly ScenarioText[],
  queue: JobQueue,
  onResult: OnResult,
  stop: AbortSignal,
): Promise<void> {
  const thread = new Worker(join(packageRoot(), 'dist', 'bin', 'batch-thread.js'), {
    workerData: { texts } satisfies BatchThreadData,
  });
  const end = (): void => void thread.terminate();
  stop.addEventListener('abort', end);
  try {
    await new Promise<void>((resolve, reject) => {
      thread.on('error', reject);
      thread.on('exit', () => {
        resolve();
      });
      thread.on('message', (message: FromThread) => {
        if (stop.aborted) return;
        if (message.type === 'result') onResult(message.place, message.result);
        else thread.postMessage(queue.take(JOBS_AT_ONCE) satisfies ToThread);
      });
      if (stop.aborted) end();
    });
  } finally {
    stop.removeEventListener('abort', end);
  }
}
