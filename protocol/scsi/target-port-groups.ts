import { bits, layout, reserved, u16be, u32be, u8 } from '../layout.js';

const lengthLayout = layout('REPORT TARGET PORT GROUPS parameter data', u32be('returnDataLength'));

/** Target port group descriptor, up to its target ports (SPC-4 6.37). */
export const targetPortGroupDescriptorLayout = layout(
  'Target port group descriptor',
  bits({ preferred: 1, reserved6: 3, asymmetricAccessState: 4 }),
  bits({
    transitioningSupported: 1,
    offlineSupported: 1,
    reserved5: 1,
    logicalBlockDependentSupported: 1,
    unavailableSupported: 1,
    standbySupported: 1,
    activeNonOptimizedSupported: 1,
    activeOptimizedSupported: 1,
  }),
  u16be('targetPortGroup'),
  reserved(1),
  u8('statusCode'),
  reserved(1),
  u8('targetPortCount'),
);

const targetPortLayout = layout('Target port descriptor', reserved(2), u16be('relativeTargetPortId'));

/** A group of target ports that are all active/optimized. */
export interface TargetPortGroup {
  readonly targetPortGroup: number;
  readonly relativeTargetPortIds: readonly number[];
}

/** REPORT TARGET PORT GROUPS parameter data; `extended` asks for the extended header (PARAMETER DATA FORMAT 001b). */
export function encodeTargetPortGroups(groups: readonly TargetPortGroup[], extended: boolean): Uint8Array {
  const descriptors = groups.flatMap((group) => [
    targetPortGroupDescriptorLayout.toBytes({
      asymmetricAccessState: 0x0,
      activeOptimizedSupported: 1,
      targetPortGroup: group.targetPortGroup,
      targetPortCount: group.relativeTargetPortIds.length,
    }),
    ...group.relativeTargetPortIds.map((relativeTargetPortId) =>
      targetPortLayout.toBytes({ relativeTargetPortId }),
    ),
  ]);
  const format = extended ? [extendedHeaderLayout.toBytes({ formatType: 1 })] : [];
  const body = Buffer.concat([...format, ...descriptors]);
  return Buffer.concat([lengthLayout.toBytes({ returnDataLength: body.length }), body]);
}

const extendedHeaderLayout = layout(
  'Extended header of REPORT TARGET PORT GROUPS',
  bits({ reserved7: 1, formatType: 3, reserved3: 4 }),
  u8('implicitTransitionTime'),
  reserved(2),
);

/** The groups of parameter data with the plain header, as far as they came. */
export function decodeTargetPortGroups(bytes: Uint8Array): TargetPortGroup[] {
  const groups: TargetPortGroup[] = [];
  let at = lengthLayout.lengthBytes;
  while (at + targetPortGroupDescriptorLayout.lengthBytes <= bytes.length) {
    const descriptor = targetPortGroupDescriptorLayout.decode(bytes, at);
    at += targetPortGroupDescriptorLayout.lengthBytes;
    const relativeTargetPortIds: number[] = [];
    for (let port = 0; port < descriptor.targetPortCount; port++, at += targetPortLayout.lengthBytes) {
      if (at + targetPortLayout.lengthBytes > bytes.length) return groups;
      relativeTargetPortIds.push(targetPortLayout.decode(bytes, at).relativeTargetPortId);
    }
    groups.push({ targetPortGroup: descriptor.targetPortGroup, relativeTargetPortIds });
  }
  return groups;
}
