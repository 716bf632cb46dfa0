import { decodeSense, testUnitReadyCdb, type LogicalUnitPath } from '../../protocol/index.js';
import { detailLine, isSystemError, type Output, type Surroundings } from './device.js';
import { EXIT_STATUS, exitStatusOfErrno, exitStatusText, systemErrorText } from './exit-status.js';
import { sendCommand, type Command, type Reporting } from './pass-through.js';
import { progressText } from './sense-key-specific.js';
import { readTursCommandLine, type TursOptions } from './turs-options.js';
import { withoutPassword } from '../url.js';

const TEST_UNIT_READY: Command = { name: 'test unit ready', cdb: testUnitReadyCdb({}) };

/** Between two looks at a long operation, unless `--delay` says otherwise. */
const PROGRESS_PAUSE_MS = 30_000;

/** Runs sg_turs. Resolves with its exit status; `args` are without the program's name. */
export async function runSgTurs(
  args: readonly string[],
  surroundings: Surroundings,
  output: Output,
): Promise<number> {
  const read = readTursCommandLine(args, surroundings.env);
  if (read.options === undefined) {
    output.stderr(read.stderr);
    output.stdout(read.stdout);
    return read.status;
  }
  const { options } = read;
  const shownName = withoutPassword(options.deviceName);
  if (options.verbose > 1) output.stderr(`open ${shownName} with flags=0x800\n`);
  let path: LogicalUnitPath;
  try {
    path = await surroundings.openDevice(options.deviceName, { readOnly: true });
  } catch (error) {
    if (!isSystemError(error)) throw error;
    output.stderr(
      `main: error opening file: ${shownName}: ${systemErrorText(error.errnoName)}\n${detailLine(error)}`,
    );
    return exitStatusOfErrno(error.errno);
  }
  try {
    const ask = options.progress ? askForProgress : askForReadiness;
    return await ask(path, options, surroundings, output);
  } finally {
    await path.close();
  }
}

function reportingOf(
  options: TursOptions,
  surroundings: Surroundings,
  output: Output,
  noisy: boolean,
): Reporting {
  return { output, verbose: options.verbose, noisy, nowMs: surroundings.nowMs };
}

async function askForProgress(
  path: LogicalUnitPath,
  options: TursOptions,
  surroundings: Surroundings,
  output: Output,
): Promise<number> {
  const reporting = reportingOf(options, surroundings, output, options.count === 1);
  let sent = 0;
  let status: number = EXIT_STATUS.good;
  while (sent < options.count) {
    if (sent > 0) await surroundings.sleep(options.delayMs ?? PROGRESS_PAUSE_MS);
    const outcome = await sendCommand(path, TEST_UNIT_READY, reporting);
    sent += 1;
    const progress = decodeSense(outcome.sense)?.progress;
    if (progress === undefined) {
      status = outcome.status;
      break;
    }
    output.stdout(`Progress indication: ${progressText(progress)} done\n`);
  }
  if (options.count > 1) output.stdout(`Completed ${sent} Test Unit Ready commands\n`);
  return status;
}

async function askForReadiness(
  path: LogicalUnitPath,
  options: TursOptions,
  surroundings: Surroundings,
  output: Output,
): Promise<number> {
  const startMs = surroundings.nowMs();
  let errors = 0;
  let status: number = EXIT_STATUS.good;
  for (let index = 0; index < options.count; index += 1) {
    if (options.delayMs !== undefined) await surroundings.sleep(options.delayMs);
    const reporting = reportingOf(options, surroundings, output, index === 0);
    const outcome = await sendCommand(path, TEST_UNIT_READY, reporting);
    if (outcome.status === EXIT_STATUS.good) continue;
    errors += 1;
    if (options.count === 1) status = outcome.status;
  }
  const failedAlone = status !== EXIT_STATUS.good;
  const notReady = status === EXIT_STATUS.notReady;
  if (failedAlone) {
    output.stdout(notReady ? 'device not ready\n' : `${exitStatusText(status, options.verbose > 0)}\n`);
  }
  if (options.time) {
    const done = failedAlone && !notReady ? 0 : options.count;
    output.stdout(timeText(surroundings.nowMs() - startMs, done));
  }
  // Of a single command only the one that met a unit that is not ready is counted.
  if (options.count > 1 || notReady) {
    output.stdout(`Completed ${options.count} Test Unit Ready commands with ${errors} errors\n`);
  }
  return status;
}

function timeText(elapsedMs: number, commands: number): string {
  const microseconds = Math.round(elapsedMs * 1000);
  if (microseconds <= 0) return 'Recorded 0 or less elapsed microseconds ??\n';
  const seconds = Math.floor(microseconds / 1_000_000);
  const fraction = String(microseconds % 1_000_000).padStart(6, '0');
  const perSecond = Math.floor((commands * 1_000_000) / microseconds);
  return `time to perform commands was ${seconds}.${fraction} secs; ${perSecond} operations/sec\n`;
}
