import { bits, layout, reserved, u16be, u32be, u64be } from '../layout.js';

/** What the UNMAP parameter list begins with (SBC-4). */
export const unmapParameterListHeaderLayout = layout(
  'UNMAP parameter list',
  u16be('unmapDataLength'),
  u16be('unmapBlockDescriptorDataLength'),
  reserved(4),
);

/** UNMAP block descriptor. */
export const unmapBlockDescriptorLayout = layout(
  'UNMAP block descriptor',
  u64be('logicalBlockAddress'),
  u32be('numberOfBlocks'),
  reserved(4),
);

export interface UnmapBlockDescriptor {
  readonly logicalBlockAddress: bigint;
  readonly numberOfBlocks: number;
}

export function encodeUnmapParameterList(descriptors: readonly UnmapBlockDescriptor[]): Uint8Array {
  const dataLength = descriptors.length * unmapBlockDescriptorLayout.lengthBytes;
  const header = unmapParameterListHeaderLayout.toBytes({
    unmapDataLength: unmapParameterListHeaderLayout.lengthBytes - 2 + dataLength,
    unmapBlockDescriptorDataLength: dataLength,
  });
  return Buffer.concat([header, ...descriptors.map((one) => unmapBlockDescriptorLayout.toBytes(one))]);
}

/**
 * The descriptors of an UNMAP parameter list; one that is cut by UNMAP BLOCK DESCRIPTOR DATA LENGTH does not count
 * (SBC-4). Undefined where the list is shorter than it says.
 */
export function decodeUnmapParameterList(list: Uint8Array): UnmapBlockDescriptor[] | undefined {
  const { lengthBytes: headerLength } = unmapParameterListHeaderLayout;
  const { lengthBytes: descriptorLength } = unmapBlockDescriptorLayout;
  if (list.length < headerLength) return undefined;
  const { unmapBlockDescriptorDataLength } = unmapParameterListHeaderLayout.decode(list);
  const count = Math.floor(unmapBlockDescriptorDataLength / descriptorLength);
  if (headerLength + count * descriptorLength > list.length) return undefined;
  return Array.from({ length: count }, (_, index) =>
    unmapBlockDescriptorLayout.decode(list, headerLength + index * descriptorLength),
  );
}

/** PROVISIONING STATUS (SBC-4): 0h stands for mapped, and for a state that is not known. */
export const PROVISIONING_STATUS = { mapped: 0x0, deallocated: 0x1, anchored: 0x2 } as const;

/** What the GET LBA STATUS parameter data begins with (SBC-4). */
export const lbaStatusHeaderLayout = layout(
  'GET LBA STATUS parameter data',
  u32be('parameterDataLength'),
  reserved(4),
);

/** LBA status descriptor. */
export const lbaStatusDescriptorLayout = layout(
  'LBA status descriptor',
  u64be('logicalBlockAddress'),
  u32be('numberOfBlocks'),
  bits({ reserved7: 4, provisioningStatus: 4 }),
  reserved(3),
);

export interface LbaStatusDescriptor {
  readonly logicalBlockAddress: bigint;
  readonly numberOfBlocks: number;
  readonly provisioningStatus: number;
}

export function encodeLbaStatus(descriptors: readonly LbaStatusDescriptor[]): Uint8Array {
  const header = lbaStatusHeaderLayout.toBytes({
    // It counts from the byte behind itself.
    parameterDataLength:
      lbaStatusHeaderLayout.lengthBytes - 4 + descriptors.length * lbaStatusDescriptorLayout.lengthBytes,
  });
  return Buffer.concat([header, ...descriptors.map((one) => lbaStatusDescriptorLayout.toBytes(one))]);
}

/** The descriptors that came whole; undefined where not even the header did. */
export function decodeLbaStatus(bytes: Uint8Array): LbaStatusDescriptor[] | undefined {
  const { lengthBytes: headerLength } = lbaStatusHeaderLayout;
  const { lengthBytes: descriptorLength } = lbaStatusDescriptorLayout;
  if (bytes.length < headerLength) return undefined;
  const { parameterDataLength } = lbaStatusHeaderLayout.decode(bytes);
  const end = Math.min(bytes.length, parameterDataLength + 4);
  const count = Math.max(0, Math.floor((end - headerLength) / descriptorLength));
  return Array.from({ length: count }, (_, index) =>
    lbaStatusDescriptorLayout.decode(bytes, headerLength + index * descriptorLength),
  );
}
