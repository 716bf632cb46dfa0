import type { ConformanceCase } from '../case.js';
import { ABORT_CASES } from './aborts.js';
import { ATTENTION_CASES } from './attentions.js';
import { CONFLICT_CASES } from './conflicts/index.js';
import { LIFETIME_CASES } from './lifetime.js';
import { LOST_INFORMATION_CASES } from './lost-information.js';
import { SERVICE_ACTION_CASES } from './service-actions/index.js';
import { SHARED_KEY_CASES } from './shared-keys.js';
import { TARGET_PORT_CASES } from './target-ports.js';

/** Every case, in the order in which it is run. */
export const CASES: readonly ConformanceCase[] = [
  ...SERVICE_ACTION_CASES,
  ...SHARED_KEY_CASES,
  ...TARGET_PORT_CASES,
  ...ATTENTION_CASES,
  ...CONFLICT_CASES,
  ...LIFETIME_CASES,
  ...ABORT_CASES,
  ...LOST_INFORMATION_CASES,
];
