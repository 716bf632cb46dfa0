import {
  additionalSenseName,
  decodeSense,
  SCSI_STATUS,
  scsiStatusName,
  SENSE_KEY,
  type FieldPointer,
  type ScsiResult,
  type Sense,
} from '../../protocol/index.js';

import type { Facts } from './facts.js';

/** What a command must end with. */
export type Expected =
  | { readonly status: 'good' }
  | { readonly status: 'reservationConflict' }
  | { readonly status: 'taskAborted' }
  /** Any status but RESERVATION CONFLICT: a reservation lets the command through, whatever it meets behind. */
  | { readonly status: 'letThrough' }
  /** No status at all: the command was aborted, and the initiator is not told (TAS=0). */
  | { readonly status: 'none' }
  | {
      readonly status: 'checkCondition';
      readonly key: number;
      /** Absent: any additional sense code, where the standard leaves it open. */
      readonly asc?: number;
      readonly ascq?: number;
      /** If the sense data have a field pointer at all, it must be this; the standard does not demand one (SPC-4 4.5). */
      readonly fieldPointer?: Omit<FieldPointer, 'bit'> & { readonly bit?: number | undefined };
    };

export const GOOD: Expected = { status: 'good' };
export const CONFLICT: Expected = { status: 'reservationConflict' };
export const TASK_ABORTED: Expected = { status: 'taskAborted' };
export const LET_THROUGH: Expected = { status: 'letThrough' };
export const NO_STATUS: Expected = { status: 'none' };

/** How a command ends that another nexus aborted (SPC-4 7.5.8); without a Control mode page nobody says how. */
export const abortedWith = (
  facts: Pick<Facts, 'controlModePage' | 'taskAbortedStatus'>,
): readonly Expected[] =>
  facts.controlModePage ? [facts.taskAbortedStatus ? TASK_ABORTED : NO_STATUS] : [TASK_ABORTED, NO_STATUS];

/** CHECK CONDITION; `code` is ASC * 256 + ASCQ. */
export const check = (
  key: keyof typeof SENSE_KEY,
  code?: number,
  fieldPointer?: Extract<Expected, { status: 'checkCondition' }>['fieldPointer'],
): Expected => ({
  status: 'checkCondition',
  key: SENSE_KEY[key],
  ...(code === undefined ? {} : { asc: code >> 8, ascq: code & 0xff }),
  ...(fieldPointer === undefined ? {} : { fieldPointer }),
});

export const INVALID_FIELD_IN_CDB = check('illegalRequest', 0x2400);
export const INVALID_FIELD_IN_PARAMETER_LIST = check('illegalRequest', 0x2600);
export const PARAMETER_LIST_LENGTH_ERROR = check('illegalRequest', 0x1a00);
export const INVALID_RELEASE = check('illegalRequest', 0x2604);
export const INFORMATION_LOST = check('dataProtect', 0x4401);

/** What became of a command: an answer, or none because it was aborted. */
export type Received = { readonly result: ScsiResult } | { readonly aborted: string };

export function matches(expected: Expected, received: Received): boolean {
  if ('aborted' in received) return expected.status === 'none';
  const { status, sense } = received.result;
  if (expected.status === 'none') return false;
  if (expected.status === 'letThrough') return status !== SCSI_STATUS.reservationConflict;
  if (status !== SCSI_STATUS[expected.status]) return false;
  if (expected.status !== 'checkCondition') return true;
  const decoded = decodeSense(sense);
  if (decoded?.key !== expected.key) return false;
  if (expected.asc !== undefined && decoded.asc !== expected.asc) return false;
  if (expected.ascq !== undefined && decoded.ascq !== expected.ascq) return false;
  return pointerMatches(expected.fieldPointer, decoded.fieldPointer);
}

function pointerMatches(
  expected: Extract<Expected, { status: 'checkCondition' }>['fieldPointer'],
  received: FieldPointer | undefined,
): boolean {
  if (expected === undefined || received === undefined) return true;
  if (expected.in !== received.in || expected.byte !== received.byte) return false;
  return expected.bit === undefined || received.bit === undefined || expected.bit === received.bit;
}

/** The sense data of an answer; undefined where it has none. */
export function senseOf(received: Received): Sense | undefined {
  if ('aborted' in received || received.result.status !== SCSI_STATUS.checkCondition) return undefined;
  return decodeSense(received.result.sense);
}

/** The unit attention that an answer reports as ASC * 256 + ASCQ; undefined where it reports none. */
export function attentionOf(received: Received): number | undefined {
  const sense = senseOf(received);
  return sense?.key === SENSE_KEY.unitAttention ? sense.asc * 256 + sense.ascq : undefined;
}

const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** `05/26/00 INVALID FIELD IN PARAMETER LIST`. */
export function senseInWords({ key, asc, ascq }: { key: number; asc?: number; ascq?: number }): string {
  if (asc === undefined) return `${hexByte(key)}/any`;
  const code = `${hexByte(key)}/${hexByte(asc)}/${ascq === undefined ? 'any' : hexByte(ascq)}`;
  const name = additionalSenseName(asc, ascq ?? 0);
  return name === undefined ? code : `${code} ${name}`;
}

export function expectedInWords(expected: Expected): string {
  switch (expected.status) {
    case 'none':
      return 'no status: aborted';
    case 'letThrough':
      return 'any status but RESERVATION CONFLICT';
    case 'checkCondition': {
      const { fieldPointer } = expected;
      const place =
        fieldPointer === undefined
          ? ''
          : `, field pointer (if any) to ${fieldPointer.in} byte ${fieldPointer.byte}`;
      return `CHECK CONDITION, ${senseInWords(expected)}${place}`;
    }
    default:
      return scsiStatusName(SCSI_STATUS[expected.status]);
  }
}

export function receivedInWords(received: Received): string {
  if ('aborted' in received) return `no status: ${received.aborted}`;
  const { status, sense } = received.result;
  const name = scsiStatusName(status);
  if (status !== SCSI_STATUS.checkCondition) return name;
  const decoded = decodeSense(sense);
  if (decoded === undefined) return `${name}, without sense data`;
  const { fieldPointer } = decoded;
  const place =
    fieldPointer === undefined
      ? ''
      : `, field pointer to ${fieldPointer.in} byte ${fieldPointer.byte}` +
        (fieldPointer.bit === undefined ? '' : ` bit ${fieldPointer.bit}`);
  return `${name}, ${senseInWords(decoded)}${place}`;
}
