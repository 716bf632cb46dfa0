import {
  invalidFieldInCdb,
  logicalBlockAddressOutOfRange,
  writeProtected,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict, WriteCare } from './command.js';
import { TRANSFER_LENGTH_BYTES_MAX } from './limits.js';

// The hot path: fields are read by hand, and a test holds their places to the declared CDB layouts.

/** Where a group of CDBs keeps its address and length. */
export interface BlockRange {
  /** Exact up to 2^53, rounded beyond: no medium reaches there, so that such an LBA is out of range either way. */
  readonly lba: (cdb: Buffer) => number;
  /** For sense data, which tells even an LBA beyond 2^53 as it came. */
  readonly exactLba: (cdb: Buffer) => bigint;
  readonly blocks: (cdb: Buffer) => number;
  /** First byte of the length field, for field pointers. */
  readonly lengthByte: number;
}

const u16 = (cdb: Buffer, at: number): number => ((cdb[at] as number) << 8) | (cdb[at + 1] as number);
const u32 = (cdb: Buffer, at: number): number => u16(cdb, at) * 0x1_0000 + u16(cdb, at + 2);

/** A TRANSFER LENGTH of 0 means 256 blocks here (SBC-3). */
export const RANGE_6: BlockRange = {
  lba: (cdb) => ((cdb[1] as number) & 0x1f) * 0x1_0000 + u16(cdb, 2),
  exactLba: (cdb) => BigInt(RANGE_6.lba(cdb)),
  blocks: (cdb) => (cdb[4] === 0 ? 256 : (cdb[4] as number)),
  lengthByte: 4,
};
export const RANGE_10: BlockRange = {
  lba: (cdb) => u32(cdb, 2),
  exactLba: (cdb) => BigInt(u32(cdb, 2)),
  blocks: (cdb) => u16(cdb, 7),
  lengthByte: 7,
};
export const RANGE_12: BlockRange = {
  lba: (cdb) => u32(cdb, 2),
  exactLba: (cdb) => BigInt(u32(cdb, 2)),
  blocks: (cdb) => u32(cdb, 6),
  lengthByte: 6,
};
export const RANGE_16: BlockRange = {
  lba: (cdb) => u32(cdb, 2) * 0x1_0000_0000 + u32(cdb, 6),
  exactLba: (cdb) => cdb.readBigUInt64BE(2),
  blocks: (cdb) => u32(cdb, 10),
  lengthByte: 10,
};

/** 05/21/00 with the first LBA that is not there, or null (SBC-4). */
function beyondCapacity(range: BlockRange, cdb: Buffer, capacityBlocks: number): Sense | null {
  if (range.lba(cdb) + range.blocks(cdb) <= capacityBlocks) return null;
  const lba = range.exactLba(cdb);
  return logicalBlockAddressOutOfRange(lba > capacityBlocks ? lba : BigInt(capacityBlocks));
}

function rangeProblem(range: BlockRange, cdb: Buffer, unit: CommandUnit): Sense | null {
  const { capacityBlocks, blockLengthBytes } = unit.description;
  const beyond = beyondCapacity(range, cdb, capacityBlocks);
  if (beyond !== null) return beyond;
  // SBC-4: more than MAXIMUM TRANSFER LENGTH is an invalid field.
  return range.blocks(cdb) * blockLengthBytes > TRANSFER_LENGTH_BYTES_MAX
    ? invalidFieldInCdb({ byte: range.lengthByte })
    : null;
}

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
export const forceUnitAccess = (cdb: Buffer): WriteCare =>
  ((cdb[1] as number) & 0x08) === 0 ? 'cached' : 'durable';
export const cached = (): WriteCare => 'cached';
/** WRITE AND VERIFY (SBC-4): BYTCHK, bit 1 of CDB byte 1, asks for a comparison with Data-Out. */
export const byteCheck = (cdb: Buffer): WriteCare =>
  ((cdb[1] as number) & 0x02) === 0 ? 'readable' : 'compared';

/** SYNCHRONIZE CACHE: the range must exist; everything is synchronized, which SBC-4 allows. */
export function synchronizeCache(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const problem = beyondCapacity(range, task.cdb, unit.description.capacityBlocks);
    return problem ?? unit.blocks.synchronizeCache(task);
  };
}
