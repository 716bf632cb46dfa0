import { hexWords } from './hex-dump.js';
import { senseKeySpecificText } from './sense-key-specific.js';

const TOO_SHORT = '   >> descriptor too short\n';

interface DescriptorPrinter {
  readonly label: string;
  readonly lengthBytes: number;
  readonly value: (descriptor: Buffer, senseKey: number) => string;
}

/** Sense data descriptors that a disk sends (SPC-4 4.5.2.1, table 28), by type. */
const PRINTERS: Readonly<Partial<Record<number, DescriptorPrinter>>> = {
  0x00: {
    label: 'Information',
    lengthBytes: 12,
    value: (descriptor) =>
      `${(descriptor[2] ?? 0) >> 7 === 1 ? '' : 'Valid=0 (-> vendor specific) '}${hex64(descriptor)}\n`,
  },
  0x01: { label: 'Command specific', lengthBytes: 12, value: (descriptor) => `${hex64(descriptor)}\n` },
  0x02: {
    label: 'Sense key specific',
    lengthBytes: 8,
    value: (descriptor, senseKey) => senseKeySpecificText(senseKey, descriptor.subarray(4, 7), 'descriptor'),
  },
  0x03: {
    label: 'Field replaceable unit code',
    lengthBytes: 4,
    value: (descriptor) => `0x${(descriptor[3] ?? 0).toString(16)}\n`,
  },
  0x05: {
    label: 'Block commands',
    lengthBytes: 4,
    value: (descriptor) =>
      `Incorrect Length Indicator (ILI) ${((descriptor[3] ?? 0) & 0x20) === 0 ? 'clear' : 'set'}\n`,
  },
};

const hex64 = (descriptor: Buffer): string =>
  `0x${descriptor.readBigUInt64BE(4).toString(16).padStart(16, '0')}`;

/** One sense data descriptor as sg3_utils prints it; a type that disks do not send, as bytes. */
export function descriptorText(descriptor: Uint8Array, senseKey: number): string {
  const type = descriptor[0] ?? 0;
  const printer = PRINTERS[type];
  if (printer === undefined) {
    return `  Descriptor type: 0x${type.toString(16)}\n    ${hexWords(descriptor)}\n`;
  }
  const value =
    descriptor.length < printer.lengthBytes ? TOO_SHORT : printer.value(Buffer.from(descriptor), senseKey);
  return `  Descriptor type: ${printer.label}: ${value}`;
}
