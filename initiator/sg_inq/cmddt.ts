import { EXIT_STATUS } from '../sg_persist/exit-status.js';
import { byteAt, type Printer } from './bytes.js';
import { sendInquiry, type Inquiry } from './fetch.js';
import { opcodeName } from './opcode-name-table.js';
import { pageDump } from './pages.js';

const ALLOCATION_LENGTH_BYTES = 252;
/** Ahead of the CDB usage data (SPC-2 7.3.5). */
const HEADER_BYTES = 6;
const OPERATION_CODES = 256;

/** SUPPORT (SPC-2 table 49). */
const SUPPORT = { standard: 3, vendorManner: 5 } as const;
const SUPPORT_TEXT: readonly string[] = [
  'no data available',
  'not supported',
  'reserved (2)',
  'supported as per standard',
  'vendor specific (4)',
  'supported in vendor specific way',
  'vendor specific (6)',
  'reserved (7)',
];
const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** The device says no to the CmdDt bit itself: today's do, and nothing is said of it here. */
const isRefusal = (status: number): boolean =>
  status === EXIT_STATUS.illegalRequest || status === EXIT_STATUS.invalidOperationCode;

/** Standard INQUIRY data stand in for the answer where a device does not look at the bit. */
const isStandardData = (answer: Uint8Array): boolean => (byteAt(answer, 1) & 7) === 0;

/** Asks about one command (INQUIRY with CmdDt, obsolete since SPC-3) and resolves with the exit status. */
export async function askAboutCommand(
  inquiry: Inquiry,
  operationCode: number,
  { hex, raw }: { hex: number; raw: boolean },
  printer: Printer,
): Promise<number> {
  const lengthBytes = ALLOCATION_LENGTH_BYTES;
  const { status, bytes } = await sendInquiry(inquiry, { operationCode, lengthBytes, noisy: true });
  if (isRefusal(status)) return status;
  if (!raw) {
    printer.out(`CmdDt INQUIRY, opcode=${hexByte(operationCode)}:  [${opcodeName(operationCode)}]\n`);
  }
  if (status !== EXIT_STATUS.good) {
    printer.err(`CmdDt INQUIRY on opcode=${hexByte(operationCode)}: failed\n`);
    return status;
  }
  const answer = asLongAsClaimed(bytes);
  if (raw) printer.out(answer.toString('latin1'));
  else if (hex > 0) printer.out(pageDump(answer, hex));
  else printer.out(`  Support field: ${supportText(answer)}\n`);
  return EXIT_STATUS.good;
}

/** An answer as long as it says, zero beyond what came. */
function asLongAsClaimed(bytes: Uint8Array): Buffer {
  const answer = Buffer.alloc(HEADER_BYTES + byteAt(bytes, 5));
  answer.set(bytes.subarray(0, answer.length));
  return answer;
}

/** CDB USAGE DATA, two digits a byte. */
function usageBytes(bytes: Uint8Array): string[] {
  const usage = asLongAsClaimed(bytes).subarray(HEADER_BYTES);
  return [...usage].map((byte) => byte.toString(16).padStart(2, '0'));
}

function supportText(answer: Uint8Array): string {
  if (isStandardData(answer)) return 'ignored cmddt bit, standard INQUIRY response';
  const support = byteAt(answer, 1) & 7;
  const text = SUPPORT_TEXT[support] ?? '';
  if (support !== SUPPORT.standard && support !== SUPPORT.vendorManner) return text;
  const usage = usageBytes(answer).map((byte) => `${byte} `);
  return `${text} [ ${usage.join('')}]`;
}

/** Asks about every command and lists those that are supported. */
export async function listCommands(inquiry: Inquiry, printer: Printer): Promise<number> {
  printer.out('Supported command list:\n');
  for (let operationCode = 0; operationCode < OPERATION_CODES; operationCode += 1) {
    const lengthBytes = ALLOCATION_LENGTH_BYTES;
    const { status, bytes } = await sendInquiry(inquiry, { operationCode, lengthBytes, noisy: true });
    if (status !== EXIT_STATUS.good) {
      if (!isRefusal(status)) printer.err(`CmdDt INQUIRY on opcode=${hexByte(operationCode)}: failed\n`);
      return status;
    }
    const code = hexByte(operationCode);
    if (isStandardData(bytes)) {
      printer.out(`  opcode=${code} ignored cmddt bit, given standard INQUIRY response, stop\n`);
      return EXIT_STATUS.good;
    }
    const support = byteAt(bytes, 1) & 7;
    if (support === SUPPORT.standard || support === SUPPORT.vendorManner) {
      const manner = support === SUPPORT.standard ? '' : '  [vendor specific manner (5)]';
      const usage = usageBytes(bytes).map((byte) => ` ${byte}`);
      printer.out(`${usage.join('')}${manner}  ${opcodeName(operationCode)}\n`);
    } else if (support === 4 || support === 6) {
      printer.out(`  opcode=${code} vendor specific (${support})\n`);
    }
  }
  return EXIT_STATUS.good;
}
