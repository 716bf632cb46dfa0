import {
  decodeUnmapParameterList,
  encodeLbaStatus,
  getLbaStatusCdbLayout,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  lbaStatusDescriptorLayout,
  lbaStatusHeaderLayout,
  logicalBlockAddressOutOfRange,
  parameterListLengthError,
  PROVISIONING_STATUS,
  unmapBlockDescriptorLayout,
  unmapCdbLayout,
  unmapParameterListHeaderLayout,
  writeProtected,
  type LbaStatusDescriptor,
  type Sense,
  type UnmapBlockDescriptor,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { Extent } from '../medium/medium.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';
import { LBA_STATUS_DESCRIPTORS_MAX, UNMAP_BLOCKS_MAX, UNMAP_DESCRIPTORS_MAX } from './limits.js';
import type { UnitDescription } from './unit-description.js';

/** UNMAP (SBC-4). Anchored blocks are not supported: ANC_SUP is zero. */
export function admitUnmap(task: Task, unit: CommandUnit): Sense | null {
  const cdb = unmapCdbLayout.decode(task.cdb);
  if (cdb.anchor === 1) return invalidFieldInCdb(unmapCdbLayout.placeOf('anchor'));
  if (unit.writeProtected) return writeProtected();
  task.dataOutWantedBytes = cdb.parameterListLength;
  return null;
}

/** Every descriptor is checked before the first block is unmapped. */
export function unmap(task: Task, unit: CommandUnit): Verdict {
  const wanted = task.dataOutWantedBytes;
  if (wanted === 0) return 'good';
  const list = task.dataOut.subarray(0, wanted);
  const descriptors = decodeUnmapParameterList(list);
  if (descriptors === undefined || list.length < wanted) return parameterListLengthError();
  const problem = descriptorProblem(descriptors, unit.description);
  return problem ?? unit.blocks.unmap(task, extentsOf(descriptors, unit.description));
}

function descriptorProblem(
  descriptors: readonly UnmapBlockDescriptor[],
  { capacityBlocks }: UnitDescription,
): Sense | null {
  if (descriptors.length > UNMAP_DESCRIPTORS_MAX) {
    return invalidFieldInParameterList({
      byte: unmapParameterListHeaderLayout.offsetOf('unmapBlockDescriptorDataLength'),
    });
  }
  let blocks = 0;
  for (const [index, { logicalBlockAddress, numberOfBlocks }] of descriptors.entries()) {
    if (logicalBlockAddress + BigInt(numberOfBlocks) > capacityBlocks) {
      const last = BigInt(capacityBlocks);
      return logicalBlockAddressOutOfRange(logicalBlockAddress > last ? logicalBlockAddress : last);
    }
    blocks += numberOfBlocks;
    if (blocks > UNMAP_BLOCKS_MAX) {
      const { lengthBytes } = unmapBlockDescriptorLayout;
      return invalidFieldInParameterList({
        byte:
          unmapParameterListHeaderLayout.lengthBytes +
          index * lengthBytes +
          unmapBlockDescriptorLayout.offsetOf('numberOfBlocks'),
      });
    }
  }
  return null;
}

/** Descriptors of neighbours become one extent, so that what lies across their border is unmapped too. */
function extentsOf(
  descriptors: readonly UnmapBlockDescriptor[],
  { blockLengthBytes }: UnitDescription,
): Extent[] {
  const extents: { position: number; lengthBytes: number }[] = [];
  for (const { logicalBlockAddress, numberOfBlocks } of descriptors) {
    if (numberOfBlocks === 0) continue;
    const position = Number(logicalBlockAddress) * blockLengthBytes;
    const lengthBytes = numberOfBlocks * blockLengthBytes;
    const last = extents.at(-1);
    if (last !== undefined && last.position + last.lengthBytes === position) last.lengthBytes += lengthBytes;
    else extents.push({ position, lengthBytes });
  }
  return extents;
}

/** GET LBA STATUS (SBC-4). */
export function getLbaStatus(task: Task, unit: CommandUnit): Verdict {
  const { startingLogicalBlockAddress, allocationLength } = getLbaStatusCdbLayout.decode(task.cdb);
  if (startingLogicalBlockAddress >= unit.description.capacityBlocks) {
    return logicalBlockAddressOutOfRange(startingLogicalBlockAddress);
  }
  const fits = Math.floor(
    (allocationLength - lbaStatusHeaderLayout.lengthBytes) / lbaStatusDescriptorLayout.lengthBytes,
  );
  const count = Math.min(Math.max(fits, 1), LBA_STATUS_DESCRIPTORS_MAX);
  const first = firstReported(Number(startingLogicalBlockAddress), unit);
  return answerWith(task, encodeLbaStatus(statusFrom(first, count, unit)), allocationLength);
}

/**
 * Where the answer begins: within a mapped physical block of several logical ones, at the next physical block, as the
 * suite of libiscsi wants it: decision 78.
 */
function firstReported(lba: number, { blocks, description }: CommandUnit): number {
  const { thin, physicalBlockExponent, blockLengthBytes, capacityBlocks } = description;
  const physicalBlock = 2 ** physicalBlockExponent;
  const next = Math.ceil(lba / physicalBlock) * physicalBlock;
  if (!thin || next === lba || next >= capacityBlocks) return lba;
  return blocks.provisioningAt(lba * blockLengthBytes).deallocated ? lba : next;
}

const NUMBER_OF_BLOCKS_MAX = 0xffff_ffff;

function statusFrom(
  first: number,
  count: number,
  { blocks, description }: CommandUnit,
): LbaStatusDescriptor[] {
  const { blockLengthBytes, capacityBlocks } = description;
  const descriptors: LbaStatusDescriptor[] = [];
  let lba = first;
  while (lba < capacityBlocks && descriptors.length < count) {
    const { deallocated, endBytes } = blocks.provisioningAt(lba * blockLengthBytes);
    const numberOfBlocks = Math.min(endBytes / blockLengthBytes - lba, NUMBER_OF_BLOCKS_MAX);
    descriptors.push({
      logicalBlockAddress: BigInt(lba),
      numberOfBlocks,
      provisioningStatus: deallocated ? PROVISIONING_STATUS.deallocated : PROVISIONING_STATUS.mapped,
    });
    lba += numberOfBlocks;
  }
  return descriptors;
}
