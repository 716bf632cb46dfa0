import type { ConformanceCase } from '../case.js';
import { PREEMPT_CASES } from './preempt.js';

/** Every case, in the order in which it is run. */
export const CASES: readonly ConformanceCase[] = [...PREEMPT_CASES];
