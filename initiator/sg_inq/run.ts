import { VPD_PAGE } from '../../protocol/index.js';
import { detailLine, isSystemError, type ByteOutput, type ByteSurroundings } from '../sg_persist/device.js';
import {
  EXIT_STATUS,
  exitStatusOfErrno,
  exitStatusText,
  systemErrorText,
} from '../sg_persist/exit-status.js';
import { deviceTypeName } from '../sg_persist/inquiry.js';
import { bitsAt, byteAt, numberAt, textOf, type Printer } from './bytes.js';
import { askAboutCommand, listCommands } from './cmddt.js';
import { failureLine, readCommandLine, type InquiryOptions } from './command-line.js';
import {
  fetchPage,
  fetchPageOnce,
  NOT_LISTED,
  sendInquiry,
  statusOfSupport,
  type Answer,
  type Inquiry,
} from './fetch.js';
import { decoderOf, listSupportedPages, pageDump, type PageDecoder } from './pages.js';
import { exportStandard, printStandard, totalBytesOf, type StandardData } from './standard.js';
import { withoutPassword } from '../url.js';

/** What every device has: asked for first. */
const SAFE_LENGTH_BYTES = 36;
/** A longer answer is not asked for, since ALLOCATION LENGTH had one byte once. */
const SECOND_LENGTH_BYTES_MAX = 255;

/** Where an answer comes from: a device, or bytes that were given. */
type Source = { readonly inquiry: Inquiry } | { readonly given: Uint8Array };

/** Runs sg_inq. Resolves with its exit status; `args` are without the program's name. */
export async function runSgInq(
  args: readonly string[],
  surroundings: ByteSurroundings,
  output: ByteOutput,
): Promise<number> {
  const read = readCommandLine(args, surroundings.env, surroundings.readBytes);
  output.stderr(read.stderr);
  if ('status' in read) {
    output.stdout(read.stdout);
    return read.status;
  }
  const { options } = read;
  const printer: Printer = {
    out: (text) => {
      output.stdoutBytes(Buffer.from(text, 'latin1'));
    },
    err: (text) => {
      output.stderr(text);
    },
  };
  const { given } = options;
  const status =
    given === undefined
      ? await askDevice(options, surroundings, output, printer)
      : await show({ given }, options, printer);
  if (status !== EXIT_STATUS.good) output.stderr(failureLine(status, options));
  return status;
}

async function askDevice(
  options: InquiryOptions,
  surroundings: ByteSurroundings,
  output: ByteOutput,
  printer: Printer,
): Promise<number> {
  const { deviceName = '', verbose } = options;
  const shownName = withoutPassword(deviceName);
  if (verbose > 1) output.stderr(`open ${shownName} with flags=${options.blocking ? '0x0' : '0x800'}\n`);
  let path;
  try {
    path = await surroundings.openDevice(deviceName, { readOnly: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const reason = systemErrorText(error.errnoName);
    output.stderr(`sg_inq: error opening file: ${shownName}: ${reason}\n${detailLine(error)}`);
    return exitStatusOfErrno(error.errno);
  }
  // Zero is a device that is neither a generic SCSI node nor NVMe.
  if (verbose > 1) output.stderr(`check_pt_file_handle()-->0, page_given=${options.pageGiven ? 1 : 0}\n`);
  const reporting = { output, verbose, nowMs: surroundings.nowMs };
  const inquiry: Inquiry = { path, reporting, maxLengthBytes: options.maxLengthBytes };
  try {
    if (options.cmddt > 1) return await listCommands(inquiry, printer);
    if (options.cmddt === 1)
      return await askAboutCommand(inquiry, Math.max(0, options.page), options, printer);
    return await show({ inquiry }, options, printer);
  } finally {
    await path.close();
  }
}

async function show(source: Source, options: InquiryOptions, printer: Printer): Promise<number> {
  if (!options.vpd) return showStandard(source, options, printer);
  const status = await showPage(source, options, printer);
  if (status === EXIT_STATUS.good) return status;
  const reason =
    status === EXIT_STATUS.illegalRequest
      ? 'field in cdb illegal (page not supported)'
      : exitStatusText(status, options.verbose > 0);
  printer.err(`    inquiry: ${reason}\n`);
  return status;
}

async function showStandard(source: Source, options: InquiryOptions, printer: Printer): Promise<number> {
  const { hex, raw, exported } = options;
  const answer = 'given' in source ? ofFile(source.given) : await fetchStandard(source.inquiry, printer);
  if (answer.status !== EXIT_STATUS.good) return answer.status;
  const { bytes } = answer;
  const wantsSerial = options.maxLengthBytes === 0 && !options.only && !exported;
  const serialNumber =
    'inquiry' in source && wantsSerial ? await fetchSerialNumber(source.inquiry) : undefined;
  const data: StandardData = { bytes, received: answer.received ?? bytes, serialNumber };
  if (raw) printer.out(Buffer.from(bytes).toString('latin1'));
  else if (hex > 0) printer.out(pageDump(bytes, hex));
  else if (exported) exportStandard(data, options.vendor, printer);
  else printStandard(data, options, printer);
  return EXIT_STATUS.good;
}

const ofFile = (bytes: Uint8Array): Answer & { readonly received?: Uint8Array } => ({
  status: EXIT_STATUS.good,
  bytes,
  residual: 0,
});

/** Standard INQUIRY data: 36 bytes first, then as many as those say there are. */
async function fetchStandard(
  inquiry: Inquiry,
  printer: Printer,
): Promise<Answer & { readonly received?: Uint8Array }> {
  const { maxLengthBytes, reporting } = inquiry;
  const lengthBytes = maxLengthBytes > 0 ? maxLengthBytes : SAFE_LENGTH_BYTES;
  const first = await sendInquiry(inquiry, { lengthBytes, noisy: false });
  if (first.status !== EXIT_STATUS.good) {
    if (reporting.verbose > 0) {
      const reason = exitStatusText(first.status, true);
      const residual = reporting.verbose > 1 && first.residual > 0 ? ` [resid=${first.residual}]` : '';
      printer.err(`    inquiry: failed requesting ${lengthBytes} byte response: ${reason}${residual}\n`);
    }
    return first;
  }
  if (maxLengthBytes > 0) return first;
  const totalBytes = totalBytesOf(first.bytes);
  if (totalBytes <= SAFE_LENGTH_BYTES || totalBytes > SECOND_LENGTH_BYTES_MAX) {
    return { ...first, bytes: first.bytes.subarray(0, totalBytes), received: first.bytes };
  }
  const second = await sendInquiry(inquiry, { lengthBytes: totalBytes, noisy: false });
  if (second.status !== EXIT_STATUS.good) {
    printer.err(`second INQUIRY (${totalBytes} byte) failed\n`);
    return { ...second, status: EXIT_STATUS.other };
  }
  if (totalBytesOf(second.bytes) !== totalBytes) {
    printer.err("strange, consecutive INQUIRYs yield different 'additional lengths'\n");
  }
  return second;
}

/** The serial number, undefined where the device does not list the page or does not answer. */
async function fetchSerialNumber(inquiry: Inquiry): Promise<string | undefined> {
  const { output, verbose } = inquiry.reporting;
  const note = (text: string): void => {
    if (verbose > 2) output.stderr(`fetch_unit_serial_num: ${text}\n`);
  };
  const list = await fetchPageOnce(inquiry, VPD_PAGE.supportedPages);
  const supported = statusOfSupport(list, VPD_PAGE.unitSerialNumber, inquiry);
  if (supported === NOT_LISTED) return undefined;
  const answer =
    supported === EXIT_STATUS.good ? await fetchPageOnce(inquiry, VPD_PAGE.unitSerialNumber) : list;
  if (answer.status !== EXIT_STATUS.good) {
    note('no supported VPDs page');
    return undefined;
  }
  const serial = answer.bytes.subarray(4, 4 + byteAt(answer.bytes, 3));
  if (serial.length === 0) note('bad sn VPD page');
  const text = textOf(serial.map((byte) => (byte !== 0 && (byte < 0x20 || byte > 0x7e) ? 0x20 : byte)));
  return text === '' ? undefined : text;
}

async function showPage(source: Source, options: InquiryOptions, printer: Printer): Promise<number> {
  const page = Math.max(0, options.page);
  const { hex, raw, exported } = options;
  if (!options.decode) return showBytes(source, page, options, printer);
  if ('inquiry' in source && page !== VPD_PAGE.supportedPages && !options.force) {
    const list = await fetchPage(source.inquiry, VPD_PAGE.supportedPages);
    const status = statusOfSupport(list, page, source.inquiry);
    if (status === NOT_LISTED && options.verbose > 0) {
      printer.err('Given VPD page not in supported list, use --force to override this check\n');
    }
    if (status !== EXIT_STATUS.good) return status;
  }
  const decoder = decoderOf(page);
  if (decoder === undefined) {
    if (page >= 0xb4 && page <= 0xb9) {
      printer.err('Please try the sg_vpd utility which decodes more VPD pages\n\n');
    }
    if (!raw && hex === 0) printer.err(onlyHexText(page));
    return showBytes(source, page, options, printer);
  }
  const titled = !raw && !exported && hex <= decoder.titledUpToHex;
  if (titled && typeof decoder.title === 'string') printer.out(`${decoder.title}\n`);
  const answer = await pageOf(source, page, options, printer);
  if (answer.status !== EXIT_STATUS.good) {
    if (!raw && typeof decoder.title !== 'string') {
      printer.err(`VPD INQUIRY: page=0x${page.toString(16)}\n`);
    }
    return answer.status;
  }
  if (titled && typeof decoder.title !== 'string') printer.out(`${decoder.title(answer.bytes)}\n`);
  showDecoded(decoder, answer.bytes, options, printer);
  return EXIT_STATUS.good;
}

function onlyHexText(page: number): string {
  return page === VPD_PAGE.logicalBlockProvisioning
    ? ' Only hex output supported. The sg_vpd utility decodes the B2h page.\n'
    : ' Only hex output supported. The sg_vpd and sdparm utilities decode more VPD pages.\n';
}

function showDecoded(
  decoder: PageDecoder,
  bytes: Uint8Array,
  { hex, raw, exported, verbose }: InquiryOptions,
  printer: Printer,
): void {
  if (raw) printer.out(Buffer.from(bytes).toString('latin1'));
  else if (hex > decoder.decodedUpToHex && bytes.length >= (decoder.bytesMin ?? 0))
    printer.out(pageDump(bytes, hex));
  else decoder.print(bytes, { hex, exported, verbose }, printer);
}

/** A page whose bytes are shown; the list of pages is decoded all the same. */
async function showBytes(
  source: Source,
  page: number,
  options: InquiryOptions,
  printer: Printer,
): Promise<number> {
  const { hex, raw, verbose } = options;
  if (!raw && hex < 2) printer.out(`VPD INQUIRY, page code=0x${page.toString(16).padStart(2, '0')}:\n`);
  const { status, bytes: came } = await pageOf(source, page, options, printer);
  if (status !== EXIT_STATUS.good) return status;
  const bytes = 'given' in source ? asLongAsClaimed(came) : came;
  if (raw) printer.out(Buffer.from(bytes).toString('latin1'));
  else if (page === VPD_PAGE.supportedPages && hex === 0) listSupportedPages(bytes, printer);
  else {
    if (verbose > 0 && page !== VPD_PAGE.supportedPages) {
      const type = deviceTypeName(bitsAt(bytes, 0, 4, 5));
      printer.out(`   [PQual=${byteAt(bytes, 0) >> 5}  Peripheral device type: ${type}]\n`);
    }
    printer.out(pageDump(bytes, hex));
  }
  return EXIT_STATUS.good;
}

/** As long as the page says that it is, zero beyond what is there. */
function asLongAsClaimed(page: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 + numberAt(page, 2, 2));
  whole.set(page.subarray(0, whole.length));
  return whole;
}

/** A page as far as it came. */
async function pageOf(
  source: Source,
  page: number,
  { verbose }: InquiryOptions,
  printer: Printer,
): Promise<Answer> {
  if ('inquiry' in source) return fetchPage(source.inquiry, page);
  const totalBytes = numberAt(source.given, 2, 2) + 4;
  if (totalBytes > source.given.length && verbose > 0) {
    const have = source.given.length;
    printer.err(`warning: VPD page's length (${totalBytes}) > bytes in --inhex=FN file (${have})\n`);
  }
  return ofFile(source.given.subarray(0, totalBytes));
}
