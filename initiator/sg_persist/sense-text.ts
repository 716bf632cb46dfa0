import { additionalSenseName, senseKeyName } from '../../protocol/index.js';
import { dumpBytes } from './hex-dump.js';
import { descriptorText } from './sense-descriptor-text.js';
import { senseKeySpecificText } from './sense-key-specific.js';

/** Sense data after this many bytes is cut off, as the kernel does for a program that gives it a buffer of that size. */
export const SENSE_BUFFER_BYTES = 64;

const FIXED_HEADER_BYTES = 8;

/** Sense data as sg3_utils prints it; `raw` adds the bytes. Prints what is there, however little that is. */
export function senseText(sense: Uint8Array, raw: boolean): string {
  if (sense.length === 0) return ' >>> sense buffer empty\n';
  return readableText(sense) + (raw ? rawText(sense) : '');
}

function readableText(sense: Uint8Array): string {
  const first = sense[0] ?? 0;
  const responseCode = first & 0x7f;
  switch (responseCode) {
    case 0x70:
    case 0x71:
      return fixedText(sense, responseCode === 0x71);
    case 0x72:
    case 0x73:
      return descriptorFormatText(sense, responseCode === 0x73);
    default:
      if (sense.length < 4) return 'sense buffer too short (4 byte minimum)\n';
      if (responseCode === 0x7f) return `Vendor specific sense buffer, in hex:\n${dumpBytes(sense)}`;
      return (
        'Probably uninitialized data.\n  Try to view as SCSI-1 non-extended sense:\n' +
        `  AdValid=${first >> 7}  Error class=${(first >> 4) & 7}  Error code=${first & 0xf}\n` +
        (first >> 7 === 1 ? `  lba=0x${lba21(sense).toString(16)}\n` : '') +
        '\n'
      );
  }
}

const lba21 = (sense: Uint8Array): number =>
  (((sense[1] ?? 0) & 0x1f) << 16) | ((sense[2] ?? 0) << 8) | (sense[3] ?? 0);

function headline(format: string, deferred: boolean, senseKey: number, overflow: boolean): string {
  return (
    `${format} format, ${deferred ? '<<<deferred>>>' : 'current'}; Sense key: ${senseKeyName(senseKey)}\n` +
    (overflow ? '<<<Sense data overflow (SDAT_OVFL)>>>\n' : '')
  );
}

function additionalText(asc: number, ascq: number): string {
  const name = additionalSenseName(asc, ascq);
  if (name !== undefined) return `Additional sense: ${name}\n`;
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  if (asc >= 0x80) return `vendor specific ASC=${hex(asc)}, ASCQ=${hex(ascq)} (hex)\n`;
  const vendor = ascq >= 0x80 ? 'vendor specific qualification ' : '';
  return `ASC=${hex(asc)}, ${vendor}ASCQ=${hex(ascq)} (hex)\n`;
}

/** SPC-4 4.5.3. Sense data is often cut short, so fields are read one by one as far as they came. */
function fixedText(sense: Uint8Array, deferred: boolean): string {
  const flags = sense[2] ?? 0;
  const senseKey = flags & 0x0f;
  let text = headline('Fixed', deferred, senseKey, sense.length > 2 && (flags & 0x10) !== 0);
  if (sense.length < 3) return `${text} fixed descriptor length too short, len=${sense.length}\n`;
  const length =
    sense.length < FIXED_HEADER_BYTES
      ? sense.length
      : Math.min(sense.length, FIXED_HEADER_BYTES + (sense[7] ?? 0));
  const byte = (index: number): number => (index < length ? (sense[index] ?? 0) : 0);
  if (length > 12) text += additionalText(byte(12), byte(13));
  const valid = byte(0) >> 7 === 1;
  if (length > 6) text += informationText(valid, Buffer.from(sense).readUInt32BE(3), flags);
  else if (valid) text += '\n';
  const fieldReplaceableUnit = sense[14] ?? 0;
  // One byte earlier than ADDITIONAL SENSE LENGTH allows: so does the original.
  if (length > 13 && fieldReplaceableUnit !== 0) {
    text += `  Field replaceable unit code: ${fieldReplaceableUnit}\n`;
  }
  if (length > 17 && byte(15) >> 7 === 1) {
    text += `  ${senseKeySpecificText(senseKey, sense.subarray(15, 18), 'fixed')}`;
  }
  return text;
}

/** INFORMATION, and the three flags that belong to tapes and to lengths. */
function informationText(valid: boolean, information: number, flags: number): string {
  let text = '';
  if (valid || information > 0) {
    text += `${valid ? '  ' : '  Valid=0, '}Info fld=0x${information.toString(16)} [${information}] `;
  }
  if ((flags & 0x80) !== 0) text += ' FMK';
  if ((flags & 0x40) !== 0) text += ' EOM';
  if ((flags & 0x20) !== 0) text += ' ILI';
  return text === '' ? '' : `${text}\n`;
}

/** SPC-4 4.5.2. */
function descriptorFormatText(sense: Uint8Array, deferred: boolean): string {
  const senseKey = (sense[1] ?? 0) & 0x0f;
  let text = headline('Descriptor', deferred, senseKey, ((sense[4] ?? 0) & 0x80) !== 0);
  text += additionalText(sense[2] ?? 0, sense[3] ?? 0);
  const end = Math.min(sense.length, 8 + (sense[7] ?? 0));
  for (let offset = 8; offset < end;) {
    const lengthBytes = 2 + (sense[offset + 1] ?? 0);
    const descriptor = sense.subarray(offset, Math.min(end, offset + lengthBytes));
    text += descriptorText(descriptor, senseKey);
    offset += lengthBytes;
  }
  return text;
}

/** The bytes: as many as the sense data says that it has, where it says so. */
function rawText(sense: Uint8Array): string {
  const first = sense[0] ?? 0;
  if (first === 0x7f || first === 0xff) return '';
  const head = ` Raw sense data (in hex), sb_len=${sense.length}`;
  const indent = ' '.repeat(8);
  // The original forgets that VALID shares this byte, and then does not look for a length.
  if (sense.length < FIXED_HEADER_BYTES || first < 0x70 || first > 0x73) {
    return `${head}\n${dumpBytes(sense, indent)}`;
  }
  const embeddedLength = FIXED_HEADER_BYTES + (sense[7] ?? 0);
  const bytes = new Uint8Array(Math.min(embeddedLength, SENSE_BUFFER_BYTES));
  bytes.set(sense.subarray(0, bytes.length));
  return `${head}, embedded_len=${embeddedLength}\n${dumpBytes(bytes, indent)}`;
}
