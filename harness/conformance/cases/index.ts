import type { ConformanceCase } from '../case.js';
import { ABORT_CASES } from './aborts.js';
import { ATTENTION_CASES } from './attentions.js';
import { CAPABILITY_CASES } from './capabilities.js';
import { CDB_FIELD_CASES } from './cdb-fields.js';
import { CONFLICT_CASES } from './conflicts/index.js';
import { LIFETIME_CASES } from './lifetime.js';
import { LOST_INFORMATION_CASES } from './lost-information.js';
import { PARAMETER_LIST_CASES } from './parameter-list.js';
import { PR_IN_DATA_CASES } from './prin-data.js';
import { REGISTER_AND_MOVE_CASES } from './register-and-move.js';
import { SERVICE_ACTION_CASES } from './service-actions/index.js';
import { TRANSPORT_ID_CASES } from './transport-ids.js';

/** Every case, in the order in which it is run. */
export const CASES: readonly ConformanceCase[] = [
  ...SERVICE_ACTION_CASES,
  ...ATTENTION_CASES,
  ...CONFLICT_CASES,
  ...LIFETIME_CASES,
  ...ABORT_CASES,
  ...LOST_INFORMATION_CASES,
  ...PARAMETER_LIST_CASES,
  ...CDB_FIELD_CASES,
  ...PR_IN_DATA_CASES,
  ...CAPABILITY_CASES,
  ...TRANSPORT_ID_CASES,
  ...REGISTER_AND_MOVE_CASES,
];
