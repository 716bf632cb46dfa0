import { bits, layout, reserved, u16be, u8 } from '../layout.js';
import { PROTOCOL_IDENTIFIER } from './transport-id-bytes.js';

/** Header of a designation descriptor (SPC-4 7.8.6.1). */
export const designationDescriptorHeaderLayout = layout(
  'Designation descriptor',
  bits({ protocolIdentifier: 4, codeSet: 4 }),
  bits({ protocolIdentifierValid: 1, reserved6: 1, association: 2, designatorType: 4 }),
  reserved(1),
  u8('designatorLength'),
);

const relativeTargetPortLayout = layout('Relative target port designator', reserved(2), u16be('identifier'));

/** DESIGNATOR TYPE (SPC-4). */
export const DESIGNATOR_TYPE = {
  t10VendorId: 0x1,
  eui64: 0x2,
  naa: 0x3,
  relativeTargetPort: 0x4,
  targetPortGroup: 0x5,
  scsiNameString: 0x8,
} as const;

/** What a designator names (SPC-4). */
export const ASSOCIATION = { logicalUnit: 0, targetPort: 1, targetDevice: 2 } as const;

const CODE_SET = { binary: 1, ascii: 2, utf8: 3 } as const;
const BINARY_TYPES: ReadonlySet<number> = new Set([
  DESIGNATOR_TYPE.eui64,
  DESIGNATOR_TYPE.naa,
  DESIGNATOR_TYPE.relativeTargetPort,
  DESIGNATOR_TYPE.targetPortGroup,
]);

/** One designation descriptor by meaning. */
export interface Designator {
  readonly association: number;
  readonly type: number;
  readonly designator: Uint8Array;
}

export function naaDesignator(naa: Uint8Array): Designator {
  return { association: ASSOCIATION.logicalUnit, type: DESIGNATOR_TYPE.naa, designator: naa };
}

/** T10 VENDOR IDENTIFICATION and a vendor specific identifier (SPC-4 7.8.6.4). */
export function t10VendorIdDesignator(vendor: string, identifier: string): Designator {
  return {
    association: ASSOCIATION.logicalUnit,
    type: DESIGNATOR_TYPE.t10VendorId,
    designator: Buffer.from(vendor.padEnd(8, ' ') + identifier, 'latin1'),
  };
}

/** A SCSI name string, NUL-terminated and padded to a multiple of four bytes (SPC-4 7.8.6.11). */
export function scsiNameStringDesignator(association: number, name: string): Designator {
  const bytes = Buffer.from(name, 'utf8');
  const padded = Buffer.alloc((bytes.length + 4) & ~3);
  bytes.copy(padded);
  return { association, type: DESIGNATOR_TYPE.scsiNameString, designator: padded };
}

export function relativeTargetPortDesignator(identifier: number): Designator {
  return numbered(DESIGNATOR_TYPE.relativeTargetPort, identifier);
}

export function targetPortGroupDesignator(identifier: number): Designator {
  return numbered(DESIGNATOR_TYPE.targetPortGroup, identifier);
}

function numbered(type: number, identifier: number): Designator {
  return {
    association: ASSOCIATION.targetPort,
    type,
    designator: relativeTargetPortLayout.toBytes({ identifier }),
  };
}

export function encodeDesignators(designators: readonly Designator[]): Uint8Array {
  return Buffer.concat(designators.flatMap((one) => [encodeHeader(one), one.designator]));
}

function encodeHeader({ association, type, designator }: Designator): Uint8Array {
  // PIV says that PROTOCOL IDENTIFIER counts, which it does for ports and devices only.
  const ofProtocol = association !== ASSOCIATION.logicalUnit;
  return designationDescriptorHeaderLayout.toBytes({
    protocolIdentifier: ofProtocol ? PROTOCOL_IDENTIFIER.iscsi : 0,
    codeSet: codeSetOf(type),
    protocolIdentifierValid: ofProtocol ? 1 : 0,
    association,
    designatorType: type,
    designatorLength: designator.length,
  });
}

function codeSetOf(type: number): number {
  if (BINARY_TYPES.has(type)) return CODE_SET.binary;
  return type === DESIGNATOR_TYPE.scsiNameString ? CODE_SET.utf8 : CODE_SET.ascii;
}

/** The designators that came whole. */
export function decodeDesignators(bytes: Uint8Array): Designator[] {
  const found: Designator[] = [];
  let at = 0;
  while (at + designationDescriptorHeaderLayout.lengthBytes <= bytes.length) {
    const header = designationDescriptorHeaderLayout.decode(bytes, at);
    at += designationDescriptorHeaderLayout.lengthBytes;
    if (at + header.designatorLength > bytes.length) break;
    found.push({
      association: header.association,
      type: header.designatorType,
      designator: bytes.slice(at, at + header.designatorLength),
    });
    at += header.designatorLength;
  }
  return found;
}
