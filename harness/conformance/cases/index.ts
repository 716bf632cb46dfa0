import type { ConformanceCase } from '../case.js';
import { CONFLICT_CASES } from './conflicts/index.js';
import { PREEMPT_CASES } from './preempt.js';

/** Every case, in the order in which it is run. */
export const CASES: readonly ConformanceCase[] = [...PREEMPT_CASES, ...CONFLICT_CASES];
