import {
  blockDeviceCharacteristicsLayout,
  blockLimitsLayout,
  encodeVpdPage,
  logicalBlockProvisioningLayout,
  PROVISIONING_TYPE,
  VPD_PAGE,
} from '../../protocol/index.js';
import {
  COMPARE_AND_WRITE_BLOCKS_MAX,
  TRANSFER_LENGTH_BYTES_MAX,
  UNMAP_BLOCKS_MAX,
  UNMAP_DESCRIPTORS_MAX,
} from './limits.js';
import type { UnitDescription } from './unit-description.js';

// VPD pages of block devices (SBC-4).

/** Block Limits: zero where the command that a field is about is not there. */
export function blockLimits(description: UnitDescription): Uint8Array {
  const { blockLengthBytes, thin, atomicWrites } = description;
  const transferBlocksMax = TRANSFER_LENGTH_BYTES_MAX / blockLengthBytes;
  const physicalBlock = 2 ** description.physicalBlockExponent;
  const body = blockLimitsLayout.toBytes({
    maximumCompareAndWriteLength: COMPARE_AND_WRITE_BLOCKS_MAX,
    optimalTransferLengthGranularity: physicalBlock,
    maximumTransferLength: transferBlocksMax,
    maximumUnmapLbaCount: thin ? UNMAP_BLOCKS_MAX : 0,
    maximumUnmapBlockDescriptorCount: thin ? UNMAP_DESCRIPTORS_MAX : 0,
    optimalUnmapGranularity: thin ? physicalBlock : 0,
    unmapGranularityAlignmentValid: thin ? 1 : 0,
    maximumWriteSameLength: BigInt(transferBlocksMax),
    maximumAtomicTransferLength: atomicWrites ? transferBlocksMax : 0,
    // Zero says that there is no demand, as one block is none.
    atomicAlignment: atomicWrites && physicalBlock > 1 ? physicalBlock : 0,
    atomicTransferLengthGranularity: atomicWrites && physicalBlock > 1 ? physicalBlock : 0,
  });
  return encodeVpdPage(VPD_PAGE.blockLimits, body);
}

const NON_ROTATING = 1;

/** VBULS: VERIFY compares deallocated blocks as the zeros that they read as. */
export function blockDeviceCharacteristics({ sanitizeSeconds, thin }: UnitDescription): Uint8Array {
  // WABEREQ and WACEREQ: what was erased reads without an error.
  const readable = sanitizeSeconds !== null && thin ? 1 : 0;
  const body = blockDeviceCharacteristicsLayout.toBytes({
    mediumRotationRate: NON_ROTATING,
    writeAfterBlockEraseRequired: readable,
    writeAfterCryptographicEraseRequired: readable,
    verifyByteCheckUnmapped: 1,
  });
  return encodeVpdPage(VPD_PAGE.blockDeviceCharacteristics, body);
}

/** Thin: blocks cost space only once written and until they are unmapped, and read as zero meanwhile. */
export function logicalBlockProvisioning({ thin }: UnitDescription): Uint8Array {
  const ifThin = thin ? 1 : 0;
  const body = logicalBlockProvisioningLayout.toBytes({
    unmapSupported: ifThin,
    writeSame16Supported: ifThin,
    writeSame10Supported: ifThin,
    readZeros: ifThin,
    provisioningType: thin ? PROVISIONING_TYPE.thin : PROVISIONING_TYPE.full,
  });
  return encodeVpdPage(VPD_PAGE.logicalBlockProvisioning, body);
}
