import type { Bench } from './bench.js';
import type { Need } from './needs.js';

/** Which edition of the standard a target is held to. */
export type Level = 'spc3' | 'spc4' | 'spc5';

export const LEVELS: readonly Level[] = ['spc3', 'spc4', 'spc5'];

/** One requirement of the standard, and how it is tried. */
export interface ConformanceCase {
  /** Stable: `preempt.unknown-key`; words in lower case with hyphens, groups divided by dots. */
  readonly id: string;
  /** What must happen, as a sentence without a full stop. */
  readonly title: string;
  /** Where it is required: `SPC-4 5.13.11.2.4`. */
  readonly clause: string;
  /** What the target must claim, or the suite be able to do; else the case is skipped with the reason. */
  readonly needs?: readonly Need[];
  /** It sends commands that change data or mode parameters: run with `--write` only. */
  readonly writes?: true;
  /** Known to kill a target, and which: run after all others. */
  readonly fragile?: string;
  /** Levels at which it means something; all unless given. */
  readonly levels?: readonly Level[];
  /** Throws CaseFailure where the target differs. The bench is clean before, and is cleaned after. */
  readonly run: (bench: Bench) => Promise<void>;
}
