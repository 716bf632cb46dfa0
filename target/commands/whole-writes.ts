import {
  invalidFieldInCdb,
  miscompareDuringVerify,
  writeProtected,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import {
  extentOf,
  RANGE_16,
  RANGE_COMPARE_AND_WRITE,
  RANGE_WRITE_ATOMIC,
  rangeProblem,
  type BlockRange,
} from './block-range.js';
import type { CommandUnit, Verdict } from './command.js';
import { wantExactly } from './data-out.js';
import { forceUnitAccess } from './read-write.js';

// Writes that are done as a whole or not at all.

/** `times`: how often the blocks of the range come in Data-Out. */
function admitWhole(range: BlockRange, times: number, task: Task, unit: CommandUnit): Sense | null {
  const problem = rangeProblem(range, task.cdb, unit);
  if (problem !== null) return problem;
  if (unit.writeProtected) return writeProtected();
  const { lengthBytes } = extentOf(range, task.cdb, unit);
  return wantExactly(task, times * lengthBytes, { byte: range.lengthByte });
}

/** COMPARE AND WRITE (SBC-4): its one byte for the number of blocks says no more than the maximum. */
export const admitCompareAndWrite = (task: Task, unit: CommandUnit): Sense | null =>
  admitWhole(RANGE_COMPARE_AND_WRITE, 2, task, unit);

/** The second half of Data-Out is written if the blocks are the first half. */
export function compareAndWrite(task: Task, unit: CommandUnit): Verdict {
  const extent = extentOf(RANGE_COMPARE_AND_WRITE, task.cdb, unit);
  const { lengthBytes } = extent;
  return unit.blocks.update(
    task,
    extent,
    (current, dataOut) =>
      current.equals(dataOut.subarray(0, lengthBytes))
        ? dataOut.subarray(lengthBytes, 2 * lengthBytes)
        : miscompareDuringVerify(current.findIndex((byte, index) => byte !== dataOut[index])),
    forceUnitAccess(task.cdb),
  );
}

/** ORWRITE(16) (SBC-4). */
export const admitOrWrite = (task: Task, unit: CommandUnit): Sense | null =>
  admitWhole(RANGE_16, 1, task, unit);

export function orWrite(task: Task, unit: CommandUnit): Verdict {
  return unit.blocks.update(
    task,
    extentOf(RANGE_16, task.cdb, unit),
    (current, dataOut) => {
      for (let at = 0; at < current.length; at++) {
        current[at] = (current[at] as number) | (dataOut[at] as number);
      }
      return current;
    },
    forceUnitAccess(task.cdb),
  );
}

const LBA_BYTE = 2;

/** WRITE ATOMIC(16) (SBC-4): begins and ends where a physical block does. */
export function admitWriteAtomic(task: Task, unit: CommandUnit): Sense | null {
  const problem = rangeProblem(RANGE_WRITE_ATOMIC, task.cdb, unit);
  if (problem !== null) return problem;
  const physicalBlock = 2 ** unit.description.physicalBlockExponent;
  if (RANGE_WRITE_ATOMIC.lba(task.cdb) % physicalBlock !== 0) return invalidFieldInCdb({ byte: LBA_BYTE });
  if (RANGE_WRITE_ATOMIC.blocks(task.cdb) % physicalBlock !== 0) {
    return invalidFieldInCdb({ byte: RANGE_WRITE_ATOMIC.lengthByte });
  }
  return admitWhole(RANGE_WRITE_ATOMIC, 1, task, unit);
}

export function writeAtomic(task: Task, unit: CommandUnit): Verdict {
  const { position, lengthBytes } = extentOf(RANGE_WRITE_ATOMIC, task.cdb, unit);
  return unit.blocks.write(task, position, lengthBytes, forceUnitAccess(task.cdb));
}
