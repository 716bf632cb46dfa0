import {
  invalidFieldInCdb,
  mediumNotPresent,
  mediumRemovalPrevented,
  preventAllowMediumRemovalCdbLayout,
  startStopUnitCdbLayout,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { ConflictColumns } from '../reservations/types.js';
import type { CommandUnit, Verdict } from './command.js';

const POWER_CONDITION = { startValid: 0x0 } as const;
const PREVENT = { allowed: 0b00, prevented: 0b01 } as const;
const START_STOP_BYTE = 4;
const PREVENT_BYTE = 4;

/**
 * START STOP UNIT (SBC-4). There are no power conditions: a removable LU takes them without effect, as iscsi-test-cu
 * wants it, and any other one refuses them.
 */
export function startStopUnit(task: Task, unit: CommandUnit): Verdict {
  const cdb = startStopUnitCdbLayout.decode(task.cdb);
  const { removable } = unit.description;
  if (cdb.powerCondition !== POWER_CONDITION.startValid) {
    return removable ? 'good' : invalidFieldInCdb({ byte: START_STOP_BYTE, bit: 7 });
  }
  if (cdb.loadEject === 1) {
    if (!removable) return invalidFieldInCdb({ byte: START_STOP_BYTE, bit: 1 });
    if (unit.medium.isRemovalPrevented) return mediumRemovalPrevented();
    return unit.startOrStop(task, cdb.start === 1 ? 'ready' : 'ejected');
  }
  // Only LOEJ=1 brings an ejected medium back.
  if (unit.medium.isEjected) return cdb.start === 1 ? mediumNotPresent() : 'good';
  if (cdb.start === 1) return unit.startOrStop(task, 'ready');
  // A removable LU starts by itself at the next command: it is never found stopped.
  return removable ? unit.blocks.synchronizeCache(task) : unit.startOrStop(task, 'stopped');
}

/** SBC-4 table 13: allowed with START=1 and POWER CONDITION 0h. */
export function startStopColumns(cdb: Uint8Array): ConflictColumns {
  const byte = cdb[START_STOP_BYTE] ?? 0;
  return byte >> 4 === 0 && (byte & 1) === 1 ? 'AAAAA' : 'CCACC';
}

/** PREVENT ALLOW MEDIUM REMOVAL (SBC-4): each nexus prevents for itself. */
export function preventAllowMediumRemoval(task: Task, { medium }: CommandUnit): Verdict {
  const { prevent } = preventAllowMediumRemovalCdbLayout.decode(task.cdb);
  if (prevent === PREVENT.prevented) medium.preventRemoval(task.attachment.nexusId);
  else if (prevent === PREVENT.allowed) medium.allowRemoval(task.attachment.nexusId);
  // 10b and 11b are obsolete: they were of changers that removed media by themselves.
  else return invalidFieldInCdb({ byte: PREVENT_BYTE, bit: 1 });
  return 'good';
}

/** SPC-4 table 65: allowed with PREVENT=00b. */
export const preventAllowColumns = (cdb: Uint8Array): ConflictColumns =>
  ((cdb[PREVENT_BYTE] ?? 0) & 0x03) === PREVENT.allowed ? 'AAAAA' : 'CCACC';
