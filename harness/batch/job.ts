import type { VerdictWord } from '../oracle/types.js';

/** A scenario by its text, which any thread can read. */
export interface ScenarioText {
  /** For messages; where it came from. */
  readonly file: string;
  readonly text: string;
}

/** One run in memory. */
export interface Job {
  /** Place in the list of scenarios. */
  readonly scenario: number;
  readonly seed: number;
}

/** Jobs by their places; each is made when its turn comes, so there may be more than fit into memory. */
export interface Jobs {
  readonly length: number;
  at(place: number): Job | undefined;
}

/** Each of `scenarios` scenarios under the seeds 1 to `seeds`, scenario by scenario. */
export const jobsUnderSeeds = (scenarios: number, seeds: number): Jobs => ({
  length: scenarios * seeds,
  at: (place) => ({ scenario: Math.floor(place / seeds), seed: (place % seeds) + 1 }),
});

export interface JobResult {
  /** Null where the run could not be played to its end. */
  readonly verdict: VerdictWord | null;
  /** Every step's expectation was met. */
  readonly checksPassed: boolean;
  /** So it was, and the verdict is the scenario's. */
  readonly asExpected: boolean;
  /** What decided: the kinds of findings with their writers, expectations that were not met, or what went wrong. */
  readonly why: readonly string[];
}

/** Told of each result as it comes; `job` is the place in the list of jobs. */
export type OnResult = (job: number, result: JobResult) => void;
