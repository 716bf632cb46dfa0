import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeTransportId,
  encodeTransportId,
  fibreChannelTransportIdLayout,
  iscsiTransportIdHeaderLayout,
  sasTransportIdLayout,
  srpTransportIdLayout,
  type TransportId,
} from '../../../protocol/index.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** Each as another program printed or sent it, or placed by hand from SPC-4 7.6.4. */
const known: readonly [name: string, id: TransportId, wire: string][] = [
  [
    'iSCSI format 01b, as recorded',
    { protocol: 'iscsi', iscsiName: 'iqn.2026-11.test:host-a', isid: 0x00023d000001n },
    '4500002c69716e2e323032362d31312e746573743a686f73742d612c692c307830303032336430303030303100000000',
  ],
  [
    'iSCSI format 00b, as recorded',
    { protocol: 'iscsi', iscsiName: 'iqn.2026-11.test:host-a', isid: null },
    '0500001869716e2e323032362d31312e746573743a686f73742d6100',
  ],
  [
    'iSCSI format 00b, padded to the least length',
    { protocol: 'iscsi', iscsiName: 'iqn.x', isid: null },
    `05000014${ascii('iqn.x')}${'00'.repeat(15)}`,
  ],
  [
    'SAS, as recorded',
    { protocol: 'sas', sasAddress: 0x50014050000000c1n },
    '0600000050014050000000c1000000000000000000000000',
  ],
  [
    'Fibre Channel, as recorded',
    { protocol: 'fibreChannel', nPortName: 0x21000024ff0000d1n },
    '000000000000000021000024ff0000d10000000000000000',
  ],
  [
    'SRP',
    { protocol: 'srp', initiatorPortIdentifier: '000102030405060708090a0b0c0d0e0f' },
    '0400000000000000000102030405060708090a0b0c0d0e0f',
  ],
];

describe('C10: TransportIDs', () => {
  it.each(known)('encodes and decodes %s', (_, transportId, wire) => {
    expect(hex(encodeTransportId(transportId))).toBe(wire);
    expect(decodeTransportId(bytes(wire))).toEqual({ ok: true, transportId, lengthBytes: wire.length / 2 });
    const shifted = bytes(`ffffff${wire}ff`);
    expect(decodeTransportId(shifted, 3)).toEqual({ ok: true, transportId, lengthBytes: wire.length / 2 });
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
    ['an unknown protocol', bytes('0a' + '00'.repeat(23)), { what: 'invalid', byte: 0, bit: 3 }],
    ['a SPI TransportID', bytes('01' + '00'.repeat(23)), { what: 'invalid', byte: 0, bit: 3 }],
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

  it('has layouts of 24 bytes, and a header of 4 for iSCSI', () => {
    for (const declared of [fibreChannelTransportIdLayout, sasTransportIdLayout, srpTransportIdLayout]) {
      expect(declared.lengthBytes).toBe(24);
    }
    expect(iscsiTransportIdHeaderLayout.lengthBytes).toBe(4);
  });
});
