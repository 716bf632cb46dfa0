import { BYTE_CHECK, invalidFieldInCdb, miscompareDuringVerify, type Sense } from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import { beyondCapacity, extentOf, rangeProblem, type BlockRange } from './block-range.js';
import type { Check, CommandUnit, Verdict } from './command.js';
import { wantExactly } from './data-out.js';

const byteCheckOf = (cdb: Buffer): number => ((cdb[1] as number) >> 1) & 0x03;
const RESERVED = 0b10;

/** VERIFY (SBC-4): with BYTCHK, Data-Out is every block, or one that all of them are compared with. */
export function admitVerify(range: BlockRange): (task: Task, unit: CommandUnit) => Sense | null {
  return (task, unit) => {
    const byteCheck = byteCheckOf(task.cdb);
    if (byteCheck === RESERVED) return invalidFieldInCdb({ byte: 1, bit: 2 });
    // Only where data are moved does MAXIMUM TRANSFER LENGTH count.
    if (byteCheck === BYTE_CHECK.nothing) {
      return beyondCapacity(range, task.cdb, unit.description.capacityBlocks);
    }
    const problem = rangeProblem(range, task.cdb, unit);
    if (problem !== null) return problem;
    const blocks = range.blocks(task.cdb);
    const sent = byteCheck === BYTE_CHECK.oneBlock ? Math.min(blocks, 1) : blocks;
    return wantExactly(task, sent * unit.description.blockLengthBytes, { byte: range.lengthByte });
  };
}

export function verify(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const check = checkOf(byteCheckOf(task.cdb), unit.description.blockLengthBytes);
    return unit.blocks.verify(task, extentOf(range, task.cdb, unit), check);
  };
}

function checkOf(byteCheck: number, blockLengthBytes: number): Check | null {
  if (byteCheck === BYTE_CHECK.nothing) return null;
  if (byteCheck === BYTE_CHECK.everyBlock) {
    return (piece, offsetBytes, dataOut) =>
      piece.equals(dataOut.subarray(offsetBytes, offsetBytes + piece.length))
        ? null
        : miscompareDuringVerify();
  }
  return (piece, _, dataOut) => {
    const block = dataOut.subarray(0, blockLengthBytes);
    for (let at = 0; at < piece.length; at += blockLengthBytes) {
      if (!piece.subarray(at, at + blockLengthBytes).equals(block)) return miscompareDuringVerify();
    }
    return null;
  };
}
