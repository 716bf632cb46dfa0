import { ascii, bits, layout, reserved, u16be, u8, type LayoutValue } from '../layout.js';

/** Standard INQUIRY data, up to the version descriptors and with eight of them (SPC-4 6.6.2). */
export const standardInquiryLayout = layout(
  'Standard INQUIRY data',
  bits({ peripheralQualifier: 3, peripheralDeviceType: 5 }),
  bits({ removableMedium: 1, logicalUnitConglomerate: 1, reserved5: 6 }),
  u8('version'),
  bits({ reserved7: 2, normalAca: 1, hierarchicalSupport: 1, responseDataFormat: 4 }),
  u8('additionalLength'),
  bits({
    sccSupported: 1,
    accessControlsCoordinator: 1,
    targetPortGroupSupport: 2,
    thirdPartyCopy: 1,
    reserved2: 2,
    protect: 1,
  }),
  bits({ reserved7b: 1, enclosureServices: 1, vendorSpecific: 1, multiPort: 1, reserved3: 4 }),
  bits({ reserved7c: 6, commandQueuing: 1, vendorSpecific2: 1 }),
  ascii('vendor', 8),
  ascii('product', 16),
  ascii('revision', 4),
  reserved(22),
  u16be('versionDescriptor1'),
  u16be('versionDescriptor2'),
  u16be('versionDescriptor3'),
  u16be('versionDescriptor4'),
  reserved(8),
);

export type StandardInquiry = LayoutValue<typeof standardInquiryLayout>;

/** PERIPHERAL QUALIFIER and PERIPHERAL DEVICE TYPE as one byte (SPC-4 6.6.2). */
export const PERIPHERAL = {
  /** A direct access block device is connected. */
  directAccessBlock: 0x00,
  /** No logical unit can be at this LUN. */
  absent: 0x7f,
} as const;

/** VERSION DESCRIPTOR values (SPC-4), "no version claimed" where there is one. */
export const VERSION_DESCRIPTOR = { sam5: 0x00a0, iscsi: 0x0960, spc4: 0x0460, sbc3: 0x04c0 } as const;

export function encodeStandardInquiry(value: Partial<StandardInquiry>): Uint8Array {
  return standardInquiryLayout.toBytes({
    ...TEXT_DEFAULTS,
    ...value,
    additionalLength: standardInquiryLayout.lengthBytes - 5,
  });
}

const TEXT_DEFAULTS = { vendor: '', product: '', revision: '' } as const;

/** Reads standard INQUIRY data, however short it was cut; text without its padding. */
export function decodeStandardInquiry(bytes: Uint8Array): StandardInquiry {
  const whole = new Uint8Array(standardInquiryLayout.lengthBytes);
  whole.set(bytes.subarray(0, whole.length));
  const value = standardInquiryLayout.decode(whole);
  return {
    ...value,
    vendor: text(value.vendor),
    product: text(value.product),
    revision: text(value.revision),
  };
}

const text = (padded: string): string => padded.replace(/[\0 ]+$/, '');
