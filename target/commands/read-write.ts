import { writeProtected, type Sense } from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import { beyondCapacity, rangeProblem, type BlockRange } from './block-range.js';
import type { CommandUnit, Verdict, WriteCare } from './command.js';

export function read(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const problem = rangeProblem(range, task.cdb, unit);
    if (problem !== null) return problem;
    const { blockLengthBytes } = unit.description;
    task.dataInBytes = range.blocks(task.cdb) * blockLengthBytes;
    return unit.blocks.read(task, range.lba(task.cdb) * blockLengthBytes);
  };
}

export function admitWrite(range: BlockRange): (task: Task, unit: CommandUnit) => Sense | null {
  return (task, unit) => {
    const problem = rangeProblem(range, task.cdb, unit);
    if (problem !== null) return problem;
    if (unit.writeProtected) return writeProtected();
    task.dataOutWantedBytes = range.blocks(task.cdb) * unit.description.blockLengthBytes;
    return null;
  };
}

/**
 * Writes the whole blocks that came: an initiator that offers less than the CDB says gets a residual overflow and
 * what it sent is written (RFC 7143 11.4.5.1). `careOf` decides from the CDB.
 */
export function write(
  range: BlockRange,
  careOf: (cdb: Buffer) => WriteCare,
): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const { blockLengthBytes } = unit.description;
    const came = Math.min(task.dataOut.length, task.dataOutWantedBytes);
    const whole = came - (came % blockLengthBytes);
    return unit.blocks.write(task, range.lba(task.cdb) * blockLengthBytes, whole, careOf(task.cdb));
  };
}

/** FUA, bit 3 of CDB byte 1. */
export const forceUnitAccess = (cdb: Buffer): 'cached' | 'durable' =>
  ((cdb[1] as number) & 0x08) === 0 ? 'cached' : 'durable';
export const cached = (): WriteCare => 'cached';
/** WRITE AND VERIFY (SBC-4): BYTCHK, bit 1 of CDB byte 1, asks for a comparison with Data-Out. */
export const byteCheck = (cdb: Buffer): WriteCare =>
  ((cdb[1] as number) & 0x02) === 0 ? 'readable' : 'compared';

/**
 * PRE-FETCH (SBC-4): the range must exist. GOOD says that not all of it is in the cache, which is true: there is none
 * beyond that of the operating system.
 */
export function prefetch(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return ({ cdb }, { description }) => beyondCapacity(range, cdb, description.capacityBlocks) ?? 'good';
}

/** SYNCHRONIZE CACHE: the range must exist; everything is synchronized, which SBC-4 allows. */
export function synchronizeCache(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const problem = beyondCapacity(range, task.cdb, unit.description.capacityBlocks);
    return problem ?? unit.blocks.synchronizeCache(task);
  };
}
