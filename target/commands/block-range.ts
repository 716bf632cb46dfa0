import { invalidFieldInCdb, logicalBlockAddressOutOfRange, type Sense } from '../../protocol/index.js';
import type { Extent } from '../medium/medium.js';
import type { CommandUnit } from './command.js';
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
/** COMPARE AND WRITE: NUMBER OF LOGICAL BLOCKS is one byte. */
export const RANGE_COMPARE_AND_WRITE: BlockRange = {
  ...RANGE_16,
  blocks: (cdb) => cdb[13] as number,
  lengthByte: 13,
};
/** WRITE ATOMIC(16). */
export const RANGE_WRITE_ATOMIC: BlockRange = {
  ...RANGE_16,
  blocks: (cdb) => u16(cdb, 12),
  lengthByte: 12,
};

/** 05/21/00 with the first LBA that is not there, or null (SBC-4). */
export function beyondCapacity(range: BlockRange, cdb: Buffer, capacityBlocks: number): Sense | null {
  if (range.lba(cdb) + range.blocks(cdb) <= capacityBlocks) return null;
  const lba = range.exactLba(cdb);
  return logicalBlockAddressOutOfRange(lba > capacityBlocks ? lba : BigInt(capacityBlocks));
}

export function rangeProblem(range: BlockRange, cdb: Buffer, unit: CommandUnit): Sense | null {
  const { capacityBlocks, blockLengthBytes } = unit.description;
  const beyond = beyondCapacity(range, cdb, capacityBlocks);
  if (beyond !== null) return beyond;
  // SBC-4: more than MAXIMUM TRANSFER LENGTH is an invalid field.
  return range.blocks(cdb) * blockLengthBytes > TRANSFER_LENGTH_BYTES_MAX
    ? invalidFieldInCdb({ byte: range.lengthByte })
    : null;
}

/** The bytes of a range that was found to exist. */
export function extentOf(range: BlockRange, cdb: Buffer, { description }: CommandUnit): Extent {
  const { blockLengthBytes } = description;
  return { position: range.lba(cdb) * blockLengthBytes, lengthBytes: range.blocks(cdb) * blockLengthBytes };
}
