import { invalidFieldInCdb, writeProtected, type Sense } from '../../protocol/index.js';
import type { Extent } from '../medium/medium.js';
import type { Task } from '../logical-unit/task.js';
import { beyondCapacity, type BlockRange } from './block-range.js';
import type { CommandUnit, Verdict } from './command.js';
import { wantExactly } from './data-out.js';
import { TRANSFER_LENGTH_BYTES_MAX } from './limits.js';

/** In byte 1 of the CDB. */
const ANCHOR = { bit: 4, mask: 0x10 } as const;
const UNMAP = { bit: 3, mask: 0x08 } as const;
/** NDOB, of WRITE SAME(16) alone. */
const NO_DATA_OUT_BUFFER = { bit: 0, mask: 0x01 } as const;

const isSet = (cdb: Buffer, { mask }: { readonly mask: number }): boolean =>
  ((cdb[1] as number) & mask) !== 0;

/** WRITE SAME (SBC-4). Anchored blocks are not supported: ANC_SUP is zero. */
export function admitWriteSame(range: BlockRange): (task: Task, unit: CommandUnit) => Sense | null {
  return (task, unit) => {
    const { cdb } = task;
    const { thin, capacityBlocks, blockLengthBytes } = unit.description;
    if (isSet(cdb, ANCHOR)) return invalidFieldInCdb({ byte: 1, bit: ANCHOR.bit });
    if (isSet(cdb, UNMAP) && !thin) return invalidFieldInCdb({ byte: 1, bit: UNMAP.bit });
    const beyond = beyondCapacity(range, cdb, capacityBlocks);
    if (beyond !== null) return beyond;
    const problem = lengthProblem(range, cdb, unit);
    if (problem !== null) return problem;
    if (unit.writeProtected) return writeProtected();
    const dataOutBytes = isSet(cdb, NO_DATA_OUT_BUFFER) ? 0 : blockLengthBytes;
    return wantExactly(task, dataOutBytes, { byte: range.lengthByte });
  };
}

/** With UNMAP=1 the blocks are unmapped, whatever Data-Out holds: decision 77. */
export function writeSame(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const { blockLengthBytes } = unit.description;
    // All up to the last one may be more than it was before Data-Out came.
    const problem = lengthProblem(range, task.cdb, unit);
    if (problem !== null) return problem;
    const extent = extentOf(range, task.cdb, unit);
    if (isSet(task.cdb, UNMAP)) return unit.blocks.unmap(task, extent.lengthBytes === 0 ? [] : [extent]);
    const block = isSet(task.cdb, NO_DATA_OUT_BUFFER)
      ? new Uint8Array(blockLengthBytes)
      : task.dataOut.subarray(0, blockLengthBytes);
    return unit.blocks.fill(task, extent, block);
  };
}

function lengthProblem(range: BlockRange, cdb: Buffer, unit: CommandUnit): Sense | null {
  const { lengthBytes } = extentOf(range, cdb, unit);
  return lengthBytes > TRANSFER_LENGTH_BYTES_MAX ? invalidFieldInCdb({ byte: range.lengthByte }) : null;
}

/** A NUMBER OF LOGICAL BLOCKS of zero means all up to the last one (WSNZ is zero). */
function extentOf(range: BlockRange, cdb: Buffer, { description }: CommandUnit): Extent {
  const { capacityBlocks, blockLengthBytes } = description;
  const lba = range.lba(cdb);
  const blocks = range.blocks(cdb);
  return {
    position: lba * blockLengthBytes,
    lengthBytes: (blocks === 0 ? capacityBlocks - lba : blocks) * blockLengthBytes,
  };
}
