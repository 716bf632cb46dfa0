import type { LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { categoryOf, concernsMedium, isQuietCategory, isSuccess } from './category.js';
import { detailLine, isSystemError, type Output } from './device.js';
import { EXIT_STATUS, exitStatusOfErrno, systemErrorText } from './exit-status.js';
import { dumpBytes, dumpWithAddressAndCharacters, hexWords } from './hex-dump.js';
import { SENSE_BUFFER_BYTES, senseText } from './sense-text.js';

/** How long sg3_utils gives a command before it aborts it. */
const COMMAND_TIMEOUT_MS = 60_000;
/** How much of the data the third `-v` shows; the fourth shows all. */
const RESPONSE_PREVIEW_BYTES = 256;

export interface Command {
  /** As messages name it. */
  readonly name: string;
  readonly cdb: Uint8Array;
  readonly dataOut?: Uint8Array | undefined;
  readonly dataInLength?: number | undefined;
  /** The data that came is shown with `-vvv`. */
  readonly showsResponse?: boolean | undefined;
}

export interface Reporting {
  readonly output: Output;
  /** How often `-v` was given. */
  readonly verbose: number;
  /** Report what went wrong even without `-v`. */
  readonly noisy: boolean;
  readonly nowMs: () => number;
}

export interface Outcome {
  /** An exit status; 0 for success. */
  readonly status: number;
  readonly sense: Uint8Array;
  /** As long as was asked for; zero where nothing came. */
  readonly dataIn: Buffer;
  readonly receivedBytes: number;
}

/** Sends one command and reports on it as the pass-through layer of sg3_utils does. Never rejects for an I/O error. */
export async function sendCommand(
  path: LogicalUnitPath,
  command: Command,
  reporting: Reporting,
): Promise<Outcome> {
  const { output, verbose } = reporting;
  if (verbose > 0) output.stderr(`    ${command.name} cdb: [${hexWords(command.cdb)}]\n`);
  if (verbose > 1 && command.dataOut !== undefined) {
    output.stderr(`    ${command.name} parameters:\n${dumpWithAddressAndCharacters(command.dataOut)}`);
  }
  const startMs = reporting.nowMs();
  let result: ScsiResult;
  try {
    result = await path.execute(command.cdb, {
      dataOut: command.dataOut,
      dataInLength: command.dataInLength,
      timeoutMs: COMMAND_TIMEOUT_MS,
    });
  } catch (error) {
    return notCarriedOut(error, command, reporting);
  }
  if (verbose > 2) output.stderr(`      duration=${Math.round(reporting.nowMs() - startMs)} ms\n`);
  const dataIn = Buffer.alloc(command.dataInLength ?? 0);
  dataIn.set(result.dataIn.subarray(0, dataIn.length));
  const sense = result.sense.subarray(0, SENSE_BUFFER_BYTES);
  const receivedBytes = dataIn.length - Math.min(dataIn.length, Math.max(0, result.residual));
  const data = { dataIn, receivedBytes };
  return { status: report({ ...result, sense }, command, reporting, data), sense, ...data };
}

/** No status came back: the connection is lost, or the time was up. What became of the command nobody knows. */
function notCarriedOut(thrown: unknown, command: Command, reporting: Reporting): Outcome {
  // A mistake of ours must not pass for an error of the device.
  if (!isSystemError(thrown)) throw thrown;
  if (reporting.noisy || reporting.verbose > 0) {
    const text = systemErrorText(thrown.errnoName);
    reporting.output.stderr(`${command.name}: pass-through os error: ${text}\n${detailLine(thrown)}`);
  }
  return {
    status: exitStatusOfErrno(thrown.errno),
    sense: new Uint8Array(0),
    dataIn: Buffer.alloc(command.dataInLength ?? 0),
    receivedBytes: 0,
  };
}

function report(
  result: ScsiResult,
  command: Command,
  reporting: Reporting,
  { dataIn, receivedBytes }: Pick<Outcome, 'dataIn' | 'receivedBytes'>,
): number {
  const { output, verbose } = reporting;
  const category = categoryOf(result);
  if (category === undefined) {
    output.stderr(`${command.name}: scsi status: Unknown status [0x${result.status.toString(16)}]\n`);
    return EXIT_STATUS.other;
  }
  if (result.sense.length > 0 || category === EXIT_STATUS.otherSense) {
    if (verbose > 0 || (reporting.noisy && !isQuietCategory(category))) {
      output.stderr(`${command.name}:\n${senseText(result.sense, verbose > 1)}`);
      if (verbose > 2 || receivedBytes > 0 || concernsMedium(category)) {
        reportShortfall(command, dataIn.length, receivedBytes, output);
      }
    }
  } else if (category === EXIT_STATUS.good && verbose > 1) {
    reportShortfall(command, dataIn.length, receivedBytes, output);
  }
  if (category === EXIT_STATUS.good && verbose > 2 && command.showsResponse === true) {
    reportResponse(command, dataIn.subarray(0, receivedBytes), verbose, output);
  }
  return isSuccess(category) ? EXIT_STATUS.good : category;
}

function reportShortfall(command: Command, requested: number, received: number, output: Output): void {
  if (received === requested) return;
  output.stderr(
    `    ${command.name}: pass-through requested ${requested} bytes (data-in), got  got ${received} bytes\n`,
  );
}

function reportResponse(command: Command, bytes: Uint8Array, verbose: number, output: Output): void {
  if (verbose > 3) {
    output.stderr(`    ${command.name}: response:\n${dumpWithAddressAndCharacters(bytes)}`);
    return;
  }
  const preview = bytes.length > RESPONSE_PREVIEW_BYTES ? ', first 256 bytes' : '';
  output.stderr(
    `    ${command.name}: response${preview}:\n${dumpBytes(bytes.subarray(0, RESPONSE_PREVIEW_BYTES))}`,
  );
}
