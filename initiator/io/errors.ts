import { additionalSenseName, decodeSense, scsiStatusName } from '../../protocol/index.js';
import type { ScsiResult } from '../../protocol/index.js';
import { errnoNumber } from '../devices/errors.js';
import type { ErrnoName } from '../devices/errors.js';

/** A read or write of the block layer that failed, with the error number its caller would see. */
export class BlockIoError extends Error {
  override readonly name: string = 'BlockIoError';
  readonly errnoName: ErrnoName;
  readonly errno: number;
  /** What the last attempt ended with. */
  readonly result: ScsiResult;

  constructor(errnoName: ErrnoName, message: string, result: ScsiResult) {
    super(message);
    this.errnoName = errnoName;
    this.errno = errnoNumber(errnoName);
    this.result = result;
  }
}

/** RESERVATION CONFLICT: this nexus is fenced. Never retried; EBADE on Linux. */
export class ReservationConflictError extends BlockIoError {
  override readonly name = 'ReservationConflictError';

  constructor(what: string, result: ScsiResult) {
    super('EBADE', `${what}: RESERVATION CONFLICT`, result);
  }
}

/** `RESERVATION CONFLICT`, or `CHECK CONDITION 07/27/00, Write protected` with key and additional sense code. */
export function describeResult(result: ScsiResult): string {
  const sense = decodeSense(result.sense);
  const status = scsiStatusName(result.status);
  if (sense === undefined) return status;
  const codes = [sense.key, sense.asc, sense.ascq].map(hexByte).join('/');
  const name = additionalSenseName(sense.asc, sense.ascq);
  return `${status} ${codes}${name === undefined ? '' : `, ${name}`}`;
}

const hexByte = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');
