import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTransportId, encodeTransportId, type TransportId } from '../../../protocol/index.js';
import { readGoldenBytes } from '../../golden-bytes.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

const golden = readGoldenBytes('transport-ids');
const known = golden.filter((entry) => entry.fields !== null);
const foreign = golden.filter((entry) => entry.fields === null);

describe('C10: TransportIDs', () => {
  it.each(known)('to the golden bytes: $name', ({ fields: transportId, bytes: wire }) => {
    if (transportId === null) throw new Error('a TransportID that is not known');
    expect(hex(encodeTransportId(transportId))).toBe(hex(wire));
    expect(decodeTransportId(wire)).toEqual({ ok: true, transportId, lengthBytes: wire.length });
    const shifted = bytes(`ffffff${hex(wire)}ff`);
    expect(decodeTransportId(shifted, 3)).toEqual({ ok: true, transportId, lengthBytes: wire.length });
  });

  it.each(foreign)('points at the protocol: $name', ({ bytes: wire }) => {
    expect(decodeTransportId(wire)).toMatchObject({ ok: false, what: 'invalid', byte: 0, bit: 3 });
  });

  it('keeps every TransportID as it was, and gives multiples of 4 of at least 24 bytes', () => {
    const word = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const name = fc.stringMatching(/^[a-z0-9.:-]{1,223}$/);
    const isid = fc.option(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffffn }));
    const ids: fc.Arbitrary<TransportId> = fc.oneof(
      fc.record({ protocol: fc.constant('iscsi' as const), iscsiName: name, isid }),
      fc.record({ protocol: fc.constant('sas' as const), sasAddress: word }),
      fc.record({ protocol: fc.constant('fibreChannel' as const), nPortName: word }),
      fc.record({
        protocol: fc.constant('srp' as const),
        initiatorPortIdentifier: fc.stringMatching(/^[0-9a-f]{32}$/),
      }),
    );
    fc.assert(
      fc.property(ids, (transportId) => {
        const wire = encodeTransportId(transportId);
        expect(wire.length % 4).toBe(0);
        expect(wire.length).toBeGreaterThanOrEqual(24);
        expect(decodeTransportId(wire)).toEqual({ ok: true, transportId, lengthBytes: wire.length });
        // Cut anywhere it is found out, and with whatever follows it is the same.
        for (let end = 0; end < wire.length; end += 3) {
          expect(decodeTransportId(wire, 0, end)).toMatchObject({ ok: false, what: 'cut' });
        }
      }),
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(5),
        fc.constantFrom(0x05, 0x45, 0x00, 0x06),
        (noise, at, first) => {
          noise[at] = first;
          const reading = decodeTransportId(noise, at);
          if (reading.ok) expect(at + reading.lengthBytes).toBeLessThanOrEqual(noise.length);
          else expect(reading.byte).toBeLessThan(Math.max(1, noise.length));
        },
      ),
    );
  });

  const iscsi = (firstByte: string, text: string, length = 20 + 4 * 10): Uint8Array =>
    bytes(firstByte + '00' + length.toString(16).padStart(4, '0') + ascii(text).padEnd(2 * length, '0'));

  it.each([
    ['a reserved protocol', bytes('0f' + '00'.repeat(23)), { what: 'invalid', byte: 0, bit: 3 }],
    ['a reserved format code, SAS', bytes('46' + '00'.repeat(23)), { what: 'invalid', byte: 0, bit: 7 }],
    ['a reserved format code, iSCSI', iscsi('85', 'iqn.x'), { what: 'invalid', byte: 0, bit: 7 }],
    ['fewer than 24 bytes', bytes('06' + '00'.repeat(22)), { what: 'cut', byte: 0 }],
    ['nothing', new Uint8Array(0), { what: 'cut', byte: 0 }],
    ['an additional length below 20', iscsi('05', 'iqn.x', 16).slice(0, 24), { what: 'cut', byte: 0 }],
    [
      'an additional length of 16 with more behind',
      bytes('05000010' + '00'.repeat(40)),
      { what: 'invalid', byte: 2 },
    ],
    [
      'an additional length that is no multiple of 4',
      bytes('05000016' + '00'.repeat(40)),
      { what: 'invalid', byte: 2 },
    ],
    ['an additional length beyond the end', bytes('05000018' + '00'.repeat(20)), { what: 'cut', byte: 2 }],
    ['a name without a terminator', bytes('05000014' + '61'.repeat(20)), { what: 'invalid', byte: 4 }],
    ['an empty name', bytes('05000014' + '00'.repeat(20)), { what: 'invalid', byte: 4 }],
    ['an empty name before an ISID', iscsi('45', ',i,0x00023d000001'), { what: 'invalid', byte: 4 }],
    ['a name that is not UTF-8', iscsi('05', 'iqn.\xff'), { what: 'invalid', byte: 4 }],
    ['a name of 224 bytes', iscsi('05', 'a'.repeat(224), 228), { what: 'invalid', byte: 4 }],
    [
      'a bare name that looks like a port',
      iscsi('05', 'iqn.x,i,0x00023d000001'),
      { what: 'invalid', byte: 4 },
    ],
    ['format 01b without an ISID', iscsi('45', 'iqn.x'), { what: 'invalid', byte: 4 }],
    ['an ISID that is not hexadecimal', iscsi('45', 'iqn.x,i,0xg'), { what: 'invalid', byte: 14 }],
    ['an empty ISID', iscsi('45', 'iqn.x,i,0x'), { what: 'invalid', byte: 14 }],
    ['an ISID of 13 digits', iscsi('45', 'iqn.x,i,0x0000000000001'), { what: 'invalid', byte: 14 }],
  ])('points at what is wrong with %s', (_, wire, expected) => {
    const { ok, message, ...place } = { message: '', ...decodeTransportId(wire) };
    expect(ok).toBe(false);
    expect(message).not.toBe('');
    expect(place).toEqual(expected);
  });

  it('takes a name of 223 bytes, the longest there is, and keeps it as it is', () => {
    for (const iscsiName of ['a'.repeat(223), '\ufeffiqn.x']) {
      const wire = encodeTransportId({ protocol: 'iscsi', iscsiName, isid: null });
      expect(decodeTransportId(wire)).toMatchObject({
        ok: true,
        transportId: { iscsiName },
        lengthBytes: wire.length,
      });
    }
  });

  it('takes the short ISID that some targets print', () => {
    expect(decodeTransportId(iscsi('45', 'iqn.x,i,0x23d')).ok).toBe(true);
  });
});
