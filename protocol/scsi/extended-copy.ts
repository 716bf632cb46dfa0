import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';
import { OPERATION_CODE, RECEIVE_COPY_RESULTS } from './operation-codes.js';
import { encodeVpdPage, VPD_PAGE } from './vpd.js';

/** EXTENDED COPY(LID1) (SPC-4 6.4). */
export const extendedCopyCdbLayout = layout(
  'EXTENDED COPY(LID1) command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  reserved(8),
  u32be('parameterListLength'),
  reserved(1),
  u8('control'),
);

/** RECEIVE COPY RESULTS: RECEIVE COPY STATUS(LID1), RECEIVE COPY OPERATING PARAMETERS (SPC-4). */
export const receiveCopyResultsCdbLayout = layout(
  'RECEIVE COPY RESULTS command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  u8('listIdentifier'),
  reserved(7),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** Header of the EXTENDED COPY(LID1) parameter list. */
export const copyListHeaderLayout = layout(
  'EXTENDED COPY(LID1) parameter list header',
  u8('listIdentifier'),
  bits({ reserved7: 2, sequentialStriped: 1, listIdentifierUsage: 2, priority: 3 }),
  u16be('targetDescriptorListLength'),
  reserved(4),
  u32be('segmentDescriptorListLength'),
  u32be('inlineDataLength'),
);

/** Identification Descriptor target descriptor, E4h. */
export const copyTargetLayout = layout(
  'Identification Descriptor target descriptor',
  u8('descriptorTypeCode'),
  bits({ luIdType: 2, nul: 1, peripheralDeviceType: 5 }),
  u16be('relativeInitiatorPortIdentifier'),
  bits({ reserved7: 4, codeSet: 4 }),
  bits({ reserved7b: 2, association: 2, designatorType: 4 }),
  reserved(1),
  u8('designatorLength'),
  reserved(20),
  bits({ reserved31: 5, pad: 1, reserved25: 2, diskBlockLengthBytes: 24 }),
);

/** Where the DESIGNATOR field of a target descriptor lies. */
export const COPY_TARGET_DESIGNATOR = { offset: 8, lengthMax: 20 } as const;

/** Block device to block device segment descriptor, 02h. */
export const copySegmentLayout = layout(
  'Block device to block device segment descriptor',
  u8('descriptorTypeCode'),
  bits({ reserved7: 6, destinationCount: 1, concatenate: 1 }),
  u16be('descriptorLength'),
  u16be('sourceTargetDescriptorIndex'),
  u16be('destinationTargetDescriptorIndex'),
  reserved(2),
  u16be('numberOfBlocks'),
  u64be('sourceLogicalBlockAddress'),
  u64be('destinationLogicalBlockAddress'),
);

/** Descriptor type codes that are spoken here. */
export const COPY_DESCRIPTOR = { blockToBlock: 0x02, identification: 0xe4 } as const;

/** Parameter data of RECEIVE COPY STATUS(LID1). */
export const copyStatusLayout = layout(
  'RECEIVE COPY STATUS(LID1) parameter data',
  u32be('availableData'),
  bits({ heldDataDiscarded: 1, copyCommandStatus: 7 }),
  u16be('segmentsProcessed'),
  u8('transferCountUnits'),
  u32be('transferCount'),
);

/** TRANSFER COUNT UNITS: what TRANSFER COUNT counts (SPC-4). */
const TRANSFER_COUNT_UNITS = { bytes: 0x00, kibibytes: 0x01 } as const;

/** Fields of `copyStatusLayout` for so many bytes: in kibibytes, rounded down, from 4 GiB on. */
export function copyTransferCount(bytes: number): {
  readonly transferCountUnits: number;
  readonly transferCount: number;
} {
  return bytes < 2 ** 32
    ? { transferCountUnits: TRANSFER_COUNT_UNITS.bytes, transferCount: bytes }
    : { transferCountUnits: TRANSFER_COUNT_UNITS.kibibytes, transferCount: Math.floor(bytes / 1024) };
}

/** Parameter data of RECEIVE COPY OPERATING PARAMETERS, before the implemented descriptor type codes. */
export const copyOperatingParametersLayout = layout(
  'RECEIVE COPY OPERATING PARAMETERS parameter data',
  u32be('availableData'),
  bits({ reserved7: 7, supportsNoListIdentifier: 1 }),
  reserved(3),
  u16be('maximumTargetDescriptorCount'),
  u16be('maximumSegmentDescriptorCount'),
  u32be('maximumDescriptorListLength'),
  u32be('maximumSegmentLength'),
  u32be('maximumInlineDataLength'),
  u32be('heldDataLimit'),
  u32be('maximumStreamDeviceTransferSize'),
  reserved(2),
  u16be('totalConcurrentCopies'),
  u8('maximumConcurrentCopies'),
  u8('dataSegmentGranularityExponent'),
  u8('inlineDataGranularityExponent'),
  u8('heldDataGranularityExponent'),
  reserved(3),
  u8('implementedDescriptorListLength'),
);

const THIRD_PARTY_COPY_DESCRIPTOR = { supportedCommands: 0x0001, supportedDescriptors: 0x0008 } as const;

/** Third-party Copy VPD page (SPC-4 7.8.17): which commands and which descriptors there are. */
export function encodeThirdPartyCopy(): Uint8Array {
  const commands = [
    [OPERATION_CODE.extendedCopy, 1, 0x00],
    [
      OPERATION_CODE.receiveCopyResults,
      2,
      RECEIVE_COPY_RESULTS.copyStatus,
      RECEIVE_COPY_RESULTS.operatingParameters,
    ],
  ].flat();
  const descriptors = Object.values(COPY_DESCRIPTOR);
  const body = Buffer.concat([
    thirdPartyCopyDescriptor(THIRD_PARTY_COPY_DESCRIPTOR.supportedCommands, [commands.length, ...commands]),
    thirdPartyCopyDescriptor(THIRD_PARTY_COPY_DESCRIPTOR.supportedDescriptors, [
      descriptors.length,
      ...descriptors,
    ]),
  ]);
  return encodeVpdPage(VPD_PAGE.thirdPartyCopy, body);
}

/** Padded to a multiple of four bytes. */
function thirdPartyCopyDescriptor(type: number, content: readonly number[]): Buffer {
  const descriptor = Buffer.alloc(4 + Math.ceil(content.length / 4) * 4);
  descriptor.writeUInt16BE(type, 0);
  descriptor.writeUInt16BE(descriptor.length - 4, 2);
  descriptor.set(content, 4);
  return descriptor;
}

type Cdb<T extends { toBytes: (value: never) => Uint8Array }> = Parameters<T['toBytes']>[0];

export const extendedCopyCdb = (
  fields: Omit<Cdb<typeof extendedCopyCdbLayout>, 'operationCode'>,
): Uint8Array => extendedCopyCdbLayout.toBytes({ ...fields, operationCode: OPERATION_CODE.extendedCopy });
export const receiveCopyResultsCdb = (
  fields: Omit<Cdb<typeof receiveCopyResultsCdbLayout>, 'operationCode'>,
): Uint8Array =>
  receiveCopyResultsCdbLayout.toBytes({ ...fields, operationCode: OPERATION_CODE.receiveCopyResults });
