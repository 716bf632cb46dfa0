import { constants } from 'node:os';

/** Exit statuses of sg3_utils 1.46 (its manual page `sg3_utils(8)`, "EXIT STATUS"). */
export const EXIT_STATUS = {
  good: 0,
  syntaxError: 1,
  notReady: 2,
  mediumOrHardware: 3,
  illegalRequest: 5,
  unitAttention: 6,
  dataProtect: 7,
  invalidOperationCode: 9,
  copyAborted: 10,
  abortedCommand: 11,
  miscompare: 14,
  fileError: 15,
  noSense: 20,
  recovered: 21,
  lbaOutOfRange: 22,
  reservationConflict: 24,
  conditionMet: 25,
  busy: 26,
  taskSetFull: 27,
  acaActive: 28,
  taskAborted: 29,
  contradiction: 31,
  protectionError: 40,
  /** Plus the error number of the system, up to 46. */
  systemError: 50,
  malformed: 97,
  otherSense: 98,
  other: 99,
} as const;

interface Meaning {
  readonly text: string;
  /** What is added with `-v`. */
  readonly more: string;
}

const meaning = (text: string, more = ''): Meaning => ({ text, more });

/** What the utilities say of a status, their slips included: scripts look for the words. */
const MEANING: Readonly<Partial<Record<number, Meaning>>> = {
  [EXIT_STATUS.syntaxError]: meaning('Syntax error'),
  [EXIT_STATUS.notReady]: meaning('Device not ready', ', type: sense key'),
  [EXIT_STATUS.mediumOrHardware]: meaning(
    'Medium or hardware error',
    ', type: sense key (plus blank check for tape)',
  ),
  [EXIT_STATUS.illegalRequest]: meaning('Illegal request', ', type: sense key, apart from Invalid opcode'),
  [EXIT_STATUS.unitAttention]: meaning('Unit attention', ', type: sense key'),
  [EXIT_STATUS.dataProtect]: meaning('Data protect', ', type: sense key; write protected media?'),
  [EXIT_STATUS.invalidOperationCode]: meaning(
    'Illegal request, Invalid opcode',
    ', type: sense key + asc,ascq',
  ),
  [EXIT_STATUS.copyAborted]: meaning('Copy aborted', ', type: sense key'),
  [EXIT_STATUS.abortedCommand]: meaning(
    'Aborted command',
    ', type: sense key, other than protection related (asc=0x10)',
  ),
  [EXIT_STATUS.miscompare]: meaning('Miscompare', ', type: sense key'),
  [EXIT_STATUS.lbaOutOfRange]: meaning('LBA out of range'),
  [EXIT_STATUS.reservationConflict]: meaning('Reservation conflict', ', type: SCSI status'),
  [EXIT_STATUS.conditionMet]: meaning('Condition met', ', type: SCSI status'),
  [EXIT_STATUS.busy]: meaning('Busy', ', type: SCSI status'),
  [EXIT_STATUS.taskSetFull]: meaning('Task set full', ', type: SCSI status'),
  [EXIT_STATUS.acaActive]: meaning('ACA aactive', ', type: SCSI status'),
  [EXIT_STATUS.taskAborted]: meaning('Task aborted', ', type: SCSI status'),
  [EXIT_STATUS.contradiction]: meaning('Contradict'),
  [EXIT_STATUS.protectionError]: meaning('Aborted command, protection error'),
  [EXIT_STATUS.systemError]: meaning('An OS error occurred', ', (errno > 46 or negative)'),
  [EXIT_STATUS.malformed]: meaning('Malformed SCSI command', ', trouble building command'),
  [EXIT_STATUS.otherSense]: meaning('Some other sense error', ", try '-v' option for more information"),
  [EXIT_STATUS.other]: meaning('Some other error', ', possible transport of driver issue'),
};

/** Messages of the C library on Linux; Node.js has others. */
const SYSTEM_ERROR_TEXT: Readonly<Partial<Record<string, string>>> = {
  EACCES: 'Permission denied',
  EBADE: 'Invalid exchange',
  EBUSY: 'Device or resource busy',
  EDOM: 'Numerical argument out of domain',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  ENOTTY: 'Inappropriate ioctl for device',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ETIMEDOUT: 'Connection timed out',
};

/** `No such file or directory` of `ENOENT`. */
export function systemErrorText(errnoName: string): string {
  return SYSTEM_ERROR_TEXT[errnoName] ?? errnoName;
}

/** Beyond it the statuses of sg3_utils run out, and 50 stands for all. */
const ERRNO_MAX = 46;

/** The exit status that stands for an error of the system. */
export function exitStatusOfErrno(errno: number): number {
  return errno > 0 && errno <= ERRNO_MAX ? EXIT_STATUS.systemError + errno : EXIT_STATUS.systemError;
}

const ERRNO_NAME = new Map<number, string>(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** What an exit status means, in the words of sg3_utils; `verbose` adds where it comes from. */
export function exitStatusText(status: number, verbose: boolean): string {
  const known = MEANING[status];
  if (known !== undefined) return verbose ? known.text + known.more : known.text;
  const text = systemErrorText(ERRNO_NAME.get(status - EXIT_STATUS.systemError) ?? '');
  return verbose ? `OS error: ${text}` : text;
}
