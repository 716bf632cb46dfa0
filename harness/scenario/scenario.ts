import type { Sequences } from '../clients/sequence.js';
import type { Site } from '../cluster/model.js';
import type { RuntimeKind } from './events.js';
import type { Step } from './steps/index.js';

/** A scenario that was read and found sound. */
export interface Scenario {
  /** Its name: the file's, without folder and ending. */
  readonly id: string;
  readonly file: string;
  /** What it shows, in a sentence. */
  readonly title: string;
  /** The place in the paper. */
  readonly paper: string;
  readonly expect: 'SAFE' | 'UNSAFE';
  /** Where it can be played. */
  readonly runtimes: readonly RuntimeKind[];
  readonly site: Site;
  /** What the user's own sequences replace. */
  readonly sequences: Partial<Sequences>;
  /** What is played under a seed: it draws from `choose` and from ranges, the same steps in every runtime. */
  readonly stepsUnder: (seed: number) => readonly Step[];
}
