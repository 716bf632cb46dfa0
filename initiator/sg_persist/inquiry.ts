import { inquiryCdb, standardInquiryLayout } from '../../protocol/index.js';
import type { Command } from './pass-through.js';

/** Up to PRODUCT REVISION LEVEL: what is printed, and what every device has. */
const ALLOCATION_LENGTH_BYTES = 36;

/** The first command, unless `-n` was given. */
export const INQUIRY_COMMAND: Command = {
  name: 'inquiry',
  cdb: inquiryCdb({ allocationLength: ALLOCATION_LENGTH_BYTES }),
  dataInLength: ALLOCATION_LENGTH_BYTES,
};

/** By PERIPHERAL DEVICE TYPE (SPC-4 6.6.2). */
const DEVICE_TYPE_NAME: Readonly<Partial<Record<number, string>>> = {
  0x00: 'disk',
  0x01: 'tape',
  0x02: 'printer',
  0x03: 'processor',
  0x04: 'write once optical disk',
  0x05: 'cd/dvd',
  0x06: 'scanner',
  0x07: 'optical memory device',
  0x08: 'medium changer',
  0x09: 'communications',
  0x0a: 'graphics [0xa]',
  0x0b: 'graphics [0xb]',
  0x0c: 'storage array controller',
  0x0d: 'enclosure services device',
  0x0e: 'simplified direct access device',
  0x0f: 'optical card reader/writer device',
  0x10: 'bridge controller commands',
  0x11: 'object based storage',
  0x12: 'automation/driver interface',
  0x13: 'security manager device',
  0x14: 'host managed zoned block',
  0x1e: 'well known logical unit',
  0x1f: 'unknown or no device type',
};

/** What a PERIPHERAL DEVICE TYPE is called. */
export function deviceTypeName(peripheralDeviceType: number): string {
  return DEVICE_TYPE_NAME[peripheralDeviceType] ?? `0x${peripheralDeviceType.toString(16)}`;
}

/** The two lines about the device, from standard INQUIRY data that may be cut short. */
export function inquiryText(data: Uint8Array): string {
  const whole = new Uint8Array(standardInquiryLayout.lengthBytes);
  whole.set(data);
  const { vendor, product, revision, peripheralDeviceType } = standardInquiryLayout.decode(whole);
  const identification = [vendor, product, revision].map((text) => text.split('\0', 1)[0]).join('  ');
  return `  ${identification}\n  Peripheral device type: ${deviceTypeName(peripheralDeviceType)}\n`;
}
