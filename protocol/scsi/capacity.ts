import { bits, layout, reserved, u32be, u64be } from '../layout.js';

/** READ CAPACITY(10) parameter data (SBC-4). */
export const readCapacity10DataLayout = layout(
  'READ CAPACITY(10) parameter data',
  u32be('returnedLogicalBlockAddress'),
  u32be('logicalBlockLengthBytes'),
);

/** READ CAPACITY(16) parameter data (SBC-4). */
export const readCapacity16DataLayout = layout(
  'READ CAPACITY(16) parameter data',
  u64be('returnedLogicalBlockAddress'),
  u32be('logicalBlockLengthBytes'),
  bits({ reserved7: 2, rcBasis: 2, protectionType: 3, protectionEnabled: 1 }),
  bits({ protectionIntervalExponent: 4, logicalBlocksPerPhysicalBlockExponent: 4 }),
  bits({
    logicalBlockProvisioningManagementEnabled: 1,
    logicalBlockProvisioningReadZeros: 1,
    lowestAlignedLogicalBlockAddress: 14,
  }),
  reserved(16),
);

/** The last LBA as READ CAPACITY(10) tells it: all ones where it does not fit (SBC-4). */
export function returnedLogicalBlockAddress10(lastLba: number): number {
  return Math.min(lastLba, 0xffff_ffff);
}
