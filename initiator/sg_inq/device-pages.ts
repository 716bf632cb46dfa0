import { dumpBytes, dumpWithAddress, dumpWithAddressAndCharacters } from '../sg_persist/hex-dump.js';
import { transportIdText } from '../sg_persist/transport-id-text.js';
import { bitsAt, byteAt, numberAt, textOf, type Printer } from './bytes.js';
import { printDesignators } from './designator-text.js';

const HEADER_BYTES = 4;

/** Whether descriptors are shown as bytes, and how often `-v` was given. */
interface PageForm {
  readonly asHex: boolean;
  readonly verbose: number;
}

/** A list that is cut within a descriptor, as messages tell it. */
const shortDescriptor = (page: string, length: number, left: number): string =>
  `${page}, short descriptor length=${length}, left=${left}\n`;

/** Software Interface Identification VPD page (SPC-4). */
export function printSoftwareInterfaces(page: Uint8Array, printer: Printer): void {
  for (let at = HEADER_BYTES; at + 6 <= page.length; at += 6) {
    const [company, extension] = [numberAt(page, at, 3), numberAt(page, at + 3, 3)].map(
      (value) => `0x${value.toString(16).padStart(6, '0')}`,
    );
    printer.out(`    IEEE Company_id: ${company}, vendor specific extension id: ${extension}\n`);
  }
}

const NETWORK_SERVICE: readonly string[] = [
  'unspecified',
  'storage configuration service',
  'diagnostics',
  'status',
  'logging',
  'code download',
  'copy service',
  'administrative configuration service',
];
const NETWORK_ASSOCIATION: readonly string[] = [
  'addressed logical unit',
  'target port',
  'target device that contains addressed lu',
  'reserved [0x3]',
];

/** Management Network Addresses VPD page (SPC-4). */
export function printNetworkAddresses(page: Uint8Array, { asHex }: PageForm, printer: Printer): void {
  const name = 'Management network addresses VPD page';
  if (page.length < HEADER_BYTES) {
    printer.err(`${name} length too short=${page.length}\n`);
    return;
  }
  for (let at = HEADER_BYTES; at < page.length;) {
    const service = bitsAt(page, at, 4, 5);
    const serviceName = NETWORK_SERVICE[service] ?? `[0x${service.toString(16)}]`;
    printer.out(`  ${NETWORK_ASSOCIATION[bitsAt(page, at, 6, 2)] ?? ''}, Service type: ${serviceName}\n`);
    const addressBytes = numberAt(page, at + 2, 2);
    const totalBytes = 4 + addressBytes;
    if (at + totalBytes > page.length) {
      printer.err(shortDescriptor(name, totalBytes, page.length - at));
      return;
    }
    const address = page.subarray(at + 4, at + totalBytes);
    if (address.length > 0) {
      if (asHex) printer.out(`    Network address:\n${dumpWithAddressAndCharacters(address)}`);
      // Up to a NUL, wherever that is: SPC-4 demands one.
      else printer.out(`    ${textOf(page.subarray(at + 4))}\n`);
    }
    at += totalBytes;
  }
}

const MODE_PAGE_POLICY: readonly string[] = [
  'shared',
  'per target port',
  'per initiator port',
  'per I_T nexus',
];

/** Mode Page Policy VPD page (SPC-4). */
export function printModePagePolicies(page: Uint8Array, { asHex }: PageForm, printer: Printer): void {
  const name = 'Mode page policy VPD page';
  if (page.length < HEADER_BYTES) {
    printer.err(`${name} length too short=${page.length}\n`);
    return;
  }
  for (let at = HEADER_BYTES; at < page.length; at += 4) {
    if (at + 4 > page.length) {
      printer.err(shortDescriptor(name, 4, page.length - at));
      return;
    }
    if (asHex) {
      printer.out(dumpBytes(page.subarray(at, at + 4)));
      continue;
    }
    const subpage = byteAt(page, at + 1);
    printer.out(`  Policy page code: 0x${bitsAt(page, at, 5, 6).toString(16)}`);
    printer.out(subpage === 0 ? '\n' : `,  subpage code: 0x${subpage.toString(16)}\n`);
    const policy = MODE_PAGE_POLICY[bitsAt(page, at + 2, 1, 2)] ?? '';
    printer.out(`    MLUS=${bitsAt(page, at + 2, 7, 1)},  Policy: ${policy}\n`);
  }
}

/** How much less sg_inq indents a TransportID than sg_persist does. */
const LESS_INDENT = /^ {5}/gm;

/** SCSI Ports VPD page (SPC-4). */
export function printScsiPorts(page: Uint8Array, { asHex, verbose }: PageForm, printer: Printer): void {
  if (page.length < HEADER_BYTES) {
    printer.err(`SCSI Ports VPD page length too short=${page.length}\n`);
    return;
  }
  for (let at = HEADER_BYTES; at < page.length;) {
    printer.out(`Relative port=${numberAt(page, at + 2, 2)}\n`);
    const initiatorBytes = numberAt(page, at + 6, 2);
    const targetAt = at + 8 + initiatorBytes + 4;
    if (at + 8 + initiatorBytes > page.length) {
      printer.err(shortDescriptor('SCSI Ports VPD page', 8 + initiatorBytes, page.length - at));
      return;
    }
    printInitiatorPort(page.subarray(at + 8, at + 8 + initiatorBytes), asHex, printer);
    const targetBytes = numberAt(page, targetAt - 2, 2);
    if (targetAt + targetBytes > page.length) {
      // The length told is that of the part before.
      const [length, left] = [8 + initiatorBytes, page.length - at];
      printer.err(`SCSI Ports VPD page, short descriptor(tgt) length=${length}, left=${left}\n`);
      return;
    }
    if (targetBytes > 0) {
      printer.out(' Target port descriptor(s):\n');
      if (asHex) printer.out(dumpBytes(page.subarray(targetAt, targetAt + targetBytes)));
      else {
        const list = {
          from: targetAt,
          end: targetAt + targetBytes,
          page: 'SCSI Ports',
          asHex: false,
          verbose,
        };
        printDesignators(page, list, printer);
      }
    }
    at = targetAt + targetBytes;
  }
}

function printInitiatorPort(transportId: Uint8Array, asHex: boolean, printer: Printer): void {
  if (transportId.length === 0) return;
  if (asHex) {
    printer.out(` Initiator port transport id:\n${dumpBytes(transportId)}`);
    return;
  }
  printer.out(` Transport Id of initiator:\n${transportIdText(transportId).replace(LESS_INDENT, '')}`);
}

/** SCSI Feature Sets VPD page (SPC-5): the sets of each standard, by the upper byte of their code. */
const FEATURE_SETS: readonly {
  readonly standard: string;
  readonly names: Readonly<Record<number, string>>;
}[] = [
  { standard: 'SPC', names: { 1: 'Discovery 2016' } },
  {
    standard: 'SBC',
    names: {
      1: 'SBC Base 2016',
      2: 'SBC Base 2010',
      3: 'Basic provisioning 2016',
      4: 'Drive maintenance 2016',
    },
  },
  { standard: 'SSC', names: {} },
  {
    standard: 'ZBC',
    names: { 0: 'Host Aware 2020', 1: 'Host Managed 2020', 2: 'Domains and Realms 2020' },
  },
];

/** With `-v` the standard and the code as well, with `-vv` whether the code is known. */
function featureSetText(code: number, verbose: number): string {
  const sets = FEATURE_SETS[code >> 8];
  const name = sets?.names[code & 0xff];
  const number = verbose > 0 ? ` [0x${code.toString(16)}]` : '';
  const found = verbose > 1 ? ` found=${name !== undefined}` : '';
  if (sets === undefined) return `Reserved${number}${found}`;
  if (name === undefined) return `${sets.standard} Reserved${number}${found}`;
  return `${verbose > 0 ? `${sets.standard} ` : ''}${name}${number}${found}`;
}

export function printFeatureSets(page: Uint8Array, { asHex, verbose }: PageForm, printer: Printer): void {
  if (page.length < HEADER_BYTES) {
    printer.err(`SCSI Feature sets VPD page length too short=${page.length}\n`);
    return;
  }
  for (let at = 8; at < page.length; at += 2) {
    if (at + 2 > page.length) {
      printer.err(shortDescriptor('SCSI Feature sets', 2, page.length - at));
      return;
    }
    if (asHex) {
      // The original shows what lies eight bytes further on.
      printer.out(dumpWithAddress(Uint8Array.of(byteAt(page, at + 8), byteAt(page, at + 9))));
    } else {
      printer.out(`    ${featureSetText(numberAt(page, at, 2), verbose)}\n`);
    }
  }
}

export const POWER_CONDITION_BYTES_MIN = 18;

/** Power Condition VPD page (SPC-4). */
export function printPowerCondition(page: Uint8Array, printer: Printer): void {
  if (page.length < POWER_CONDITION_BYTES_MIN) {
    printer.err(`Power condition VPD page length too short=${page.length}\n`);
    return;
  }
  const [y, z] = [bitsAt(page, 4, 1, 1), bitsAt(page, 4, 0, 1)];
  const [c, b, a] = [bitsAt(page, 5, 2, 1), bitsAt(page, 5, 1, 1), bitsAt(page, 5, 0, 1)];
  printer.out(`  Standby_y=${y} Standby_z=${z} Idle_c=${c} Idle_b=${b} Idle_a=${a}\n`);
  ['Stopped', 'Standby_z', 'Standby_y', 'Idle_a', 'Idle_b', 'Idle_c'].forEach((condition, index) => {
    printer.out(`  ${condition} condition recovery time (ms) ${numberAt(page, 6 + 2 * index, 2)}\n`);
  });
}

export const EXTENDED_INQUIRY_BYTES_MIN = 7;

/** Extended INQUIRY Data VPD page (SPC-5): `NAME=` and where it lies, byte, highest bit and width, a line a row. */
type Flag = readonly [name: string, byte: number, high: number, width?: number];
const EXTENDED_INQUIRY_LINES: readonly (readonly Flag[])[] = [
  [
    ['ACTIVATE_MICROCODE', 4, 7, 2],
    ['SPT', 4, 5, 3],
    ['GRD_CHK', 4, 2],
    ['APP_CHK', 4, 1],
    ['REF_CHK', 4, 0],
  ],
  [
    ['UASK_SUP', 5, 5],
    ['GROUP_SUP', 5, 4],
    ['PRIOR_SUP', 5, 3],
    ['HEADSUP', 5, 2],
    ['ORDSUP', 5, 1],
    ['SIMPSUP', 5, 0],
  ],
  [
    ['WU_SUP', 6, 3],
    ['[CRD_SUP', 6, 2],
    ['NV_SUP', 6, 1],
    ['V_SUP', 6, 0],
  ],
  [
    ['NO_PI_CHK', 7, 5],
    ['P_I_I_SUP', 7, 4],
    ['LUICLR', 7, 0],
  ],
  [
    ['LU_COLL_TYPE', 8, 7, 3],
    ['R_SUP', 8, 4],
    ['RTD_SUP', 8, 3],
    ['HSSRELEF', 8, 1],
    ['[CBCS', 8, 0],
  ],
  [['Multi I_T nexus microcode download', 9, 3, 4]],
  [['Extended self-test completion minutes', 10, 15, 16]],
  [
    ['POA_SUP', 12, 7],
    ['HRA_SUP', 12, 6],
    ['VSA_SUP', 12, 5],
    ['DMS_VALID', 12, 4],
  ],
  [['Maximum supported sense data length', 13, 7, 8]],
  [
    ['IBS', 14, 7],
    ['IAS', 14, 6],
    ['SAC', 14, 2],
    ['NRD1', 14, 1],
    ['NRD0', 14, 0],
  ],
  [['Maximum inquiry change logs', 15, 15, 16]],
  [['Maximum mode page change logs', 17, 15, 16]],
  [
    ['DM_MD_4', 19, 7],
    ['DM_MD_5', 19, 6],
    ['DM_MD_6', 19, 5],
    ['DM_MD_7', 19, 4],
  ],
  [
    ['DM_MD_D', 19, 3],
    ['DM_MD_E', 19, 2],
    ['DM_MD_F', 19, 1],
  ],
];

export function printExtendedInquiry(page: Uint8Array, printer: Printer): void {
  if (page.length < EXTENDED_INQUIRY_BYTES_MIN) {
    printer.err(`Extended INQUIRY data VPD page length too short=${page.length}\n`);
    return;
  }
  for (const flags of EXTENDED_INQUIRY_LINES) {
    const words = flags.map(([name, byte, high, width = 1]) => {
      const value = width === 16 ? numberAt(page, byte, 2) : bitsAt(page, byte, high, width);
      return `${name}=${value}${name.startsWith('[') ? ']' : ''}`;
    });
    printer.out(`  ${words.join(' ')}\n`);
  }
}

/** ASCII Information VPD page (SPC-4): its lines, and after them whatever the vendor put there. */
export function printAsciiInformation(page: Uint8Array, printer: Printer): void {
  if (page.length < HEADER_BYTES) {
    printer.err(`ASCII information VPD page length too short=${page.length}\n`);
    return;
  }
  const asciiBytes = byteAt(page, 4);
  const end = Math.min(page.length, 5 + asciiBytes);
  for (let at = 5; at < end;) {
    const line = textOf(page.subarray(at, end));
    printer.out(`  ${line}\n`);
    at += line.length + 1;
  }
  if (5 + asciiBytes < page.length) {
    printer.out(`Vendor specific information in hex:\n${dumpWithAddressAndCharacters(page.subarray(end))}`);
  }
}
