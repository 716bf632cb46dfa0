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

/** Where a group of CDBs keeps its address and length. Arithmetic is in numbers: an LBA beyond 2^53 is out of range. */
export interface BlockRange {
  readonly lba: (cdb: Buffer) => number;
  readonly blocks: (cdb: Buffer) => number;
  /** First byte of the length field, for field pointers. */
  readonly lengthByte: number;
}

const u16 = (cdb: Buffer, at: number): number => ((cdb[at] as number) << 8) | (cdb[at + 1] as number);
const u32 = (cdb: Buffer, at: number): number => u16(cdb, at) * 0x1_0000 + u16(cdb, at + 2);

/** A TRANSFER LENGTH of 0 means 256 blocks here (SBC-3). */
export const RANGE_6: BlockRange = {
  lba: (cdb) => ((cdb[1] as number) & 0x1f) * 0x1_0000 + u16(cdb, 2),
  blocks: (cdb) => (cdb[4] === 0 ? 256 : (cdb[4] as number)),
  lengthByte: 4,
};
export const RANGE_10: BlockRange = {
  lba: (cdb) => u32(cdb, 2),
  blocks: (cdb) => u16(cdb, 7),
  lengthByte: 7,
};
export const RANGE_12: BlockRange = {
  lba: (cdb) => u32(cdb, 2),
  blocks: (cdb) => u32(cdb, 6),
  lengthByte: 6,
};
export const RANGE_16: BlockRange = {
  lba: (cdb) => u32(cdb, 2) * 0x1_0000_0000 + u32(cdb, 6),
  blocks: (cdb) => u32(cdb, 10),
  lengthByte: 10,
};

/** 05/21/00 with the first LBA that is not there, or null (SBC-4). */
export function beyondCapacity(lba: number, blocks: number, capacityBlocks: number): Sense | null {
  if (lba + blocks <= capacityBlocks) return null;
  return logicalBlockAddressOutOfRange(BigInt(Math.max(lba, capacityBlocks)));
}

function rangeProblem(range: BlockRange, cdb: Buffer, unit: CommandUnit): Sense | null {
  const { capacityBlocks, blockLengthBytes } = unit.description;
  const blocks = range.blocks(cdb);
  const beyond = beyondCapacity(range.lba(cdb), blocks, capacityBlocks);
  if (beyond !== null) return beyond;
  // SBC-4: more than MAXIMUM TRANSFER LENGTH is an invalid field.
  return blocks * blockLengthBytes > TRANSFER_LENGTH_BYTES_MAX
    ? invalidFieldInCdb({ byte: range.lengthByte })
    : null;
}

export function read(range: BlockRange): (task: Task, unit: CommandUnit) => Verdict {
  return (task, unit) => {
    const problem = rangeProblem(range, task.cdb, unit);
    if (problem !== null) return problem;
    const { blockLengthBytes } = unit.description;
    task.dataInBytes = range.blocks(task.cdb) * blockLengthBytes;
    return unit.readBlocks(task, range.lba(task.cdb) * blockLengthBytes);
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
    return unit.writeBlocks(task, range.lba(task.cdb) * blockLengthBytes, whole, careOf(task.cdb));
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
    const lba = range.lba(task.cdb);
    const problem = beyondCapacity(lba, range.blocks(task.cdb), unit.description.capacityBlocks);
    return problem ?? unit.synchronizeCache(task);
  };
}
