import { CAPACITY_BYTES_MAX } from '../medium/limits.js';
import type { LogicalUnitOptions } from '../options.js';
import { SIZE_EXPECTED, sizeInBytes } from './size.js';

/** One option of a logical unit as text: the same in a LUN SPEC and in YAML. */
export interface LunOption {
  /** A flag stands alone in a LUN SPEC (`thin`) and is `true` or `false` in YAML. */
  readonly kind: 'flag' | 'value';
  /** For messages. */
  readonly expected: string;
  /** What the text sets; undefined where it is not what was expected. */
  readonly read: (text: string) => Partial<LogicalUnitOptions> | undefined;
}

type FlagName = 'thin' | 'readonly' | 'removable' | 'nopr';

const flag = (name: FlagName): LunOption => ({
  kind: 'flag',
  expected: 'true or false',
  read: (text) => (text === 'true' ? { [name]: true } : text === 'false' ? { [name]: false } : undefined),
});

function value(expected: string, read: (text: string) => Partial<LogicalUnitOptions> | undefined): LunOption {
  return { kind: 'value', expected, read };
}

/** Printable ASCII that fits the field (SPC-4 4.4.1). */
const isAscii = (text: string, lengthMax: number): boolean =>
  text.length >= 1 && text.length <= lengthMax && /^[\x20-\x7e]+$/.test(text);

/** A limit of our own: the UNIT SERIAL NUMBER field (SPC-4 7.8.18) is as long as its page allows. */
const SERIAL_LENGTH_MAX = 64;
const REGISTRATIONS_MAX = 65_535;
/** A day. */
const SANITIZE_SECONDS_MAX = 86_400;
/** A power of two up to 1 MiB: LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT (SBC-4) stays small. */
const PHYSICAL_BLOCK_BYTES_MAX = 2 ** 20;

/** Every option of a logical unit but its number. */
export const LUN_OPTIONS: ReadonlyMap<string, LunOption> = new Map<string, LunOption>([
  [
    'size',
    value(SIZE_EXPECTED, (text) => {
      const sizeBytes = sizeInBytes(text);
      return sizeBytes === undefined ? undefined : { medium: { kind: 'memory', sizeBytes } };
    }),
  ],
  [
    'file',
    value('the path of an image file', (path) =>
      path === '' ? undefined : { medium: { kind: 'file', path } },
    ),
  ],
  ['thin', flag('thin')],
  ['readonly', flag('readonly')],
  ['removable', flag('removable')],
  ['nopr', flag('nopr')],
  [
    'block',
    value('512 or 4096', (text) =>
      text === '512' || text === '4096' ? { blockLengthBytes: Number(text) } : undefined,
    ),
  ],
  [
    'physical',
    value('a power of two from 512 to 1048576', (text) => {
      const bytes = /^\d+$/.test(text) ? Number(text) : 0;
      const fits = bytes >= 512 && bytes <= PHYSICAL_BLOCK_BYTES_MAX && Number.isInteger(Math.log2(bytes));
      return fits ? { physicalBlockLengthBytes: bytes } : undefined;
    }),
  ],
  [
    'sanitize',
    value(`a number of seconds from 0 to ${SANITIZE_SECONDS_MAX}`, (text) =>
      /^\d{1,5}$/.test(text) && Number(text) <= SANITIZE_SECONDS_MAX
        ? { sanitizeSeconds: Number(text) }
        : undefined,
    ),
  ],
  [
    'serial',
    value(`1 to ${SERIAL_LENGTH_MAX} ASCII characters`, (serial) =>
      isAscii(serial, SERIAL_LENGTH_MAX) ? { serial } : undefined,
    ),
  ],
  [
    'naa',
    value('16 hex digits that begin with 2, 3 or 5, or 32 that begin with 6', (text) => {
      // NAA 2h, 3h and 5h are 8 bytes long, 6h is 16 (SPC-4 7.8.6.6).
      const naa = text.toLowerCase();
      return /^(?:[235][0-9a-f]{15}|6[0-9a-f]{31})$/.test(naa) ? { naa } : undefined;
    }),
  ],
  ['vendor', value('1 to 8 ASCII characters', (vendor) => (isAscii(vendor, 8) ? { vendor } : undefined))],
  [
    'product',
    value('1 to 16 ASCII characters', (product) => (isAscii(product, 16) ? { product } : undefined)),
  ],
  [
    'revision',
    value('1 to 4 ASCII characters', (revision) => (isAscii(revision, 4) ? { revision } : undefined)),
  ],
  [
    'registrations',
    value(`a number from 1 to ${REGISTRATIONS_MAX}`, (text) => {
      const registrationsMax = /^\d+$/.test(text) ? Number(text) : 0;
      return registrationsMax >= 1 && registrationsMax <= REGISTRATIONS_MAX
        ? { registrationsMax }
        : undefined;
    }),
  ],
]);

/** Flat space addressing ends here (SAM-5 4.7.7.1). */
export const LUN_MAX = 16_383;
export const LUN_EXPECTED = `a number from 0 to ${LUN_MAX}`;

/** A logical unit number in decimal, undefined for anything else. */
export function lunNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= LUN_MAX ? Number(text) : undefined;
}

/** Puts read options together; a text says what is wrong with options that are each well-formed. */
export function logicalUnitOf(
  lun: number,
  given: ReadonlyMap<string, Partial<LogicalUnitOptions>>,
): LogicalUnitOptions | string {
  const options = [...given.values()].reduce((all, one) => ({ ...all, ...one }), {});
  const { medium, physicalBlockLengthBytes, blockLengthBytes = 512 } = options;
  if (medium === undefined || given.has('size') === given.has('file')) {
    return 'expected size=SIZE or file=PATH, one of them';
  }
  if (medium.kind === 'memory' && medium.sizeBytes > CAPACITY_BYTES_MAX) {
    return `size: expected at most ${CAPACITY_BYTES_MAX} bytes, found ${medium.sizeBytes}`;
  }
  if (medium.kind === 'memory' && medium.sizeBytes % blockLengthBytes !== 0) {
    return `size: expected a multiple of the ${blockLengthBytes}-byte block, found ${medium.sizeBytes} bytes`;
  }
  if (physicalBlockLengthBytes !== undefined && physicalBlockLengthBytes < blockLengthBytes) {
    return `physical: expected at least the ${blockLengthBytes}-byte logical block, found ${physicalBlockLengthBytes}`;
  }
  return { ...options, lun, medium };
}
