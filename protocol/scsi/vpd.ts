import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';
import { decodeDesignators, encodeDesignators, type Designator } from './designator.js';
import { MODE_PAGE, MODE_SUBPAGE } from './mode.js';

/** Vital product data pages (SPC-4 and SBC-4). */
export const VPD_PAGE = {
  supportedPages: 0x00,
  unitSerialNumber: 0x80,
  deviceIdentification: 0x83,
  extendedInquiryData: 0x86,
  modePagePolicy: 0x87,
  scsiPorts: 0x88,
  thirdPartyCopy: 0x8f,
  blockLimits: 0xb0,
  blockDeviceCharacteristics: 0xb1,
  logicalBlockProvisioning: 0xb2,
} as const;

/** What every VPD page begins with (SPC-4 7.8). */
export const vpdHeaderLayout = layout(
  'Vital product data page',
  bits({ peripheralQualifier: 3, peripheralDeviceType: 5 }),
  u8('pageCode'),
  u16be('pageLength'),
);

/** Extended INQUIRY Data VPD page without its header (SPC-4 7.8.7). */
export const extendedInquiryLayout = layout(
  'Extended INQUIRY Data VPD page',
  bits({
    activateMicrocode: 2,
    supportedProtectionType: 3,
    guardCheck: 1,
    applicationTagCheck: 1,
    referenceTagCheck: 1,
  }),
  bits({
    reserved7: 2,
    unitAttentionConditionSenseKeySpecificData: 1,
    groupingFunction: 1,
    prioritySupported: 1,
    headOfQueueSupported: 1,
    orderedSupported: 1,
    simpleSupported: 1,
  }),
  bits({
    reserved7b: 4,
    writeUncorrectableSupported: 1,
    correctionDisableSupported: 1,
    nonVolatileSupported: 1,
    volatileSupported: 1,
  }),
  bits({
    reserved7c: 3,
    protectionInformationIntervalSupported: 1,
    reserved3: 3,
    logicalUnitUnitAttentionClear: 1,
  }),
  reserved(56),
);

/** One descriptor of the Mode Page Policy VPD page (SPC-4 7.8). */
const modePagePolicyDescriptorLayout = layout(
  'Mode page policy descriptor',
  bits({ reserved7: 2, policyPageCode: 6 }),
  u8('policySubpageCode'),
  bits({ multipleLogicalUnitsShare: 1, reserved6: 5, modePagePolicy: 2 }),
  reserved(1),
);

/** SCSI port designation descriptor of the SCSI Ports VPD page (SPC-4 7.8), of a port that is no initiator port. */
const scsiPortDescriptorLayout = layout(
  'SCSI port designation descriptor',
  reserved(2),
  u16be('relativePortIdentifier'),
  reserved(2),
  u16be('initiatorPortTransportIdLength'),
  reserved(2),
  u16be('targetPortDescriptorsLength'),
);

/** Block Limits VPD page without its header (SBC-4). */
export const blockLimitsLayout = layout(
  'Block Limits VPD page',
  bits({ reserved7: 7, writeSameNonZero: 1 }),
  u8('maximumCompareAndWriteLength'),
  u16be('optimalTransferLengthGranularity'),
  u32be('maximumTransferLength'),
  u32be('optimalTransferLength'),
  u32be('maximumPrefetchLength'),
  u32be('maximumUnmapLbaCount'),
  u32be('maximumUnmapBlockDescriptorCount'),
  u32be('optimalUnmapGranularity'),
  bits({ unmapGranularityAlignmentValid: 1, unmapGranularityAlignment: 31 }),
  u64be('maximumWriteSameLength'),
  u32be('maximumAtomicTransferLength'),
  u32be('atomicAlignment'),
  u32be('atomicTransferLengthGranularity'),
  u32be('maximumAtomicTransferLengthWithBoundary'),
  u32be('maximumAtomicBoundarySize'),
);

/** Block Device Characteristics VPD page without its header (SBC-4). */
export const blockDeviceCharacteristicsLayout = layout(
  'Block Device Characteristics VPD page',
  u16be('mediumRotationRate'),
  u8('productType'),
  bits({
    writeAfterBlockEraseRequired: 2,
    writeAfterCryptographicEraseRequired: 2,
    nominalFormFactor: 4,
  }),
  bits({ reserved7b: 6, forceUnitAccessBehavior: 1, verifyByteCheckUnmapped: 1 }),
  reserved(55),
);

/** Logical Block Provisioning VPD page without its header (SBC-4). */
export const logicalBlockProvisioningLayout = layout(
  'Logical Block Provisioning VPD page',
  u8('thresholdExponent'),
  bits({
    unmapSupported: 1,
    writeSame16Supported: 1,
    writeSame10Supported: 1,
    readZeros: 3,
    anchorSupported: 1,
    descriptorPresent: 1,
  }),
  bits({ reserved7b: 5, provisioningType: 3 }),
  reserved(1),
);

/** PROVISIONING TYPE (SBC-4). */
export const PROVISIONING_TYPE = { full: 0, resource: 1, thin: 2 } as const;

/** A VPD page of a direct access block device. */
export function encodeVpdPage(pageCode: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([vpdHeaderLayout.toBytes({ pageCode, pageLength: body.length }), body]);
}

/** The body of a VPD page as far as it came; undefined where it is another page. */
export function decodeVpdPage(pageCode: number, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < vpdHeaderLayout.lengthBytes) return undefined;
  const header = vpdHeaderLayout.decode(bytes);
  if (header.pageCode !== pageCode) return undefined;
  return bytes.slice(vpdHeaderLayout.lengthBytes, vpdHeaderLayout.lengthBytes + header.pageLength);
}

/** Page codes of the Supported VPD Pages page. */
export function decodeSupportedVpdPages(bytes: Uint8Array): number[] | undefined {
  const body = decodeVpdPage(VPD_PAGE.supportedPages, bytes);
  return body === undefined ? undefined : [...body];
}

export function decodeUnitSerialNumber(bytes: Uint8Array): string | undefined {
  const body = decodeVpdPage(VPD_PAGE.unitSerialNumber, bytes);
  return body === undefined ? undefined : Buffer.from(body).toString('latin1').trim();
}

export function encodeDeviceIdentification(designators: readonly Designator[]): Uint8Array {
  return encodeVpdPage(VPD_PAGE.deviceIdentification, encodeDesignators(designators));
}

export function decodeDeviceIdentification(bytes: Uint8Array): Designator[] | undefined {
  const body = decodeVpdPage(VPD_PAGE.deviceIdentification, bytes);
  return body === undefined ? undefined : decodeDesignators(body);
}

/** Shared by every I_T nexus. */
const SHARED_POLICY = 0;

/** Mode Page Policy VPD page of a logical unit that has each of its mode pages once, for all I_T nexuses. */
export function encodeModePagesShared(): Uint8Array {
  const descriptor = modePagePolicyDescriptorLayout.toBytes({
    policyPageCode: MODE_PAGE.all,
    policySubpageCode: MODE_SUBPAGE.all,
    modePagePolicy: SHARED_POLICY,
  });
  return encodeVpdPage(VPD_PAGE.modePagePolicy, descriptor);
}

/** A target port as the SCSI Ports VPD page tells of it; every designator has the target port as its association. */
export interface TargetPortDesignation {
  readonly relativePortIdentifier: number;
  readonly designators: readonly Designator[];
}

/** SCSI Ports VPD page of a device that has target ports and no initiator port. */
export function encodeScsiPorts(ports: readonly TargetPortDesignation[]): Uint8Array {
  const descriptors = ports.flatMap(({ relativePortIdentifier, designators }) => {
    const list = encodeDesignators(designators);
    const targetPortDescriptorsLength = list.length;
    return [scsiPortDescriptorLayout.toBytes({ relativePortIdentifier, targetPortDescriptorsLength }), list];
  });
  return encodeVpdPage(VPD_PAGE.scsiPorts, Buffer.concat(descriptors));
}
