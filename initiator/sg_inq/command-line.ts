import { EXIT_STATUS, exitStatusText } from '../sg_persist/exit-status.js';
import { guessPage, readInhex } from './inhex.js';
import { end, readWords, settlePage, usageOf, type Draft, type End } from './options.js';
import { STANDARD_PAGE } from './page-argument.js';
import { abbreviationLines } from './page-names.js';

/** Version that `--version` names: the one whose behaviour this is. */
const VERSION = '2.10 20210328';
/** Up to the first version descriptor. */
const DESCRIPTORS_BYTES_MIN = 60;
const EXPORTED_PAGES: readonly number[] = [0x80, 0x83];

/** What a run is to do. */
export interface InquiryOptions {
  /** Undefined where the bytes are there already. */
  readonly deviceName: string | undefined;
  /** The answer, taken from a file. */
  readonly given: Uint8Array | undefined;
  /** A VPD page, an operation code with `cmddt`, or -1. */
  readonly page: number;
  readonly pageGiven: boolean;
  readonly blocking: boolean;
  readonly cmddt: number;
  readonly decode: boolean;
  readonly descriptors: boolean;
  readonly exported: boolean;
  readonly force: boolean;
  readonly hex: number;
  readonly maxLengthBytes: number;
  readonly only: boolean;
  readonly raw: boolean;
  readonly vendor: number;
  readonly verbose: number;
  readonly vpd: boolean;
}

/** A command line read: what to do, after `stderr` was printed, or that nothing is left to do. */
export type ReadInquiryCommandLine = { readonly options: InquiryOptions; readonly stderr: string } | End;

/** The last line of a run that failed, where nobody asked for more. */
export function failureLine(
  status: number,
  { verbose, exported }: { verbose: number; exported: boolean },
): string {
  return verbose > 0 || exported ? '' : `sg_inq failed: ${exitStatusText(status, false)}\n`;
}

/** Reads the command line of sg_inq, without the program's name, and the file that `--inhex=` names. */
export function readCommandLine(
  args: readonly string[],
  env: Readonly<Partial<Record<string, string>>>,
  readBytes: (source: string) => Uint8Array | undefined,
): ReadInquiryCommandLine {
  const draft = readWords(args, env);
  if ('status' in draft) return draft;
  if (draft.help > 0) return help(draft);
  if (draft.version) {
    const note = draft.verbose > 0 ? "Not in DEBUG mode, so '-vV' has no special action\n" : '';
    return end(EXIT_STATUS.good, `${note}Version string: ${VERSION}\n`);
  }
  const page = settlePage(draft);
  if (typeof page !== 'number') return page;
  const source = settleSource(draft, page, readBytes);
  if ('status' in source) return source;
  const contradiction = contradictionIn(draft, source.page);
  if (contradiction !== undefined) {
    return { ...contradiction, stderr: source.stderr + contradiction.stderr };
  }
  const { blocking, cmddt, force, hex, maxLengthBytes, only, raw, vendor, verbose, vpd, exported } = draft;
  return {
    stderr: source.stderr,
    options: {
      deviceName: draft.operands[0],
      given: source.given,
      page: source.page,
      pageGiven: draft.pageArgument !== undefined || draft.impliedPage !== undefined,
      decode: draft.decode || (exported && source.page !== STANDARD_PAGE),
      descriptors: draft.descriptors > 0,
      blocking,
      cmddt,
      exported,
      force,
      hex,
      maxLengthBytes,
      only,
      raw,
      vendor,
      verbose,
      vpd,
    },
  };
}

function help(draft: Draft): End {
  const usage = draft.said + usageOf(draft);
  if (draft.help === 1 || draft.old) return end(EXIT_STATUS.good, usage);
  return end(EXIT_STATUS.good, `${usage}\n>>> Available VPD page abbreviations:\n`, abbreviationLines());
}

interface Source {
  readonly page: number;
  readonly given: Uint8Array | undefined;
  readonly stderr: string;
}

/** A message, then what the original says of a run that failed. */
const fail = (draft: Draft, status: number, message: string): End =>
  end(status, message + failureLine(status, draft));

/** Where the answer comes from: a device or a file. */
function settleSource(
  draft: Draft,
  page: number,
  readBytes: (source: string) => Uint8Array | undefined,
): Source | End {
  if (draft.inhex === undefined) {
    if (draft.operands.length > 0) return { page, given: undefined, stderr: '' };
    return fail(draft, EXIT_STATUS.syntaxError, `No DEVICE argument given\n\n${usageOf(draft)}`);
  }
  if (draft.operands.length > 0) {
    const message = 'Cannot have both a DEVICE and --inhex= option\n';
    return fail(draft, EXIT_STATUS.contradiction, message);
  }
  if (draft.cmddt > 0) {
    return fail(draft, EXIT_STATUS.contradiction, "Don't support --cmddt with --inhex= option\n");
  }
  const read = readInhex(draft.inhex, draft.raw, readBytes);
  if ('message' in read) return fail(draft, read.status, read.message);
  draft.raw = false;
  if (draft.pageArgument !== undefined || draft.impliedPage !== undefined) {
    return { page, given: read.bytes, stderr: '' };
  }
  const guess = guessPage(read.bytes);
  if (guess.page !== STANDARD_PAGE) {
    draft.vpd = true;
    draft.decode = draft.hex !== 1;
  }
  return { page: guess.page, given: read.bytes, stderr: draft.verbose > 0 ? guess.message : '' };
}

/** Options that cannot be had together. */
function contradictionIn(draft: Draft, page: number): End | undefined {
  const refuse = (status: number, message: string): End =>
    end(status, message + usageOf(draft) + failureLine(status, draft));
  if (draft.exported && page !== STANDARD_PAGE && draft.cmddt === 0 && !EXPORTED_PAGES.includes(page)) {
    return refuse(
      EXIT_STATUS.contradiction,
      "Option '--export' only supported for VPD pages 0x80 and 0x83\n",
    );
  }
  if (draft.raw && draft.hex > 0) {
    return refuse(EXIT_STATUS.contradiction, "Can't do hex and raw at the same time\n");
  }
  if (draft.vpd && draft.cmddt > 0) {
    const message = draft.old
      ? "Can't have both '-e' and '-c' (or '-cl')\n"
      : "Can't use '--cmddt' with VPD pages\n";
    return refuse(EXIT_STATUS.contradiction, message);
  }
  if (draft.impliedPages > 1) {
    return refuse(EXIT_STATUS.syntaxError, 'Can only fetch one page (VPD or Cmd) at a time\n');
  }
  if (draft.descriptors > 0) return contradictionOfDescriptors(draft);
  if (draft.assumesAta && draft.impliedPages > 0) {
    const message = "Can't use '-A' with an explicit decode VPD page option\n";
    return fail(draft, EXIT_STATUS.contradiction, message);
  }
  return undefined;
}

function contradictionOfDescriptors(draft: Draft): End | undefined {
  if (draft.maxLengthBytes > 0 && draft.maxLengthBytes < DESCRIPTORS_BYTES_MIN) {
    const message = `version descriptors need INQUIRY response length >= ${DESCRIPTORS_BYTES_MIN} bytes\n`;
    return fail(draft, EXIT_STATUS.syntaxError, message);
  }
  if (draft.vpd || draft.cmddt > 0) {
    return fail(draft, EXIT_STATUS.syntaxError, 'version descriptors require standard INQUIRY\n');
  }
  return undefined;
}
