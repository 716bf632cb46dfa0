import { invalidFieldInCdb, startStopUnitCdbLayout } from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { ConflictColumns } from '../reservations/types.js';
import type { CommandUnit, Verdict } from './command.js';

const POWER_CONDITION = { startValid: 0x0 } as const;
const START_STOP_BYTE = 4;

/** START STOP UNIT (SBC-4). Power conditions are not among what is emulated. */
export function startStopUnit(task: Task, unit: CommandUnit): Verdict {
  const cdb = startStopUnitCdbLayout.decode(task.cdb);
  if (cdb.powerCondition !== POWER_CONDITION.startValid) {
    return invalidFieldInCdb({ byte: START_STOP_BYTE, bit: 7 });
  }
  if (cdb.loadEject === 1 && !unit.description.removable)
    return invalidFieldInCdb({ byte: START_STOP_BYTE, bit: 1 });
  if (cdb.start === 1) return startOrLoad(task, unit, cdb.loadEject === 1);
  return unit.startOrStop(task, cdb.loadEject === 1 ? 'ejected' : 'stopped');
}

/** Only LOEJ=1 brings an ejected medium back. */
function startOrLoad(task: Task, unit: CommandUnit, load: boolean): Verdict {
  const problem = unit.notReady();
  if (problem?.asc === MEDIUM_NOT_PRESENT && !load) return problem;
  return unit.startOrStop(task, 'ready');
}

const MEDIUM_NOT_PRESENT = 0x3a;

/** SBC-4 table 13: allowed with START=1 and POWER CONDITION 0h. */
export function startStopColumns(cdb: Uint8Array): ConflictColumns {
  const byte = cdb[START_STOP_BYTE] ?? 0;
  return byte >> 4 === 0 && (byte & 1) === 1 ? 'AAAAA' : 'CCACC';
}
