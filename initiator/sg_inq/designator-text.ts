import { ASSOCIATION, DESIGNATOR_TYPE } from '../../protocol/index.js';
import { dumpBytes, dumpWithAddressAndCharacters } from '../sg_persist/hex-dump.js';
import { bigNumberAt, byteAt, hexOf, numberAt, textOf, type Printer } from './bytes.js';
import { walkDesignators, type PlacedDesignator } from './designators.js';

const BINARY = 1;
const ASCII = 2;
const isText = (codeSet: number): boolean => codeSet === 2 || codeSet === 3;

const TRANSPORT: readonly string[] = [
  'Fibre Channel Protocol for SCSI (FCP-5)',
  'SCSI Parallel Interface (SPI-5)',
  'Serial Storage Architecture SCSI-3 Protocol (SSA-S3P)',
  'Serial Bus Protocol for IEEE 1394 (SBP-3)',
  'SCSI RDMA Protocol (SRP)',
  'Internet SCSI (iSCSI)',
  'Serial Attached SCSI Protocol (SPL-4)',
  'Automation/Drive Interface Transport (ADT-2)',
  'AT Attachment Interface (ACS-2)',
  'USB Attached SCSI (UAS-2)',
  'SCSI over PCI Express (SOP)',
  'PCIe',
  'Oxc',
  'Oxd',
  'Oxe',
  'No specific protocol',
];
const USB_ATTACHED = 0x9;
const PCI_EXPRESS = 0xa;

const TYPE: readonly string[] = [
  'vendor specific [0x0]',
  'T10 vendor identification',
  'EUI-64 based',
  'NAA',
  'Relative target port',
  'Target port group',
  'Logical unit group',
  'MD5 logical unit identifier',
  'SCSI name string',
  'Protocol specific port identifier',
  'UUID identifier',
];
const CODE_SET: readonly string[] = ['Reserved [0x0]', 'Binary', 'ASCII', 'UTF-8'];
const ASSOCIATED_WITH: readonly string[] = [
  'Addressed logical unit',
  'Target port',
  'Target device that contains addressed lu',
];

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const named = (names: readonly string[], value: number): string => names[value] ?? `Reserved [${hex(value)}]`;

/** Prints a list of designation descriptors; `page` is how a message names the page it is in. */
export function printDesignators(
  bytes: Uint8Array,
  {
    from,
    end,
    page,
    asHex,
    verbose,
  }: { from: number; end: number; page: string; asHex: boolean; verbose: number },
  printer: Printer,
): void {
  let number = 0;
  for (const step of walkDesignators(bytes, from, end)) {
    if (step.kind === 'broken') {
      printer.err(`${page} VPD page error: around offset=${step.behind}\n`);
      return;
    }
    const { designator } = step;
    number += 1;
    const totalBytes = designator.lengthBytes + (designator.bodyAt - designator.at);
    const title = designator.preSpc ? 'Pre-SPC descriptor' : `Designation descriptor number ${number}`;
    printer.out(`  ${title}, descriptor length: ${totalBytes}\n`);
    if (designator.bodyAt + designator.lengthBytes > end) {
      printer.err(
        `${page} VPD page error: designator length longer than\n     remaining response length=${end - designator.at}\n`,
      );
      return;
    }
    printHead(designator, printer);
    if (asHex) printAsHex(bytes, designator, printer);
    else {
      if (verbose > 0 && designator.type === DESIGNATOR_TYPE.scsiNameString && designator.codeSet === ASCII) {
        printer.err('      << expected UTF-8, use ASCII>>\n');
      }
      printBody(bytes, designator, printer);
    }
  }
}

function printHead(designator: PlacedDesignator, printer: Printer): void {
  const { association, codeSet, protocolIdentifier, type } = designator;
  // PROTOCOL IDENTIFIER counts where PIV says so, for target ports and target devices (SPC-4 7.8.6.1).
  const counts = association === ASSOCIATION.targetPort || association === ASSOCIATION.targetDevice;
  if (designator.protocolIdentifierValid && counts) {
    printer.out(`    transport: ${named(TRANSPORT, protocolIdentifier)}\n`);
  }
  printer.out(`    designator_type: ${named(TYPE, type)},  code_set: ${named(CODE_SET, codeSet)}\n`);
  printer.out(`    associated with the ${named(ASSOCIATED_WITH, association)}\n`);
}

function printAsHex(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): void {
  const header = [...bytes.subarray(designator.at, designator.at + 4)];
  const words = header.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  printer.out(`    designator header(hex): ${words}\n    designator:\n`);
  printer.out(dumpWithAddressAndCharacters(bodyOf(bytes, designator)));
}

const bodyOf = (bytes: Uint8Array, { bodyAt, lengthBytes }: PlacedDesignator): Uint8Array =>
  bytes.subarray(bodyAt, bodyAt + lengthBytes);

/** What a kind of designator is shown as; a text where it is not what the standard says, the bytes follow it. */
type BodyPrinter = (bytes: Uint8Array, designator: PlacedDesignator, printer: Printer) => string | undefined;

const BODY: readonly BodyPrinter[] = [
  vendorSpecificBody,
  t10VendorBody,
  eui64Body,
  naaBody,
  numberedBody('Relative target port', ASSOCIATION.targetPort),
  numberedBody('Target port group', ASSOCIATION.targetPort),
  numberedBody('Logical unit group', ASSOCIATION.logicalUnit),
  md5Body,
  nameStringBody,
  protocolSpecificBody,
  uuidBody,
];

function printBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): void {
  const body = BODY[designator.type];
  const complaint =
    body === undefined ? `reserved designator=${hex(designator.type)}` : body(bytes, designator, printer);
  if (complaint === undefined) return;
  printer.err(`      ${complaint}\n`);
  printer.err(dumpForComplaint(bodyOf(bytes, designator), designator));
}

/** UUIDs and identifiers of NAA 6 that are not as expected are shown with addresses, all others without. */
function dumpForComplaint(body: Uint8Array, { type, codeSet }: PlacedDesignator): string {
  const isNaa6 = type === DESIGNATOR_TYPE.naa && codeSet === BINARY && byteAt(body, 0) >> 4 === 6;
  return isNaa6 || TYPE[type] === 'UUID identifier' ? dumpWithAddressAndCharacters(body) : dumpBytes(body);
}

function vendorSpecificBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): undefined {
  const body = bodyOf(bytes, designator);
  // Of an empty one the first byte is that of what follows.
  const first = byteAt(bytes, designator.bodyAt);
  if (isText(designator.codeSet) && first >= 0x20 && first < 0x7f)
    printer.out(`      vendor specific: ${textOf(body)}\n`);
  else printer.out(`      vendor specific:\n${dumpBytes(body)}`);
}

function t10VendorBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): undefined {
  const body = bodyOf(bytes, designator);
  // Of a designator that is too short the original takes what lies behind it in the page.
  const vendor = bytes.subarray(designator.bodyAt, designator.bodyAt + 8);
  printer.out(`      vendor id: ${textOf(vendor)}\n`);
  if (body.length <= 8) return;
  const rest = body.subarray(8);
  printer.out(`      vendor specific: ${isText(designator.codeSet) ? textOf(rest) : `0x${hexOf(rest)}`}\n`);
}

function eui64Body(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): string | undefined {
  const body = bodyOf(bytes, designator);
  printer.out(`      EUI-64 based ${body.length} byte identifier\n`);
  if (designator.codeSet !== BINARY) return '<< expected binary code_set (1)>>';
  if (body.length !== 8 && body.length !== 12 && body.length !== 16) {
    return '<< can only decode 8, 12 and 16 byte ids>>';
  }
  const companyAt = body.length === 16 ? 8 : 0;
  if (companyAt > 0) printer.out(`      Identifier extension: ${hex(bigNumberAt(body, 0, 8))}\n`);
  printer.out(`      IEEE Company_id: ${hex(numberAt(body, companyAt, 3))}\n`);
  // The original takes six bytes where the standard has five: the next byte of the page comes along.
  const extension = numberAt(bytes, designator.bodyAt + companyAt + 3, 6);
  printer.out(`      Vendor Specific Extension Identifier: ${hex(extension)}\n`);
  if (body.length === 12) printer.out(`      Directory ID: ${hex(numberAt(body, 8, 4))}\n`);
  printer.out(`      [0x${hexOf(body)}]\n`);
  return undefined;
}

/** NAA formats (SPC-4 7.8.6.6): how long, and what their fields are called. */
const NAA: Readonly<Partial<Record<number, { lengthBytes: number; lines: (body: Uint8Array) => string[] }>>> =
  {
    2: {
      lengthBytes: 8,
      lines: (body) => [
        `NAA 2, vendor specific identifier A: ${hex(numberAt(body, 0, 2) & 0xfff)}`,
        `IEEE Company_id: ${hex(numberAt(body, 2, 3))}`,
        `vendor specific identifier B: ${hex(numberAt(body, 5, 3))}`,
      ],
    },
    3: { lengthBytes: 8, lines: () => ['NAA 3, Locally assigned:'] },
    5: { lengthBytes: 8, lines: (body) => registeredLines(5, body) },
    6: {
      lengthBytes: 16,
      lines: (body) => [
        ...registeredLines(6, body),
        `Vendor Specific Identifier Extension: ${hex(bigNumberAt(body, 8, 8))}`,
      ],
    },
  };

function registeredLines(naa: number, body: Uint8Array): string[] {
  const company = (numberAt(body, 0, 4) & 0x0fff_ffff) >>> 4;
  const vendorSpecific = bigNumberAt(body, 0, 8) & 0xf_ffff_ffffn;
  return [
    `NAA ${naa}, IEEE Company_id: ${hex(company)}`,
    `Vendor Specific Identifier: ${hex(vendorSpecific)}`,
  ];
}

function naaBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): string | undefined {
  const body = bodyOf(bytes, designator);
  // Of an empty designator the nibble is that of the byte behind it.
  const naa = byteAt(bytes, designator.bodyAt) >> 4;
  if (designator.codeSet !== BINARY) {
    return `<< expected binary code_set (1), got ${designator.codeSet} for NAA=${naa}>>`;
  }
  const format = NAA[naa];
  if (format === undefined) return `<< bad NAA nibble , expect 2, 3, 5 or 6, got ${naa}>>`;
  if (body.length !== format.lengthBytes) {
    return `<< unexpected NAA ${naa} identifier length: ${hex(body.length)}>>`;
  }
  for (const line of format.lines(body)) printer.out(`      ${line}\n`);
  printer.out(`      [0x${hexOf(body)}]\n`);
  return undefined;
}

function numberedBody(name: string, association: number): BodyPrinter {
  const expected = association === ASSOCIATION.targetPort ? 'target port' : 'logical unit';
  return (bytes, designator, printer) => {
    const { codeSet, lengthBytes } = designator;
    if (codeSet !== BINARY || designator.association !== association || lengthBytes !== 4) {
      return `<< expected binary code_set, ${expected} association, length 4>>`;
    }
    printer.out(`      ${name}: ${hex(numberAt(bytes, designator.bodyAt + 2, 2))}\n`);
    return undefined;
  };
}

function md5Body(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): string | undefined {
  if (designator.codeSet !== BINARY || designator.association !== ASSOCIATION.logicalUnit) {
    return '<< expected binary code_set, logical unit association>>';
  }
  printer.out(`      MD5 logical unit identifier:\n${dumpBytes(bodyOf(bytes, designator))}`);
  return undefined;
}

function nameStringBody(
  bytes: Uint8Array,
  designator: PlacedDesignator,
  printer: Printer,
): string | undefined {
  if (!isText(designator.codeSet)) return '<< expected UTF-8 code_set>>';
  printer.out(`      SCSI name string:\n      ${textOf(bodyOf(bytes, designator))}\n`);
  return undefined;
}

function protocolSpecificBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): undefined {
  if (!designator.protocolIdentifierValid) {
    printer.out(
      '      >>>> Protocol specific port identifier expects protocol\n           identifier to be valid and it is not\n',
    );
  }
  const body = designator.bodyAt;
  if (designator.protocolIdentifier === USB_ATTACHED) {
    printer.out(`      USB device address: ${hex(byteAt(bytes, body) & 0x7f)}\n`);
    printer.out(`      USB interface number: ${hex(byteAt(bytes, body + 2))}\n`);
  } else if (designator.protocolIdentifier === PCI_EXPRESS) {
    const routed = byteAt(bytes, body + 1);
    printer.out(`      PCIe routing ID, bus number: ${hex(byteAt(bytes, body))}\n`);
    printer.out(`          function number: ${hex(routed)}\n`);
    printer.out(`          [or device number: ${hex(routed >> 3)}, function number: ${hex(routed & 7)}]\n`);
  } else {
    printer.out(
      `      >>>> unexpected protocol indentifier: ${named(TRANSPORT, designator.protocolIdentifier)}\n` +
        '           with Protocol specific port identifier\n',
    );
  }
}

function uuidBody(bytes: Uint8Array, designator: PlacedDesignator, printer: Printer): string | undefined {
  const body = bodyOf(bytes, designator);
  if (designator.codeSet !== BINARY) return '<< expected binary code_set >>';
  if (byteAt(body, 0) >> 4 !== 1 || body.length !== 18) {
    return '<< expected locally assigned UUID, 16 bytes long >>';
  }
  printer.out(`      Locally assigned UUID: ${uuidText(body.subarray(2))}\n`);
  return undefined;
}

/** 8-4-4-4 digits and the rest. */
export function uuidText(bytes: Uint8Array): string {
  const digits = hexOf(bytes);
  const groups = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return groups.join('-');
}
