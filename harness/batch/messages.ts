import type { Job, JobResult, ScenarioText } from './job.js';

/** What a thread of a batch is started with. */
export interface BatchThreadData {
  readonly texts: readonly ScenarioText[];
}

/** Jobs for a thread, with their places in the list of jobs; none: it ends. */
export type ToThread = readonly (readonly [place: number, job: Job])[];

/** A thread tells each result, and that it wants more; it begins with wanting. */
export type FromThread =
  | { readonly type: 'result'; readonly place: number; readonly result: JobResult }
  | { readonly type: 'wanting' };
