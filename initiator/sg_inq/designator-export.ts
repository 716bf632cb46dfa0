import { ASSOCIATION, DESIGNATOR_TYPE } from '../../protocol/index.js';
import { dumpBytes, dumpWithAddressAndCharacters, hexOfLine } from '../sg_persist/hex-dump.js';
import { hexOf, numberAt, textOf, type Printer } from './bytes.js';
import { uuidText } from './designator-text.js';
import { walkDesignators, type PlacedDesignator } from './designators.js';
import { exportedWord, safeWord } from './export-text.js';

const BINARY = 1;
const UTF8 = 3;
const isText = (codeSet: number): boolean => codeSet === 2 || codeSet === UTF8;

/** How udev's variables name what a designator belongs to. */
const OWNER: readonly string[] = ['LUN', 'PORT', 'TARGET'];
const NAA_KIND: Readonly<Partial<Record<number, string>>> = { 2: 'EXT', 5: 'REG', 6: 'REGEXT' };
const USB_ATTACHED = 0x9;
const PCI_EXPRESS = 0xa;
/** Two bytes of function and reserved ones, then 16 (SPC-5). */
const UUID_BYTES_MIN = 18;

/** One variable, or why there is none. */
type Exported = readonly (readonly [name: string, value: string])[] | { readonly complaint: string };
type Exporter = (body: Uint8Array, designator: PlacedDesignator) => Exported;

/**
 * `SCSI_IDENT_LUN_NAA_REGEXT=...`: what a Device Identification page holds as variables for udev, a line each. What
 * cannot be exported is told of with `-v` alone.
 */
export function exportDesignators(
  bytes: Uint8Array,
  { from, end, verbose }: { from: number; end: number; verbose: number },
  printer: Printer,
): void {
  const complain = (text: string): void => {
    if (verbose > 0) printer.err(text);
  };
  for (const step of walkDesignators(bytes, from, end)) {
    if (step.kind === 'broken') {
      complain(`Device identification VPD page error: around offset=${step.behind}\n`);
      return;
    }
    const { designator } = step;
    const { association, bodyAt, lengthBytes, type } = designator;
    if (bodyAt + lengthBytes > end) {
      complain('Device Identification VPD page error: designator length longer than\n');
      complain(`     remaining response length=${end - designator.at}\n`);
      return;
    }
    const owner = OWNER[association];
    if (owner === undefined) {
      complain(`    Invalid association ${association}\n`);
      return;
    }
    const body = bytes.subarray(bodyAt, bodyAt + lengthBytes);
    const exported =
      EXPORTERS[type]?.(body, designator) ?? refused(`reserved designator=0x${type.toString(16)}`);
    if (!('complaint' in exported)) {
      for (const [name, value] of exported) printer.out(`SCSI_IDENT_${owner}_${name}=${value}\n`);
    } else if (PROTOCOL_COMPLAINT.test(exported.complaint)) {
      printer.err(`      ${exported.complaint}\n`);
    } else {
      const plain = EXPORTERS[type] === undefined || type === DESIGNATOR_TYPE.scsiNameString;
      complain(
        `      ${exported.complaint}\n${plain ? dumpBytes(body) : dumpWithAddressAndCharacters(body)}`,
      );
    }
  }
}

/** The one complaint that is made without `-v`, and without the bytes. */
const PROTOCOL_COMPLAINT = /^<< Protocol specific/;

const refused = (complaint: string): Exported => ({ complaint });
const EXPECTED_BINARY = refused('<< expected binary code_set (1)>>');

const EXPORTERS: readonly Exporter[] = [
  (body, { codeSet }) =>
    body.length === 0 ? [] : [['VENDOR', isText(codeSet) ? safeWord(latin1(body)) : hexOf(body)]],
  t10Vendor,
  (body, { codeSet }) => (codeSet === BINARY ? [['EUI64', hexOf(body)]] : EXPECTED_BINARY),
  (body, { codeSet }) =>
    codeSet === BINARY ? [[`NAA_${NAA_KIND[(body[0] ?? 0) >> 4] ?? 'LOCAL'}`, hexOf(body)]] : EXPECTED_BINARY,
  numbered(ASSOCIATION.targetPort, (value) => ['RELATIVE', String(value)]),
  numbered(ASSOCIATION.targetPort, (value) => ['TARGET_PORT_GROUP', `0x${value.toString(16)}`]),
  numbered(ASSOCIATION.logicalUnit, (value) => ['LOGICAL_UNIT_GROUP', `0x${value.toString(16)}`]),
  (body, { codeSet, association }) =>
    codeSet === BINARY && association === ASSOCIATION.logicalUnit
      ? [['MD5', hexOfLine(body)]]
      : refused('<< expected binary code_set, logical unit association>>'),
  (body, { codeSet }) =>
    codeSet === UTF8 ? [['NAME', textOf(body)]] : refused('<< expected UTF-8 code_set>>'),
  protocolSpecific,
  uuid,
];

const latin1 = (body: Uint8Array): string => Buffer.from(body).toString('latin1');

function t10Vendor(body: Uint8Array, { codeSet }: PlacedDesignator): Exported {
  if (!isText(codeSet)) return [['T10', hexOf(body)]];
  const text = latin1(body);
  const t10 = ['T10', safeWord(text)] as const;
  // What a SATA disk has behind a translation layer: `ATA`, its model and its serial number.
  return text.startsWith('ATA     ') ? [t10, ['ATA', exportedWord(text.slice(8))]] : [t10];
}

function numbered(association: number, variable: (value: number) => readonly [string, string]): Exporter {
  const expected = association === ASSOCIATION.targetPort ? 'target port' : 'logical unit';
  return (body, designator) =>
    designator.codeSet === BINARY && designator.association === association && body.length === 4
      ? [variable(numberAt(body, 2, 2))]
      : refused(`<< expected binary code_set, ${expected} association, length 4>>`);
}

function protocolSpecific(body: Uint8Array, { association, protocolIdentifier }: PlacedDesignator): Exported {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  switch (protocolIdentifier) {
    case USB_ATTACHED:
      if (body.length !== 4 || association !== ASSOCIATION.targetPort) {
        return refused('<< UAS (USB) expected target port association>>');
      }
      return [
        ['UAS_DEVICE_ADDRESS', hex(numberAt(body, 0, 1) & 0x7f)],
        ['UAS_INTERFACE_NUMBER', hex(numberAt(body, 2, 1))],
      ];
    case PCI_EXPRESS:
      if (body.length !== 8) return refused(`<< SOP (PCIe) descriptor length=${body.length} >>`);
      return [['SOP_ROUTING_ID', hex(numberAt(body, 0, 2))]];
    default:
      return refused(`<< Protocol specific port identifier protocol_id=${hex(protocolIdentifier)}>>`);
  }
}

function uuid(body: Uint8Array, { codeSet }: PlacedDesignator): Exported {
  if (codeSet !== BINARY) return EXPECTED_BINARY;
  if (body.length < UUID_BYTES_MIN) {
    return refused(`<< short UUID field expected ${UUID_BYTES_MIN} or more, got ${body.length} >>`);
  }
  return [['UUID', uuidText(body.subarray(2))]];
}
