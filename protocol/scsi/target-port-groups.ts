import { bits, layout, reserved, u16be, u32be, u8 } from '../layout.js';

const lengthLayout = layout('REPORT TARGET PORT GROUPS parameter data', u32be('returnDataLength'));

/** ASYMMETRIC ACCESS STATE (SPC-4 6.37). */
export const ASYMMETRIC_ACCESS_STATE = {
  activeOptimized: 0x0,
  activeNonOptimized: 0x1,
  standby: 0x2,
  unavailable: 0x3,
  offline: 0xe,
  transitioning: 0xf,
} as const;
export type AsymmetricAccessState = keyof typeof ASYMMETRIC_ACCESS_STATE;

/** STATUS CODE: by what a group came into its state (SPC-4 6.37). */
export const ACCESS_STATE_CHANGED_BY = { nothing: 0, setTargetPortGroups: 1, implicitly: 2 } as const;
export type AccessStateChangedBy = keyof typeof ACCESS_STATE_CHANGED_BY;

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

/** A target port group as a logical unit reports it; every state is supported. */
export interface ReportedTargetPortGroup {
  /** Undefined: a code that the standard reserves. */
  readonly state: AsymmetricAccessState | undefined;
  readonly changedBy: AccessStateChangedBy | undefined;
  readonly targetPortGroup: number;
  readonly relativeTargetPortIds: readonly number[];
}

/** A group of target ports with its state. */
export type TargetPortGroupState = ReportedTargetPortGroup & {
  readonly state: AsymmetricAccessState;
  readonly changedBy: AccessStateChangedBy;
};

/** REPORT TARGET PORT GROUPS parameter data; `extended` asks for the extended header (PARAMETER DATA FORMAT 001b). */
export function encodeTargetPortGroups(
  groups: readonly TargetPortGroupState[],
  extended: boolean,
): Uint8Array {
  const descriptors = groups.flatMap((group) => [
    targetPortGroupDescriptorLayout.toBytes({
      asymmetricAccessState: ASYMMETRIC_ACCESS_STATE[group.state],
      transitioningSupported: 1,
      offlineSupported: 1,
      unavailableSupported: 1,
      standbySupported: 1,
      activeNonOptimizedSupported: 1,
      activeOptimizedSupported: 1,
      targetPortGroup: group.targetPortGroup,
      statusCode: ACCESS_STATE_CHANGED_BY[group.changedBy],
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
export function decodeTargetPortGroups(bytes: Uint8Array): ReportedTargetPortGroup[] {
  const groups: ReportedTargetPortGroup[] = [];
  let at = lengthLayout.lengthBytes;
  while (at + targetPortGroupDescriptorLayout.lengthBytes <= bytes.length) {
    const descriptor = targetPortGroupDescriptorLayout.decode(bytes, at);
    at += targetPortGroupDescriptorLayout.lengthBytes;
    const relativeTargetPortIds: number[] = [];
    for (let port = 0; port < descriptor.targetPortCount; port++, at += targetPortLayout.lengthBytes) {
      if (at + targetPortLayout.lengthBytes > bytes.length) return groups;
      relativeTargetPortIds.push(targetPortLayout.decode(bytes, at).relativeTargetPortId);
    }
    groups.push({
      state: STATES.get(descriptor.asymmetricAccessState),
      changedBy: CHANGED_BY.get(descriptor.statusCode),
      targetPortGroup: descriptor.targetPortGroup,
      relativeTargetPortIds,
    });
  }
  return groups;
}

/** The state of a code, undefined where the standard reserves it. */
export const asymmetricAccessState = (code: number): AsymmetricAccessState | undefined => STATES.get(code);

const STATES = byCode(ASYMMETRIC_ACCESS_STATE);
const CHANGED_BY = byCode(ACCESS_STATE_CHANGED_BY);

function byCode<Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.entries(codes) as [Name, number][]).map(([name, code]) => [code, name]));
}

/** Set target port group descriptor (SPC-4 6.45). */
export const setTargetPortGroupDescriptorLayout = layout(
  'Set target port group descriptor',
  bits({ reserved7: 4, asymmetricAccessState: 4 }),
  reserved(1),
  u16be('targetPortGroup'),
);
/** Reserved bytes before the descriptors of a SET TARGET PORT GROUPS parameter list. */
export const SET_TARGET_PORT_GROUPS_HEADER_BYTES = 4;

/** SET TARGET PORT GROUPS parameter list (SPC-4 6.45). */
export function encodeSetTargetPortGroups(
  groups: readonly { readonly targetPortGroup: number; readonly state: AsymmetricAccessState }[],
): Uint8Array {
  return Buffer.concat([
    Buffer.alloc(SET_TARGET_PORT_GROUPS_HEADER_BYTES),
    ...groups.map(({ targetPortGroup, state }) =>
      setTargetPortGroupDescriptorLayout.toBytes({
        asymmetricAccessState: ASYMMETRIC_ACCESS_STATE[state],
        targetPortGroup,
      }),
    ),
  ]);
}
