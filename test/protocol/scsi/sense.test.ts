import { describe, expect, it } from 'vitest';
import {
  additionalSenseName,
  decodeSense,
  encodeSense,
  insufficientRegistrationResources,
  invalidCommandOperationCode,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  invalidReleaseOfPersistentReservation,
  parameterListLengthError,
  unitAttention,
  type Sense,
} from '../../../protocol/index.js';
import { readGoldenBytes } from '../../golden-bytes.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const entries = readGoldenBytes('sense');

describe('sense data of persistent reservations, to the golden bytes', () => {
  it.each(entries)('$name', ({ condition, fields, fixed, descriptor }) => {
    expect(additionalSenseName(fields.asc, fields.ascq)?.toUpperCase()).toBe(condition);
    for (const [format, bytes] of [['fixed', fixed] as const, ['descriptor', descriptor] as const]) {
      if (bytes === undefined) continue;
      expect(decodeSense(bytes)).toEqual(fields);
      expect(hex(encodeSense(fields, format))).toBe(hex(bytes));
    }
  });

  it.each<[string, Sense]>([
    ['the operation code is not supported', invalidCommandOperationCode()],
    ['TYPE is obsolete or reserved', invalidFieldInCdb({ byte: 2, bit: 3 })],
    ['PARAMETER LIST LENGTH is not the one demanded', parameterListLengthError()],
    ['APTPL is not supported', invalidFieldInParameterList({ byte: 20, bit: 0 })],
    ['RELEASE with another scope or type', invalidReleaseOfPersistentReservation()],
    ['no room for another registration', insufficientRegistrationResources()],
    ['PREEMPT took the registration away', unitAttention(0x2a, 0x05)],
  ])('the named condition: %s', (name, sense) => {
    expect(sense).toEqual(entries.find((entry) => entry.name === name)?.fields);
  });
});
