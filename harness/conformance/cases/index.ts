import type { ConformanceCase } from '../case.js';
import { CONFLICT_CASES } from './conflicts/index.js';
import { PREEMPT_CASES } from './preempt.js';
import { SERVICE_ACTION_CASES } from './service-actions/index.js';

/** Every case, in the order in which it is run. */
export const CASES: readonly ConformanceCase[] = [
  ...SERVICE_ACTION_CASES,
  ...PREEMPT_CASES,
  ...CONFLICT_CASES,
];
