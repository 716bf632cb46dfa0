import type { DeviceBehaviour } from '../../logical-unit/behaviour.js';

/** What a device server decides otherwise than the standard says. */
export interface Deviation {
  /** `behaviour` is what decides without it; what is left out stays. */
  readonly change: (behaviour: DeviceBehaviour) => Partial<DeviceBehaviour>;
}

/** One deviation from the standard that a real array shipped. */
export interface Quirk extends Deviation {
  /** As `--quirk` takes it: words in lower case with hyphens, the array first. */
  readonly name: string;
  /** What the array does, and what the standard says instead, in one sentence. */
  readonly deviation: string;
  /** The standard can be read so too: a suite tells which way the array went, and fails nothing. */
  readonly open?: true;
  /** Where it was seen: source file and version, or the report. */
  readonly source: string;
}
