import { SCSI_STATUS } from '../../protocol/index.js';
import type { ScsiResult } from '../../protocol/index.js';
import type { ErrnoName } from '../devices/errors.js';

/** How a run of sg_raw ended, and what it printed. */
export interface SgRawRun {
  /** Null where a signal ended it. */
  readonly exitStatus: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** What a run tells of its command: how it ended, or why no status came back. */
export type SgRawReading =
  | { readonly kind: 'result'; readonly result: ScsiResult }
  | { readonly kind: 'failure'; readonly errnoName: ErrnoName; readonly message: string };

const failure = (errnoName: ErrnoName, message: string): SgRawReading => ({
  kind: 'failure',
  errnoName,
  message,
});

/** `SCSI Status: ...` in the words of sg3_utils. */
const STATUS_OF_NAME = new Map<string, number>([
  ['Good', SCSI_STATUS.good],
  ['Check Condition', SCSI_STATUS.checkCondition],
  ['Condition Met', SCSI_STATUS.conditionMet],
  ['Busy', SCSI_STATUS.busy],
  ['Reservation Conflict', SCSI_STATUS.reservationConflict],
  ['Task Set Full', SCSI_STATUS.taskSetFull],
  ['ACA Active', SCSI_STATUS.acaActive],
  ['Task Aborted', SCSI_STATUS.taskAborted],
]);

/**
 * Reads what sg_raw 1.46 printed with `-b -v`: Data-In on standard output, all else on standard error. The exit status
 * of sg_raw alone does not do: BUSY, TASK ABORTED and an unknown status all end with 99.
 */
export function readSgRawRun(run: SgRawRun, dataInLength: number): SgRawReading {
  const statusText = /^SCSI Status: (.*?)\s*$/m.exec(run.stderr)?.[1];
  const status = statusText === undefined ? undefined : statusOf(statusText);
  if (status === undefined) return whyNoStatus(run);
  if (status === SCSI_STATUS.good) {
    const trouble = whyNotGood(run);
    if (trouble !== undefined) return trouble;
  }
  const sense = status === SCSI_STATUS.checkCondition ? senseOf(run.stderr) : NOTHING;
  if (sense === undefined) return failure('EIO', 'sg_raw told of sense data without their bytes');
  const dataIn = dataInLength === 0 ? NOTHING : dataInOf(run);
  if (dataIn === undefined) {
    const wrong = `standard output has ${run.stdout.length} bytes, which are not those of sg_raw alone`;
    return failure('EIO', `${wrong} (does the shell at the other end print something?)`);
  }
  return {
    kind: 'result',
    // Of Data-Out that was not taken sg_raw tells nothing.
    result: { status, sense, dataIn, residual: dataInLength - dataIn.length },
  };
}

const NOTHING = new Uint8Array(0);

function statusOf(text: string): number | undefined {
  const number = /^Unknown status \[0x([0-9a-f]{1,2})\]$/.exec(text)?.[1];
  return number === undefined ? STATUS_OF_NAME.get(text) : Number.parseInt(number, 16);
}

/**
 * After a transport error sg_raw shows the status byte that nobody has set: Good. Where another status is shown beside
 * it, that status did come: older kernels report a RESERVATION CONFLICT as a nexus failure as well.
 */
function whyNotGood({ exitStatus, stderr }: SgRawRun): SgRawReading | undefined {
  const transportError = /transport error: (.*)/.exec(stderr)?.[1];
  if (transportError !== undefined) {
    const timedOut = /DID_TIME_OUT|DRIVER_TIMEOUT/.test(transportError);
    return failure(timedOut ? 'ETIMEDOUT' : 'EIO', `no answer came back: ${transportError}`);
  }
  if (exitStatus === 0) return undefined;
  return failure('EIO', `GOOD, but ${whatItSaid(stderr)} (${ending(exitStatus)})`);
}

/** Sense data that a command ended with; undefined where its bytes are missing. */
function senseOf(stderr: string): Uint8Array | undefined {
  const raw = /^ Raw sense data \(in hex\), sb_len=(\d+).*\n((?: {8}[0-9a-f].*\n?)*)/m.exec(stderr);
  // The dump is as long as the sense data says that it is: what lies beyond sb_len never came.
  if (raw !== null) return bytesOf(raw[2] ?? '').subarray(0, Number(raw[1]));
  const vendorSpecific = /^Vendor specific sense buffer, in hex:\n((?:[0-9a-f]{2}.*\n?)*)/m.exec(stderr);
  if (vendorSpecific !== null) return bytesOf(vendorSpecific[1] ?? '');
  return stderr.includes('CHECK CONDITION but no Sense Information') ? NOTHING : undefined;
}

function bytesOf(dump: string): Uint8Array {
  return Uint8Array.from(dump.match(/\b[0-9a-f]{2}\b/g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Data-In; undefined where standard output is not what sg_raw says that it wrote. */
function dataInOf({ stdout, stderr }: SgRawRun): Uint8Array | undefined {
  const written = Number(/^Writing (\d+) bytes of data to stdout$/m.exec(stderr)?.[1] ?? 0);
  return stdout.length === written ? stdout : undefined;
}

/** Exit statuses without a SCSI status: of sg3_utils (`sg3_utils(8)`), of shells, and of ssh. */
const ERRNO_OF_EXIT_STATUS = new Map<number, ErrnoName>([
  [1, 'EINVAL'],
  [33, 'ETIMEDOUT'],
  [126, 'EACCES'],
  [127, 'ENOENT'],
  [255, 'ENXIO'],
]);

/** Error numbers of Linux, which the other end is; 50 is added to make an exit status of them. */
const ERRNO_OF_LINUX = new Map<number, ErrnoName>([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [5, 'EIO'],
  [6, 'ENXIO'],
  [13, 'EACCES'],
  [16, 'EBUSY'],
  [19, 'ENXIO'], // ENODEV
  [22, 'EINVAL'],
  [25, 'ENXIO'], // ENOTTY: it opens, but is no SCSI device
]);
const EXIT_STATUS_OF_ERRNO = 50;

/** Error numbers above 46 have one exit status for all, and only their text tells them apart. */
const ERRNO_OF_TEXT: readonly (readonly [text: string, errnoName: ErrnoName])[] = [
  ['Invalid exchange', 'EBADE'],
  ['Connection timed out', 'ETIMEDOUT'],
];

function whyNoStatus({ exitStatus, stderr }: SgRawRun): SgRawReading {
  const said = whatItSaid(stderr);
  const message = `${said} (${ending(exitStatus)})`;
  if (exitStatus === EXIT_STATUS_OF_ERRNO) {
    const errnoName = ERRNO_OF_TEXT.find(([text]) => said.includes(text))?.[1];
    return failure(errnoName ?? 'EIO', message);
  }
  const known =
    ERRNO_OF_EXIT_STATUS.get(exitStatus ?? 0) ?? ERRNO_OF_LINUX.get((exitStatus ?? 0) - EXIT_STATUS_OF_ERRNO);
  if (known !== undefined) return failure(known, message);
  return failure('EIO', `expected the output of sg_raw with "SCSI Status:", ${message}`);
}

const ending = (exitStatus: number | null): string =>
  exitStatus === null ? 'ended by a signal' : `exit status ${exitStatus}`;

/** The line that tells what went wrong: the last one, unless it only repeats or sums up the one before. */
function whatItSaid(stderr: string): string {
  const [beforeUsage = ''] = stderr.split(/^Usage: /m, 1);
  const lines = beforeUsage
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('cdb to send:'));
  const last = lines.at(-1);
  if (last === undefined) return 'it printed no message';
  return lines.find((line) => line.endsWith(`: ${last}`) || /^do_scsi_pt: |^EOF on input/.test(line)) ?? last;
}
