import type { ConformanceCase } from '../case.js';
import { ABORT_CASES } from './aborts.js';
import { ALL_TG_PT_CASES } from './all-tg-pt.js';
import { ATTENTION_CASES } from './attentions.js';
import { CAPABILITY_CASES } from './capabilities.js';
import { CDB_FIELD_CASES } from './cdb-fields.js';
import { CONFLICT_CASES } from './conflicts/index.js';
import { CRH_CASES } from './crh.js';
import { GENERATION_CASES } from './generation.js';
import { LIFETIME_CASES } from './lifetime.js';
import { LOST_INFORMATION_CASES } from './lost-information.js';
import { PARAMETER_LIST_CASES } from './parameter-list.js';
import { PR_IN_DATA_CASES } from './prin-data.js';
import { REGISTER_AND_MOVE_CASES } from './register-and-move.js';
import { RESOURCE_CASES } from './resources.js';
import { RSOC_CASES } from './rsoc.js';
import { SERVICE_ACTION_CASES } from './service-actions/index.js';
import { SHARED_KEY_CASES } from './shared-keys.js';
import { TARGET_PORT_CASES } from './target-ports.js';
import { SPEC_I_PT_CASES } from './spec-i-pt.js';
import { SUPPORTED_CASES } from './supported.js';
import { TRANSPORT_ID_CASES } from './transport-ids.js';

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
  ...PARAMETER_LIST_CASES,
  ...CDB_FIELD_CASES,
  ...PR_IN_DATA_CASES,
  ...CAPABILITY_CASES,
  ...TRANSPORT_ID_CASES,
  ...REGISTER_AND_MOVE_CASES,
  ...SPEC_I_PT_CASES,
  ...ALL_TG_PT_CASES,
  ...CRH_CASES,
  ...RSOC_CASES,
  ...SUPPORTED_CASES,
  ...GENERATION_CASES,
  ...RESOURCE_CASES,
];
