import { constants } from 'node:os';

const {
  errno: { EACCES, EBUSY, EINVAL, EIO, ENOENT, ENXIO, EPERM, ETIMEDOUT },
} = constants;

/** The numbers of the errors that opening and using a device may end with. EBADE is Linux's own. */
const ERRNO = { EACCES, EBADE: 52, EBUSY, EINVAL, EIO, ENOENT, ENXIO, EPERM, ETIMEDOUT } as const;

export type ErrnoName = keyof typeof ERRNO;

/** The number this system gives an error name. */
export function errnoNumber(name: ErrnoName): number {
  return ERRNO[name];
}

export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(ERRNO, name);
}

/** An error that a program reports by its number. */
class ErrnoError extends Error {
  readonly errnoName: ErrnoName;
  readonly errno: number;

  constructor(errnoName: ErrnoName, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.errnoName = errnoName;
    this.errno = errnoNumber(errnoName);
  }
}

/** A device that could not be opened: a node that is not there, a target that does not answer, a nexus in use. */
export class DeviceOpenError extends ErrnoError {
  override readonly name = 'DeviceOpenError';
}

/** A command that came to no status: the connection is gone, or a host refused to carry it. */
export class DeviceIoError extends ErrnoError {
  override readonly name = 'DeviceIoError';
}

/** A device map that cannot be used; the message begins with file, line and column. */
export class DeviceMapError extends Error {
  override readonly name = 'DeviceMapError';
}

/** The message of whatever was thrown, for a one-line report. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    return thrown.errors.map(messageOf).join('; ');
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
