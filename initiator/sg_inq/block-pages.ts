import { bitsAt, bigNumberAt, byteAt, numberAt, type Printer } from './bytes.js';

const LIMITS_BYTES_MIN = 16;
const CHARACTERISTICS_BYTES_MIN = 64;
const REFERRALS_BYTES_MIN = 16;
const UNBOUNDED = 0xffff_ffff;

/** One line of the Block Limits page: from which length of the page on it is shown, and what it says. */
interface LimitLine {
  readonly bytesMin: number;
  readonly text: (page: Uint8Array) => string;
}

/** `Maximum transfer length: 8 blocks`, or what zero means. */
function blocks(name: string, offset: number, width: number, zero: string, bytesMin: number): LimitLine {
  return {
    bytesMin,
    text: (page) => {
      const value = numberAt(page, offset, width);
      return `${name}: ${value === 0 ? `0 ${zero}` : `${value} blocks`}`;
    },
  };
}

function unmapLimit(name: string, offset: number): LimitLine {
  return {
    bytesMin: 28,
    text: (page) => {
      const value = numberAt(page, offset, 4);
      if (value === 0) return `${name}: 0 [Unmap command not implemented]`;
      return `${name}: ${value === UNBOUNDED ? '-1 [unbounded]' : value}`;
    },
  };
}

function atomicCount(name: string, offset: number, zero: string): LimitLine {
  return {
    bytesMin: 48,
    text: (page) => {
      const value = numberAt(page, offset, 4);
      return `${name}: ${value === 0 ? `0 ${zero}` : value}`;
    },
  };
}

const NOT_REPORTED = 'blocks [not reported]';
const alignmentIsValid = (page: Uint8Array): boolean => bitsAt(page, 32, 7, 1) === 1;

/** Block Limits VPD page (SBC-4), in its order. */
const LIMIT_LINES: readonly LimitLine[] = [
  blocks('Maximum compare and write length', 5, 1, 'blocks [Command not implemented]', 0),
  blocks('Optimal transfer length granularity', 6, 2, NOT_REPORTED, 0),
  blocks('Maximum transfer length', 8, 4, NOT_REPORTED, 0),
  blocks('Optimal transfer length', 12, 4, NOT_REPORTED, 0),
  blocks('Maximum prefetch transfer length', 16, 4, 'blocks [ignored]', 20),
  unmapLimit('Maximum unmap LBA count', 20),
  unmapLimit('Maximum unmap block descriptor count', 24),
  blocks('Optimal unmap granularity', 28, 4, NOT_REPORTED, 36),
  { bytesMin: 36, text: (page) => `Unmap granularity alignment valid: ${alignmentIsValid(page)}` },
  {
    bytesMin: 36,
    text: (page) => {
      const alignment = numberAt(page, 32, 4) % 0x8000_0000;
      return `Unmap granularity alignment: ${alignment}${alignmentIsValid(page) ? '' : ' [invalid]'}`;
    },
  },
  {
    bytesMin: 44,
    text: (page) => {
      const value = bigNumberAt(page, 36, 8);
      return `Maximum write same length: ${value === 0n ? `0 ${NOT_REPORTED}` : `0x${value.toString(16)} blocks`}`;
    },
  },
  blocks('Maximum atomic transfer length', 44, 4, NOT_REPORTED, 48),
  atomicCount('Atomic alignment', 48, '[unaligned atomic writes permitted]'),
  // The bracket stays open, as in the original.
  atomicCount('Atomic transfer length granularity', 52, '[no granularity requirement'),
  blocks('Maximum atomic transfer length with atomic boundary', 56, 4, NOT_REPORTED, 60),
  blocks('Maximum atomic boundary size', 60, 4, 'blocks [can only write atomic 1 block]', 60),
];

export function printBlockLimits(page: Uint8Array, printer: Printer): void {
  if (page.length < LIMITS_BYTES_MIN) {
    printer.err(`Block limits VPD page length too short=${page.length}\n`);
    return;
  }
  for (const line of LIMIT_LINES) {
    if (page.length >= line.bytesMin) printer.out(`  ${line.text(page)}\n`);
  }
}

const FORM_FACTOR: readonly string[] = [
  'is not reported',
  '5.25 inches',
  '3.5 inches',
  '2.5 inches',
  '1.8 inches',
  'less then 1.8 inches',
];
const ZONED_NOTE: readonly string[] = ['', '  [host-aware]', '  [host-managed]', ''];

/** Revolutions a minute lie between these; 0001h is a medium that does not turn (SBC-4). */
const ROTATION_RATE = { nonRotating: 1, min: 0x401, max: 0xfffe } as const;

function rotationText(rate: number): string {
  if (rate === 0) return 'Medium rotation rate is not reported';
  if (rate === ROTATION_RATE.nonRotating) return 'Non-rotating medium (e.g. solid state)';
  if (rate < ROTATION_RATE.min || rate > ROTATION_RATE.max) return `Reserved [0x${rate.toString(16)}]`;
  return `Nominal rotation rate: ${rate} rpm`;
}

/** Block Device Characteristics VPD page (SBC-4). */
export function printBlockDeviceCharacteristics(page: Uint8Array, printer: Printer): void {
  if (page.length < CHARACTERISTICS_BYTES_MIN) {
    printer.err(`Block device characteristics VPD page length too short=${page.length}\n`);
    return;
  }
  const formFactor = bitsAt(page, 7, 3, 4);
  const zoned = bitsAt(page, 8, 5, 2);
  const lines = [
    rotationText(numberAt(page, 4, 2)),
    `Product type=${byteAt(page, 6)}`,
    `WABEREQ=${bitsAt(page, 7, 7, 2)}`,
    `WACEREQ=${bitsAt(page, 7, 5, 2)}`,
    `Nominal form factor ${FORM_FACTOR[formFactor] ?? `reserved [${formFactor}]`}`,
    `ZONED=${zoned}${ZONED_NOTE[zoned] ?? ''}`,
    // Shown where it lies in its byte: 2 or 0.
    `FUAB=${byteAt(page, 8) & 2}`,
    `VBULS=${byteAt(page, 8) & 1}`,
    `DEPOPULATION_TIME=${numberAt(page, 12, 4)} (seconds)`,
  ];
  for (const line of lines) printer.out(`  ${line}\n`);
}

/** Referrals VPD page (SBC-3). */
export function printReferrals(page: Uint8Array, printer: Printer): void {
  if (page.length < REFERRALS_BYTES_MIN) {
    printer.err(`Referrals VPD page length too short=${page.length}\n`);
    return;
  }
  const size = numberAt(page, 8, 4);
  const multiplier = numberAt(page, 12, 4);
  if (size === 0) printer.out('  Single user data segment\n');
  else if (multiplier === 0) printer.out('  Segment size specified by user data segment descriptor\n');
  else printer.out(`  Segment size: ${size}, segment multiplier: ${multiplier}\n`);
}
