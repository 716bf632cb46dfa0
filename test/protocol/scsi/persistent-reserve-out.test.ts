import { describe, expect, it } from 'vitest';
import {
  additionalParameterDataLayout,
  basicParameterList,
  basicParameterListLayout,
  decodeTransportId,
  encodeTransportId,
  persistentReserveOutCdb,
  persistentReserveOutCdbLayout,
  PR_OUT_SERVICE_ACTION,
  registerAndMoveParameterList,
  registerAndMoveParameterListLayout,
  RESERVATION_TYPE_CODE,
  type TransportId,
} from '../../../protocol/index.js';
import { BASIC_LIST_FILES, readGoldenBytes, type GoldenDataOut } from '../../golden-bytes.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function holdsCommand({ cdb, dataOut }: GoldenDataOut<unknown>): void {
  const { fields } = cdb;
  expect(fields.parameterListLength).toBe(dataOut.bytes.length);
  const command = {
    serviceAction: PR_OUT_SERVICE_ACTION[fields.serviceAction],
    scope: fields.scope,
    type: typeof fields.type === 'number' ? fields.type : RESERVATION_TYPE_CODE[fields.type],
    parameterListLength: fields.parameterListLength,
  };
  expect(hex(persistentReserveOutCdb(command))).toBe(hex(cdb.bytes));
  expect(persistentReserveOutCdbLayout.decode(cdb.bytes)).toEqual({
    operationCode: 0x5f,
    ...command,
    control: 0,
  });
}

/** The TransportIDs that fill `source` from `offset` to its end. */
function transportIdsFrom(source: Uint8Array, offset: number): TransportId[] {
  const ids: TransportId[] = [];
  while (offset < source.length) {
    const reading = decodeTransportId(source, offset);
    if (!reading.ok) throw new Error(reading.message);
    ids.push(reading.transportId);
    offset += reading.lengthBytes;
  }
  return ids;
}

describe.each(BASIC_LIST_FILES)('C1 PERSISTENT RESERVE OUT, %s, to the golden bytes', (file) => {
  const entries = readGoldenBytes(file);
  it.each(entries)('command: $name', holdsCommand);

  it.each(entries)('writes: $name', ({ dataOut: { fields, bytes } }) => {
    const { transportIds, ...list } = fields;
    expect(hex(basicParameterList({ ...list, transportIds: transportIds?.map(encodeTransportId) }))).toBe(
      hex(bytes),
    );
  });

  it.each(entries)('reads: $name', ({ dataOut: { fields, bytes } }) => {
    const { transportIds, allTgPt, aptpl, ...keys } = fields;
    expect(basicParameterListLayout.decode(bytes)).toEqual({
      ...keys,
      specIPt: transportIds === undefined ? 0 : 1,
      allTgPt: allTgPt === true ? 1 : 0,
      aptpl: aptpl === true ? 1 : 0,
    });
    if (transportIds === undefined) {
      expect(bytes.length).toBe(24);
    } else {
      expect(additionalParameterDataLayout.decode(bytes, 24)).toEqual({
        transportIdParameterDataLength: bytes.length - 28,
      });
      expect(transportIdsFrom(bytes, 28)).toEqual(transportIds);
    }
  });
});

describe('C1 PERSISTENT RESERVE OUT, register-and-move, to the golden bytes', () => {
  const entries = readGoldenBytes('register-and-move');
  it.each(entries)('command: $name', holdsCommand);

  it.each(entries)('writes: $name', ({ dataOut: { fields, bytes } }) => {
    const list = { ...fields, transportId: encodeTransportId(fields.transportId) };
    expect(hex(registerAndMoveParameterList(list))).toBe(hex(bytes));
  });

  it.each(entries)('reads: $name', ({ dataOut: { fields, bytes } }) => {
    const { transportId, unreg, aptpl, ...plain } = fields;
    expect(registerAndMoveParameterListLayout.decode(bytes)).toEqual({
      ...plain,
      unreg: unreg === true ? 1 : 0,
      aptpl: aptpl === true ? 1 : 0,
      transportIdLength: bytes.length - 24,
    });
    expect(transportIdsFrom(bytes, 24)).toEqual([transportId]);
  });
});

describe('PERSISTENT RESERVE OUT', () => {
  it('the command fills its fields and goes no further', () => {
    const widest = { serviceAction: 0x1f, scope: 0xf, type: 0xe, parameterListLength: 0x12345678 };
    expect(hex(persistentReserveOutCdb(widest))).toBe('5f1ffe00001234567800');
    expect(() => persistentReserveOutCdb({ serviceAction: 32, parameterListLength: 24 })).toThrow(RangeError);
  });
});
