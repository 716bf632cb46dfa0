import type { LogicalUnitPath } from '../../protocol/index.js';
import { commandOf, successText } from './action.js';
import { detailLine, isSystemError, type Output, type Surroundings } from './device.js';
import { EXIT_STATUS, exitStatusOfErrno, exitStatusText, systemErrorText } from './exit-status.js';
import { INQUIRY_COMMAND, inquiryText } from './inquiry.js';
import { readCommandLine, type Options } from './options.js';
import { sendCommand, type Outcome, type Reporting } from './pass-through.js';
import { reportText, transportIdsText } from './report.js';
import { withoutPassword } from '../url.js';

const OPEN_READ_ONLY = 'flags=0x800';
const OPEN_READ_WRITE = 'flags=0x802';

/** Less than this is no INQUIRY data. */
const INQUIRY_LENGTH_BYTES_MIN = 4;

/** Runs sg_persist. Resolves with its exit status; `args` are without the program's name. */
export async function runSgPersist(
  args: readonly string[],
  surroundings: Surroundings,
  output: Output,
): Promise<number> {
  const read = readCommandLine(args, surroundings.env, surroundings.readText);
  output.stderr(read.messages);
  if (read.options === undefined) return read.status;
  const { options } = read;
  if (options.verbose > 2 && options.transportIds.length > 0) {
    output.stderr(
      `number of tranport-ids decoded from command line (or stdin): ${options.transportIds.length}\n` +
        '  Decode given transport-ids:\n',
    );
    output.stdout(transportIdsText(options.transportIds));
  }
  return withDevice(options, surroundings, output);
}

/**
 * The original opens the device twice, read-only for INQUIRY. Here one opening serves both: each would be a login of its
 * own, and a kernel keeps its session between the two.
 */
async function withDevice(options: Options, surroundings: Surroundings, output: Output): Promise<number> {
  const shownName = withoutPassword(options.deviceName);
  let path: LogicalUnitPath;
  if (options.verbose > 1) {
    output.stderr(
      `open ${shownName} with ${options.inquiry || options.readOnly ? OPEN_READ_ONLY : OPEN_READ_WRITE}\n`,
    );
  }
  try {
    path = await surroundings.openDevice(options.deviceName, { readOnly: options.readOnly });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const text = systemErrorText(error.errnoName);
    output.stderr(
      (options.inquiry
        ? `sg_persist: error opening file (ro): ${shownName}: ${text}\n`
        : `sg_persist: error opening file ${shownName} (${options.readOnly ? 'ro' : 'rw'}): ${text}\n`) +
        detailLine(error),
    );
    return exitStatusOfErrno(error.errno);
  }
  try {
    return await useDevice(path, options, surroundings, output);
  } finally {
    await path.close();
  }
}

async function useDevice(
  path: LogicalUnitPath,
  options: Options,
  surroundings: Surroundings,
  output: Output,
): Promise<number> {
  const reporting: Reporting = {
    output,
    verbose: options.verbose,
    noisy: true,
    nowMs: surroundings.nowMs,
  };
  if (options.inquiry) {
    const inquiry = await sendCommand(path, INQUIRY_COMMAND, reporting);
    const tooShort = inquiry.status === EXIT_STATUS.good && inquiry.receivedBytes < INQUIRY_LENGTH_BYTES_MIN;
    if (tooShort && options.verbose > 0) {
      output.stderr(`sg_ll_inquiry_com: got too few bytes (${inquiry.receivedBytes})\n`);
    }
    if (tooShort || inquiry.status !== EXIT_STATUS.good) {
      output.stdout(`sg_persist: SCSI INQUIRY failed on ${withoutPassword(options.deviceName)}\n`);
      return tooShort ? EXIT_STATUS.malformed : inquiry.status;
    }
    output.stdout(inquiryText(inquiry.dataIn));
    if (options.verbose > 1) {
      output.stderr(
        `open ${withoutPassword(options.deviceName)} with ${options.readOnly ? OPEN_READ_ONLY : OPEN_READ_WRITE}\n`,
      );
    }
  }
  const { command, title } = commandOf(options);
  const outcome = await sendCommand(path, command, reporting);
  const status = conclude(outcome, title, options, output);
  if (status !== EXIT_STATUS.good && options.verbose === 0) {
    output.stderr(`sg_persist failed: ${exitStatusText(status, false)}\n`);
  }
  return status;
}

function conclude(outcome: Outcome, title: string, options: Options, output: Output): number {
  const { action, verbose } = options;
  switch (outcome.status) {
    case EXIT_STATUS.good:
      break;
    case EXIT_STATUS.invalidOperationCode:
      output.stderr(`${title}: command not supported\n`);
      return outcome.status;
    case EXIT_STATUS.illegalRequest:
      output.stderr(`${title}: bad field in cdb or parameter list (perhaps unsupported service action)\n`);
      return outcome.status;
    default:
      output.stderr(`${title}: ${exitStatusText(outcome.status, verbose > 0)}\n`);
      return outcome.status;
  }
  if (action.direction === 'out') {
    if (verbose > 0) output.stderr(successText(action.serviceAction));
    return EXIT_STATUS.good;
  }
  const report = reportText(action.serviceAction, outcome.dataIn, options.hex, verbose > 0);
  output.stdout(report.text);
  if (!report.malformed) return EXIT_STATUS.good;
  output.stderr('Unexpected response for PRIN Report Capabilities\n');
  return EXIT_STATUS.malformed;
}
