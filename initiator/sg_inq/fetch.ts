import { inquiryCdb, vpdHeaderLayout, type LogicalUnitPath } from '../../protocol/index.js';
import { EXIT_STATUS, exitStatusOfErrno } from '../sg_persist/exit-status.js';
import { dumpBytes } from '../sg_persist/hex-dump.js';
import { sendCommand, type Reporting } from '../sg_persist/pass-through.js';
import { byteAt, numberAt } from './bytes.js';

/** What a VPD page is first asked for with: the most that fits the one byte of SCSI-2. */
const FIRST_ALLOCATION_LENGTH_BYTES = 252;
const HEADER_BYTES = vpdHeaderLayout.lengthBytes;
/** Less than a header is no answer. */
const ANSWER_BYTES_MIN = HEADER_BYTES;
/** What the original has room for. */
const PAGE_BYTES_MAX = 49_280;
const CMDDT_BIT = 0x02;
/** Numerical argument out of domain: how the original says that a page is not on the list. */
const EDOM = 33;
/** The page is not among those that the device lists. */
export const NOT_LISTED = exitStatusOfErrno(EDOM);

/** An answer as far as it came, or an exit status with no bytes. */
export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** How many bytes of those asked for did not come. */
  readonly residual: number;
}

const failed = (status: number, residual = 0): Answer => ({ status, bytes: new Uint8Array(0), residual });

/** Where INQUIRY commands go, and what is told of them. */
export interface Inquiry {
  readonly path: LogicalUnitPath;
  readonly reporting: Omit<Reporting, 'noisy'>;
  /** 0 for as much as there is. */
  readonly maxLengthBytes: number;
}

/** One INQUIRY command. A `noisy` one tells of errors without `-v`. */
export async function sendInquiry(
  inquiry: Inquiry,
  what: {
    readonly page?: number;
    readonly operationCode?: number;
    readonly lengthBytes: number;
    readonly noisy: boolean;
  },
): Promise<Answer> {
  const { page, operationCode, lengthBytes, noisy } = what;
  const cdb = inquiryCdb({
    allocationLength: lengthBytes,
    ...(page === undefined ? {} : { enableVitalProductData: 1, pageCode: page }),
  });
  if (operationCode !== undefined) {
    cdb[1] = CMDDT_BIT;
    cdb[2] = operationCode;
  }
  const command = { name: 'inquiry', cdb, dataInLength: lengthBytes };
  const outcome = await sendCommand(inquiry.path, command, { ...inquiry.reporting, noisy });
  const residual = lengthBytes - outcome.receivedBytes;
  if (outcome.status !== EXIT_STATUS.good) return failed(outcome.status, residual);
  if (outcome.receivedBytes < ANSWER_BYTES_MIN) {
    if (inquiry.reporting.verbose > 0) {
      inquiry.reporting.output.stderr(`sg_ll_inquiry_com: got too few bytes (${outcome.receivedBytes})\n`);
    }
    return failed(EXIT_STATUS.malformed);
  }
  const bytes = outcome.dataIn.subarray(0, outcome.receivedBytes);
  return { status: EXIT_STATUS.good, bytes, residual };
}

/** A VPD page as far as one command brings it. */
export async function fetchPageOnce(
  inquiry: Inquiry,
  page: number,
  lengthBytes = FIRST_ALLOCATION_LENGTH_BYTES,
): Promise<Answer> {
  const answer = await sendInquiry(inquiry, { page, lengthBytes, noisy: true });
  if (answer.status !== EXIT_STATUS.good || byteAt(answer.bytes, 1) === page) return answer;
  inquiry.reporting.output.stderr('invalid VPD response; probably a STANDARD INQUIRY response\n');
  return failed(EXIT_STATUS.malformed);
}

/** A VPD page, asked for again where it is longer than the first answer. */
export async function fetchPage(inquiry: Inquiry, page: number): Promise<Answer> {
  const { maxLengthBytes } = inquiry;
  const first = await fetchPageOnce(inquiry, page, maxLengthBytes > 0 ? maxLengthBytes : undefined);
  if (first.status !== EXIT_STATUS.good) return first;
  const totalBytes = HEADER_BYTES + numberAt(first.bytes, 2, 2);
  if (totalBytes <= first.bytes.length || maxLengthBytes > 0) {
    return { ...first, bytes: first.bytes.subarray(0, totalBytes) };
  }
  if (totalBytes > PAGE_BYTES_MAX) {
    inquiry.reporting.output.stderr(`response length too long: ${totalBytes} > ${PAGE_BYTES_MAX}\n`);
    return failed(EXIT_STATUS.malformed);
  }
  const second = await sendInquiry(inquiry, { page, lengthBytes: totalBytes, noisy: true });
  return { ...second, bytes: second.bytes.subarray(0, totalBytes) };
}

/** The codes in an answer that lists the supported pages: byte 3 counts them, of a field of two bytes. */
export function listedPages(bytes: Uint8Array, complain: (text: string) => void): Uint8Array {
  const totalBytes = HEADER_BYTES + byteAt(bytes, 3);
  if (totalBytes > bytes.length) {
    complain(`Supported VPD pages VPD page truncated, indicates ${totalBytes}, got ${bytes.length}\n`);
  }
  return bytes.subarray(HEADER_BYTES, totalBytes);
}

/** An exit status: 0 where an answer lists `page` among the supported ones. */
export function statusOfSupport(list: Answer, page: number, inquiry: Inquiry): number {
  if (list.status !== EXIT_STATUS.good) return list.status;
  const { output, verbose } = inquiry.reporting;
  const pages = listedPages(list.bytes, (text) => {
    output.stderr(text);
  });
  if (verbose > 1) output.stderr(`Supported VPD pages, hex list: ${dumpBytes(pages)}`);
  return pages.includes(page) ? EXIT_STATUS.good : NOT_LISTED;
}
