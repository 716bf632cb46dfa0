import type { DeviceBehaviour } from '../../logical-unit/behaviour.js';

/** One deviation from the standard that a real array shipped. */
export interface Quirk {
  /** As `--quirk` takes it: words in lower case with hyphens, the array first. */
  readonly name: string;
  /** What the array does, and what the standard says instead, in one sentence. */
  readonly deviation: string;
  /** Where it was seen: source file and version, or the report. */
  readonly source: string;
  /** What is decided otherwise; `behaviour` is what decides without it. */
  readonly change: (behaviour: DeviceBehaviour) => Partial<DeviceBehaviour>;
}
