import { VPD_PAGE } from '../../protocol/index.js';
import { dumpBytes, dumpWithAddressAndCharacters } from '../sg_persist/hex-dump.js';
import { printBlockDeviceCharacteristics, printBlockLimits, printReferrals } from './block-pages.js';
import { bitsAt, byteAt, textOf, type Printer } from './bytes.js';
import { exportDesignators } from './designator-export.js';
import { printDesignators } from './designator-text.js';
import {
  EXTENDED_INQUIRY_BYTES_MIN,
  POWER_CONDITION_BYTES_MIN,
  printAsciiInformation,
  printExtendedInquiry,
  printFeatureSets,
  printModePagePolicies,
  printNetworkAddresses,
  printPowerCondition,
  printScsiPorts,
  printSoftwareInterfaces,
} from './device-pages.js';
import { safeWord } from './export-text.js';
import { listedPages } from './fetch.js';
import { supportedPageName } from './page-names.js';

/** How a page is wanted. */
export interface PageView {
  /** How often `-H` was given. */
  readonly hex: number;
  readonly exported: boolean;
  readonly verbose: number;
}

/** A page that is decoded. */
export interface PageDecoder {
  /** Its first line; undefined where the page itself must say what it is. */
  readonly title: string | ((page: Uint8Array) => string);
  /** A shorter page is complained about even where its bytes are wanted. */
  readonly bytesMin?: number;
  /** How often `-H` may be given before the first line is left out. */
  readonly titledUpToHex: number;
  /** How often `-H` may be given before the whole page is shown as bytes. */
  readonly decodedUpToHex: number;
  readonly print: (page: Uint8Array, view: PageView, printer: Printer) => void;
}

/** Bytes of a page: with addresses and characters, or with a second `-H` alone. */
export function pageDump(page: Uint8Array, hex: number): string {
  return hex === 1 ? dumpWithAddressAndCharacters(page) : dumpBytes(page);
}

const plain = (title: string, print: (page: Uint8Array, printer: Printer) => void): PageDecoder => ({
  title: `VPD INQUIRY: ${title}`,
  titledUpToHex: 1,
  decodedUpToHex: 0,
  print: (page, _view, printer) => {
    print(page, printer);
  },
});

const withHex = (
  title: string,
  print: (page: Uint8Array, view: { asHex: boolean; verbose: number }, printer: Printer) => void,
): PageDecoder => ({
  title: `VPD INQUIRY: ${title}`,
  titledUpToHex: 1,
  decodedUpToHex: 2,
  print: (page, { hex, verbose }, printer) => {
    print(page, { asHex: hex > 0, verbose }, printer);
  },
});

const DECODERS: Readonly<Partial<Record<number, PageDecoder>>> = {
  [VPD_PAGE.supportedPages]: plain('Supported VPD pages page', printSupportedPages),
  [VPD_PAGE.unitSerialNumber]: {
    title: 'VPD INQUIRY: Unit serial number page',
    titledUpToHex: 1,
    decodedUpToHex: 0,
    print: printUnitSerialNumber,
  },
  [VPD_PAGE.deviceIdentification]: {
    title: 'VPD INQUIRY: Device Identification page',
    titledUpToHex: 2,
    decodedUpToHex: 2,
    print: printDeviceIdentification,
  },
  0x84: plain('Software interface identification page', printSoftwareInterfaces),
  0x85: withHex('Management network addresses page', printNetworkAddresses),
  [VPD_PAGE.extendedInquiryData]: {
    ...plain('extended INQUIRY data page', printExtendedInquiry),
    bytesMin: EXTENDED_INQUIRY_BYTES_MIN,
  },
  0x87: withHex('Mode page policy', printModePagePolicies),
  0x88: withHex('SCSI Ports page', printScsiPorts),
  0x8a: { ...plain('Power condition page', printPowerCondition), bytesMin: POWER_CONDITION_BYTES_MIN },
  0x92: withHex('SCSI Feature sets', printFeatureSets),
  [VPD_PAGE.blockLimits]: byDeviceType(VPD_PAGE.blockLimits, {
    disk: { title: 'VPD INQUIRY: Block limits page (SBC)', print: printBlockLimits },
    tape: {
      title: 'VPD INQUIRY: Sequential access device capabilities (SSC)',
      print: (page, printer) => {
        printer.out(`  WORM=${bitsAt(page, 4, 0, 1)}\n`);
      },
    },
    objectStorage: { title: 'VPD INQUIRY: OSD information (OSD)' },
  }),
  [VPD_PAGE.blockDeviceCharacteristics]: byDeviceType(VPD_PAGE.blockDeviceCharacteristics, {
    disk: {
      title: 'VPD INQUIRY: Block device characteristics page (SBC)',
      print: printBlockDeviceCharacteristics,
    },
    tape: {
      title: 'Manufactured assigned serial number VPD page (SSC):',
      print: printManufacturerSerialNumber,
    },
    objectStorage: { title: 'Security token VPD page (OSD):' },
    automation: {
      title: 'Manufactured assigned serial number VPD page (ADC):',
      print: printManufacturerSerialNumber,
    },
  }),
  0xb3: byDeviceType(0xb3, {
    disk: { title: 'VPD INQUIRY: Referrals VPD page (SBC)', print: printReferrals },
  }),
};

/** How a page is decoded; undefined where only its bytes are shown. */
export function decoderOf(page: number): PageDecoder | undefined {
  if (page > 0 && page < VPD_PAGE.unitSerialNumber) {
    return plain(`ASCII information page, FRU code=0x${page.toString(16)}`, printAsciiInformation);
  }
  return DECODERS[page];
}

interface Meaning {
  readonly title: string;
  readonly print?: (page: Uint8Array, printer: Printer) => void;
}

/** PERIPHERAL DEVICE TYPEs by the command set that they have. */
const COMMAND_SET: Readonly<Partial<Record<number, 'disk' | 'tape' | 'objectStorage' | 'automation'>>> = {
  0x00: 'disk',
  0x01: 'tape',
  0x04: 'disk',
  0x07: 'disk',
  0x08: 'tape',
  0x11: 'objectStorage',
  0x12: 'automation',
};

/** A page from B0h on, which means another thing for every command set. */
function byDeviceType(
  code: number,
  meanings: Readonly<Partial<Record<'disk' | 'tape' | 'objectStorage' | 'automation', Meaning>>>,
): PageDecoder {
  const deviceTypeOf = (page: Uint8Array): number => byteAt(page, 0) & 0x1f;
  const meaningOf = (page: Uint8Array): Meaning | undefined => {
    const commandSet = COMMAND_SET[deviceTypeOf(page)];
    return commandSet === undefined ? undefined : meanings[commandSet];
  };
  return {
    title: (page) =>
      meaningOf(page)?.title ??
      `VPD INQUIRY: page=0x${code.toString(16)}, pdt=0x${deviceTypeOf(page).toString(16)}`,
    titledUpToHex: 1,
    decodedUpToHex: 0,
    print: (page, _view, printer) => {
      const print = meaningOf(page)?.print;
      if (print !== undefined) {
        print(page, printer);
        return;
      }
      printer.out(`  Unable to decode pdt=0x${deviceTypeOf(page).toString(16)}, in hex:\n`);
      printer.out(dumpWithAddressAndCharacters(page));
    },
  };
}

function printManufacturerSerialNumber(page: Uint8Array, printer: Printer): void {
  printer.out(`  Manufacturer-assigned serial number: ${textOf(page.subarray(4))}\n`);
}

/** The list of supported pages. Of a device that is no disk the original shows bytes, as if `-H` had been given. */
export function printSupportedPages(page: Uint8Array, printer: Printer): void {
  const asHex = byteAt(page, 0) & 0x3f;
  if (asHex > 0) {
    printer.out(pageDump(page, asHex));
    return;
  }
  listSupportedPages(page, printer);
}

export function listSupportedPages(page: Uint8Array, printer: Printer): void {
  if (page.length < 4) {
    printer.err(`Supported VPD pages VPD page length too short=${page.length}\n`);
    return;
  }
  const codes = listedPages(page, printer.err);
  printer.out('   Supported VPD pages:\n');
  for (const code of codes) {
    const name = supportedPageName(code, byteAt(page, 0) & 0x1f);
    printer.out(`     0x${code.toString(16)}${name === undefined ? '' : `\t${name}`}\n`);
  }
}

/** A serial number as printed: NULs are closed up over, and what cannot be printed becomes a blank. */
export function serialNumberText(bytes: Uint8Array): string {
  const closedUp = bytes.filter((byte) => byte !== 0);
  const shown = closedUp.map((byte) => (byte < 0x20 || byte > 0x7e ? 0x20 : byte));
  // Closing up leaves the end of the text where it was, so that its last characters stand there twice.
  return textOf(Buffer.concat([shown, bytes.subarray(shown.length)]));
}

function printUnitSerialNumber(page: Uint8Array, { exported }: PageView, printer: Printer): void {
  const bytes = page.subarray(4);
  if (bytes.length === 0) return;
  const text = serialNumberText(bytes);
  if (exported) printer.out(`SCSI_IDENT_SERIAL=${safeWord(Buffer.from(bytes).toString('latin1'))}\n`);
  else if (text !== '') printer.out(`  Unit serial number: ${text}\n`);
}

function printDeviceIdentification(
  page: Uint8Array,
  { hex, exported, verbose }: PageView,
  printer: Printer,
): void {
  if (exported) {
    exportDesignators(page, { from: 4, end: page.length, verbose }, printer);
  } else if (page.length < 4) {
    printer.err(`Device identification VPD page length too short=${page.length}\n`);
  } else {
    const list = { from: 4, end: page.length, page: 'Device identification', asHex: hex > 0, verbose };
    printDesignators(page, list, printer);
  }
}
