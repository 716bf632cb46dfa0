import { deviceTypeName } from '../sg_persist/inquiry.js';
import { bitsAt, byteAt, numberAt, textOf, type Printer } from './bytes.js';
import { encodedBytes, exportedWord } from './export-text.js';
import { versionDescriptorName } from './version-descriptor-table.js';

/** Where the fields of standard INQUIRY data begin that are text (SPC-4 6.6.2). */
const VENDOR = { at: 8, end: 16 } as const;
const PRODUCT = { at: 16, end: 32 } as const;
const REVISION = { at: 32, end: 36 } as const;
const VENDOR_SPECIFIC = { at: 36, end: 56 } as const;
const VENDOR_PARAMETERS_AT = 96;
const SPI_AT = 56;
const DESCRIPTORS = { at: 58, count: 8 } as const;
/** What SCSI-2 and later have at least. */
const EXPECTED_BYTES_MIN = 36;

const VERSION_NAME: readonly string[] = [
  'no conformance claimed',
  'SCSI-1',
  'SCSI-2',
  'SPC',
  'SPC-2',
  'SPC-3',
  'SPC-4',
  'SPC-5',
];

/** Standard INQUIRY data with what else is known of them. */
export interface StandardData {
  /** As far as they count: what came, or less where they say that they are shorter. */
  readonly bytes: Uint8Array;
  /** All that came. */
  readonly received: Uint8Array;
  readonly serialNumber: string | undefined;
}

export function totalBytesOf(bytes: Uint8Array): number {
  return byteAt(bytes, 4) + 5;
}

function qualifierNote(qualifier: number): string {
  switch (qualifier) {
    case 0:
      return '';
    case 1:
      return ' [PQ indicates LU temporarily unavailable]';
    case 3:
      return ' [PQ indicates LU not accessible via this port]';
    default:
      return ` [reserved or vendor specific qualifier [${qualifier}]]`;
  }
}

/**
 * What flags are read from. Of data that say to be shorter than what came the original clears the byte behind their end
 * alone.
 */
function flagBytes({ bytes, received }: StandardData): Uint8Array {
  const flags = Uint8Array.from(received);
  if (bytes.length < flags.length) flags[bytes.length] = 0;
  return flags;
}

/** Flags of the first eight bytes and of byte 56: a line a row, each with its byte, highest bit and width. */
function flagLines(data: StandardData): string[] {
  const flags = flagBytes(data);
  const bit = (offset: number, high: number, width = 1): number => bitsAt(flags, offset, high, width);
  const version = byteAt(flags, 2);
  const multiPort = bit(6, 4) === 1 ? `MultiP=1 (VS=${bit(6, 5)})` : 'MultiP=0';
  const lines = [
    `  PQual=${bit(0, 7, 3)}  PDT=${bit(0, 4, 5)}  RMB=${bit(1, 7)}  LU_CONG=${bit(1, 6)}  hot_pluggable=${bit(1, 5, 2)}` +
      `  version=0x${version.toString(16).padStart(2, '0')}  [${VERSION_NAME[version & 7] ?? ''}]`,
    `  [AERC=${bit(3, 7)}]  [TrmTsk=${bit(3, 6)}]  NormACA=${bit(3, 5)}  HiSUP=${bit(3, 4)}  Resp_data_format=${bit(3, 3, 4)}`,
    `  SCCS=${bit(5, 7)}  ACC=${bit(5, 6)}  TPGS=${bit(5, 5, 2)}  3PC=${bit(5, 3)}  Protect=${bit(5, 0)}  [BQue=${bit(6, 7)}]`,
    `  EncServ=${bit(6, 6)}  ${multiPort}  [MChngr=${bit(6, 3)}]  [ACKREQQ=${bit(6, 2)}]  Addr16=${bit(6, 0)}`,
    `  [RelAdr=${bit(7, 7)}]  WBus16=${bit(7, 5)}  Sync=${bit(7, 4)}  [Linked=${bit(7, 3)}]  [TranDis=${bit(7, 2)}]` +
      `  CmdQue=${bit(7, 1)}`,
  ];
  if (data.bytes.length > SPI_AT) {
    lines.push(`  [SPI: Clocking=0x${bit(SPI_AT, 3, 2)}  QAS=${bit(SPI_AT, 1)}  IUS=${bit(SPI_AT, 0)}]`);
  }
  return lines;
}

/** A text field as far as it came. */
const field = (bytes: Uint8Array, { at, end }: { at: number; end: number }): Uint8Array =>
  bytes.subarray(at, end);

/** What standard INQUIRY data say, a fact after the other. `vendor`: how often `-s` was given. */
export function printStandard(
  data: StandardData,
  { vendor, descriptors }: { vendor: number; descriptors: boolean },
  printer: Printer,
): void {
  const { bytes, serialNumber } = data;
  printer.out(`standard INQUIRY:${qualifierNote(bitsAt(bytes, 0, 7, 3))}\n`);
  for (const line of flagLines(data)) printer.out(`${line}\n`);
  printer.out(
    `    ${lengthText(bytes)}   Peripheral device type: ${deviceTypeName(bitsAt(bytes, 0, 4, 5))}\n`,
  );
  if (bytes.length <= VENDOR.at) {
    printer.out(` Inquiry response length=${bytes.length}, no vendor, product or revision data\n`);
  } else {
    const text = (place: { at: number; end: number }): string =>
      bytes.length > place.at ? textOf(field(bytes, place)) : '<none>';
    printer.out(` Vendor identification: ${text(VENDOR).replaceAll('\t', ' ')}\n`);
    printer.out(` Product identification: ${text(PRODUCT)}\n`);
    printer.out(` Product revision level: ${text(REVISION)}\n`);
    for (const own of vendorFields(bytes, vendor)) printer.out(` Vendor specific: ${textOf(own)}\n`);
  }
  if (serialNumber !== undefined) printer.out(` Unit serial number: ${serialNumber}\n`);
  if (descriptors) printVersionDescriptors(bytes, printer);
}

function lengthText(bytes: Uint8Array): string {
  const total = totalBytesOf(bytes);
  const short = bytes.length < total ? `, but only fetched ${bytes.length} bytes` : '';
  const expected =
    byteAt(bytes, 2) >= 2 && total < EXPECTED_BYTES_MIN ? '\n  [for SCSI>=2, len>=36 is expected]' : '';
  return `length=${total} (0x${total.toString(16)})${short}${expected}`;
}

/** What the vendor put behind the revision, unless it begins with a blank or nothing, and behind byte 96. */
function vendorFields(bytes: Uint8Array, vendor: number): Uint8Array[] {
  const fields: Uint8Array[] = [];
  const first = byteAt(bytes, VENDOR_SPECIFIC.at);
  if (vendor > 0 && first !== 0 && first !== 0x20) fields.push(field(bytes, VENDOR_SPECIFIC));
  if (vendor > 1 && bytes.length > VENDOR_PARAMETERS_AT) fields.push(bytes.subarray(VENDOR_PARAMETERS_AT));
  return fields;
}

function printVersionDescriptors(bytes: Uint8Array, printer: Printer): void {
  const codes: number[] = [];
  for (let index = 0; index < DESCRIPTORS.count; index += 1) {
    const at = DESCRIPTORS.at + 2 * index;
    const code = at + 2 <= bytes.length ? numberAt(bytes, at, 2) : 0;
    if (code === 0) break;
    codes.push(code);
  }
  printer.out(codes.length > 0 ? '\n  Version descriptors:\n' : '\n  No version descriptors available\n');
  for (const code of codes) {
    const unknown = `[unrecognised version descriptor code: 0x${code.toString(16)}]`;
    printer.out(`    ${versionDescriptorName(code) ?? unknown}\n`);
  }
}

/** Standard INQUIRY data as variables for udev. */
export function exportStandard(data: StandardData, vendor: number, printer: Printer): void {
  const { bytes } = data;
  printer.out(`SCSI_TPGS=${bitsAt(flagBytes(data), 5, 5, 2)}\n`);
  printer.out(`SCSI_TYPE=${deviceTypeName(bitsAt(bytes, 0, 4, 5))}\n`);
  const latin1 = (place: { at: number; end: number }): string =>
    Buffer.from(field(bytes, place)).toString('latin1');
  const encoded = (place: { at: number; end: number }): string =>
    encodedBytes(latin1(place).padEnd(place.end - place.at, '\0'));
  if (bytes.length > VENDOR.at) {
    printer.out(`SCSI_VENDOR=${exportedWord(latin1(VENDOR))}\nSCSI_VENDOR_ENC=${encoded(VENDOR)}\n`);
  }
  if (bytes.length > PRODUCT.at) {
    printer.out(`SCSI_MODEL=${exportedWord(latin1(PRODUCT))}\nSCSI_MODEL_ENC=${encoded(PRODUCT)}\n`);
  }
  if (bytes.length > REVISION.at) printer.out(`SCSI_REVISION=${exportedWord(latin1(REVISION))}\n`);
  for (const own of vendorFields(bytes, vendor)) {
    const word = exportedWord(Buffer.from(own).toString('latin1'));
    if (word !== '') printer.out(`VENDOR_SPECIFIC=${word}\n`);
  }
}
