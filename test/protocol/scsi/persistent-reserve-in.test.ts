import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeReportCapabilities,
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReadReservation,
  encodeTransportId,
  persistentReserveInCdb,
  persistentReserveInCdbLayout,
  PR_IN_SERVICE_ACTION,
  reportCapabilitiesLayout,
  RESERVATION_TYPE_CODE,
  reservationTypeOfCode,
  type ReservationType,
} from '../../../protocol/index.js';
import {
  readGoldenBytes,
  type GoldenCapabilities,
  type GoldenDataIn,
  type GoldenFullStatus,
  type GoldenKeys,
  type GoldenReservation,
  type InCommand,
} from '../../golden-bytes.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const typeCode = (type: ReservationType | number): number =>
  typeof type === 'number' ? type : RESERVATION_TYPE_CODE[type];

/** Both directions of every entry: `decoded` is what its fields are to our decoder. */
function holds<Data>(
  entries: readonly GoldenDataIn<InCommand, Data | null>[],
  direction: {
    readonly decode: (bytes: Uint8Array) => unknown;
    readonly decoded: (data: Data, bytes: Uint8Array) => unknown;
    readonly encode: (data: Data) => Uint8Array;
  },
): void {
  it.each(entries)('asks: $name', ({ cdb }) => {
    const { serviceAction, allocationLength } = cdb.fields;
    const code = PR_IN_SERVICE_ACTION[serviceAction];
    expect(hex(persistentReserveInCdb(code, allocationLength))).toBe(hex(cdb.bytes));
    expect(persistentReserveInCdbLayout.decode(cdb.bytes)).toEqual({
      operationCode: 0x5e,
      serviceAction: code,
      allocationLength,
      control: 0,
    });
  });
  it.each(entries)('reads: $name', ({ dataIn }) => {
    const { fields } = dataIn;
    const expected = fields === null ? undefined : direction.decoded(fields, dataIn.bytes);
    expect(direction.decode(dataIn.bytes)).toEqual(expected);
  });
  it.each(entries.filter((entry) => entry.decodeOnly === undefined))('writes: $name', (entry) => {
    const whole = entries.find((one) => one.name === (entry.cutOf ?? entry.name))?.dataIn.fields ?? null;
    if (whole === null) throw new Error(`${entry.name}: nothing is said of the whole`);
    const written = direction.encode(whole).subarray(0, entry.cdb.fields.allocationLength);
    expect(hex(written)).toBe(hex(entry.dataIn.bytes));
  });
}

/** What the header tells: data is cut where less came than ADDITIONAL LENGTH announces. */
const header = (data: { prGeneration: number; additionalLength: number }, source: Uint8Array): object => ({
  prGeneration: data.prGeneration,
  additionalLength: data.additionalLength,
  cut: 8 + data.additionalLength > source.length,
});

describe('C7 READ KEYS, to the golden bytes', () => {
  holds<GoldenKeys>(readGoldenBytes('read-keys'), {
    decode: decodeReadKeys,
    decoded: (data, source) => ({ ...header(data, source), keys: data.keys }),
    encode: (data) => encodeReadKeys(data.prGeneration, data.keys),
  });

  it('bytes beyond ADDITIONAL LENGTH are none of it, and an endless one is only cut', () => {
    expect(decodeReadKeys(bytes('0000000700000008' + '00'.repeat(16)))).toMatchObject({
      cut: false,
      keys: [0n],
    });
    expect(decodeReadKeys(bytes('00000001fffffff8' + '00'.repeat(16)))).toMatchObject({
      cut: true,
      keys: [0n, 0n],
    });
  });
});

describe('C7 READ RESERVATION, to the golden bytes', () => {
  holds<GoldenReservation>(readGoldenBytes('read-reservation'), {
    decode: decodeReadReservation,
    decoded: (data, source) => ({
      ...header(data, source),
      reservation:
        data.reservation === null ? null : { ...data.reservation, type: typeCode(data.reservation.type) },
    }),
    encode: ({ prGeneration, reservation }) => {
      if (reservation === null) return encodeReadReservation(prGeneration, null);
      const { key, type } = reservation;
      if (typeof type === 'number') throw new Error(`type ${type} has no name`);
      return encodeReadReservation(prGeneration, { key, type });
    },
  });

  it('names the six types, and no obsolete or reserved code', () => {
    const codes = [...Array(16).keys()];
    const named = codes.filter((code) => reservationTypeOfCode(code) !== undefined);
    expect(named).toEqual([1, 3, 5, 6, 7, 8]);
    expect(named.map((code) => reservationTypeOfCode(code))).toEqual(Object.keys(RESERVATION_TYPE_CODE));
  });
});

describe('C7 REPORT CAPABILITIES, to the golden bytes', () => {
  const entries = readGoldenBytes('report-capabilities');
  const everyBit = entries[0]?.dataIn.fields?.set ?? [];
  const decoded = ({ length, allowCommands, set }: GoldenCapabilities): Record<string, number> => ({
    length,
    allowCommands,
    ...Object.fromEntries(everyBit.map((name) => [name, set.includes(name) ? 1 : 0])),
  });
  holds<GoldenCapabilities>(entries, {
    decode: decodeReportCapabilities,
    decoded,
    encode: (data) => reportCapabilitiesLayout.toBytes(decoded(data)),
  });
});

/** Where the TransportIDs of READ FULL STATUS are, told by the bytes alone. */
function* transportIdsOf(source: Uint8Array): Generator<Uint8Array> {
  const view = Buffer.from(source);
  for (let at = 8; at + 24 <= view.length; at += 24 + view.readUInt32BE(at + 20)) {
    yield source.slice(at + 24, at + 24 + view.readUInt32BE(at + 20));
  }
}

describe('C7 READ FULL STATUS, to the golden bytes', () => {
  holds<GoldenFullStatus>(readGoldenBytes('read-full-status'), {
    decode: decodeReadFullStatus,
    decoded: (data, source) => {
      const transportIds = [...transportIdsOf(source)];
      return {
        ...header(data, source),
        descriptors: data.descriptors.map((descriptor, index) => ({
          ...descriptor,
          type: typeCode(descriptor.type),
          transportId: descriptor.transportId ?? undefined,
          transportIdBytes: transportIds[index],
        })),
      };
    },
    encode: ({ prGeneration, descriptors }) =>
      encodeReadFullStatus(
        prGeneration,
        descriptors.map(({ key, rHolder, type, relativeTargetPortId, transportId }) => {
          if (transportId === null) throw new Error('a TransportID that cannot be written');
          const holdsType = rHolder && typeof type === 'string' ? type : null;
          return { key, holds: holdsType, relativeTargetPortId, transportId: encodeTransportId(transportId) };
        }),
      ),
  });
});

describe('PERSISTENT RESERVE IN', () => {
  it('an ALLOCATION LENGTH beyond its field is refused', () => {
    expect(() => persistentReserveInCdb(0, 0x1_0000)).toThrow(RangeError);
  });

  it('decoders never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
        for (const decode of [
          decodeReadKeys,
          decodeReadReservation,
          decodeReadFullStatus,
          decodeReportCapabilities,
        ]) {
          if (decode(noise) === undefined) expect(noise.length).toBeLessThan(8);
        }
      }),
    );
  });
});
