import { SCSI_STATUS, type ScsiResult } from '../../protocol/index.js';
import { EXIT_STATUS } from './exit-status.js';

/** Statuses that need no sense data to be understood (SAM-5 5.3.1). */
const BY_STATUS: Readonly<Partial<Record<number, number>>> = {
  [SCSI_STATUS.good]: EXIT_STATUS.good,
  [SCSI_STATUS.conditionMet]: EXIT_STATUS.conditionMet,
  [SCSI_STATUS.busy]: EXIT_STATUS.busy,
  [SCSI_STATUS.reservationConflict]: EXIT_STATUS.reservationConflict,
  [SCSI_STATUS.taskSetFull]: EXIT_STATUS.taskSetFull,
  [SCSI_STATUS.acaActive]: EXIT_STATUS.acaActive,
  [SCSI_STATUS.taskAborted]: EXIT_STATUS.taskAborted,
};

/** By sense key, before ASC and ASCQ are looked at. */
const BY_SENSE_KEY: readonly number[] = [
  EXIT_STATUS.noSense,
  EXIT_STATUS.recovered,
  EXIT_STATUS.notReady,
  EXIT_STATUS.mediumOrHardware,
  EXIT_STATUS.mediumOrHardware,
  EXIT_STATUS.illegalRequest,
  EXIT_STATUS.unitAttention,
  EXIT_STATUS.dataProtect,
  EXIT_STATUS.mediumOrHardware,
  EXIT_STATUS.otherSense,
  EXIT_STATUS.copyAborted,
  EXIT_STATUS.abortedCommand,
  EXIT_STATUS.otherSense,
  EXIT_STATUS.otherSense,
  EXIT_STATUS.miscompare,
  EXIT_STATUS.otherSense,
];

/** The exit status that sense data stands for. */
export function categoryOfSense(sense: Uint8Array): number {
  const responseCode = (sense[0] ?? 0) & 0x7f;
  const isDescriptor = responseCode === 0x72 || responseCode === 0x73;
  const isFixed = responseCode === 0x70 || responseCode === 0x71;
  if (sense.length < 3 || (!isFixed && !isDescriptor)) return EXIT_STATUS.otherSense;
  const senseKey = ((isDescriptor ? sense[1] : sense[2]) ?? 0) & 0x0f;
  const asc = (isDescriptor ? sense[2] : sense[12]) ?? 0;
  const ascq = (isDescriptor ? sense[3] : sense[13]) ?? 0;
  if (senseKey === 0x5 && ascq === 0x00) {
    if (asc === 0x20) return EXIT_STATUS.invalidOperationCode;
    if (asc === 0x21) return EXIT_STATUS.lbaOutOfRange;
  }
  if (senseKey === 0xb && asc === 0x10) return EXIT_STATUS.protectionError;
  return BY_SENSE_KEY[senseKey] ?? EXIT_STATUS.otherSense;
}

/** The exit status that the result of a command stands for; undefined for a SCSI status nobody knows. */
export function categoryOf(result: ScsiResult): number | undefined {
  return result.status === SCSI_STATUS.checkCondition
    ? categoryOfSense(result.sense)
    : BY_STATUS[result.status];
}

/** Sense keys that the utilities report with `-v` only; the others are printed at any rate. */
const QUIET: ReadonlySet<number> = new Set([
  EXIT_STATUS.noSense,
  EXIT_STATUS.notReady,
  EXIT_STATUS.illegalRequest,
  EXIT_STATUS.dataProtect,
  EXIT_STATUS.invalidOperationCode,
  EXIT_STATUS.copyAborted,
  EXIT_STATUS.abortedCommand,
  EXIT_STATUS.miscompare,
  EXIT_STATUS.lbaOutOfRange,
  EXIT_STATUS.protectionError,
]);

export const isQuietCategory = (category: number): boolean => QUIET.has(category);
/** The command did what it should, in spite of its sense data. */
export const isSuccess = (category: number): boolean =>
  category === EXIT_STATUS.good || category === EXIT_STATUS.noSense || category === EXIT_STATUS.recovered;
/** How much data came matters here, whether or not `-vv` was given. */
export const concernsMedium = (category: number): boolean =>
  category === EXIT_STATUS.mediumOrHardware || category === EXIT_STATUS.recovered;
