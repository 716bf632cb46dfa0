import { describe, expect, it } from 'vitest';
import {
  ascii,
  bits,
  bytes,
  layout,
  reserved,
  u16be,
  u24be,
  u48be,
  u64be,
  u8,
} from '../../protocol/layout.js';

const sample = layout(
  'Sample',
  bits({ reserved7: 1, immediate: 1, opcode: 6 }),
  u8('flags'),
  reserved(2),
  u24be('length'),
  bits({ scope: 4, type: 4 }),
  u64be('key'),
  u48be('isid'),
  bytes('tag', 2),
  ascii('vendor', 4),
  bits({ wide: 12, reserved0: 4 }),
  u16be('last'),
);

describe('layout', () => {
  it('decodes what it encodes, 64-bit keys to the last bit', () => {
    const value = {
      immediate: 1,
      opcode: 0x21,
      flags: 0x80,
      length: 0x123456,
      scope: 0,
      type: 7,
      key: 0xdeadbeef1a7ebaben,
      isid: 0x80123456789an,
      tag: Uint8Array.of(1, 2),
      vendor: 'ab  ',
      wide: 0xabc,
      last: 0xfffe,
    };
    const encoded = sample.toBytes(value);
    expect(Buffer.from(encoded).toString('hex')).toBe(
      '61' +
        '80' +
        '0000' +
        '123456' +
        '07' +
        'deadbeef1a7ebabe' +
        '80123456789a' +
        '0102' +
        '61622020' +
        'abc0' +
        'fffe',
    );
    expect(sample.decode(encoded)).toEqual(value);
  });

  it('zeroes fields that are left out and reserved ones, whatever was there', () => {
    const target = new Uint8Array(sample.lengthBytes + 2).fill(0xff);
    sample.encode({ tag: Uint8Array.of(0, 0), key: 0n, isid: 0n, vendor: '' }, target, 1);
    expect(target[0]).toBe(0xff);
    expect(target[sample.lengthBytes + 1]).toBe(0xff);
    expect([...target.subarray(1, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('tells the byte and the most significant bit of a field', () => {
    expect(sample.placeOf('opcode')).toMatchObject({ byte: 0, bit: 5, widthBits: 6 });
    expect(sample.placeOf('type')).toMatchObject({ byte: 7, bit: 3 });
    expect(sample.placeOf('length')).toMatchObject({ byte: 4, bit: undefined, lengthBytes: 3 });
    expect(sample.offsetOf('key')).toBe(8);
  });

  it('refuses what does not fit', () => {
    expect(() => sample.toBytes({ opcode: 64 })).toThrow('opcode: 64 does not fit into 6 bits');
    expect(() => sample.toBytes({ tag: Uint8Array.of(1) })).toThrow('tag: expected 2 bytes');
    expect(() => sample.toBytes({ key: 1n << 64n })).toThrow('expected a bigint of 64 bits');
    expect(() => sample.decode(new Uint8Array(5))).toThrow('Sample: 5 bytes where 32 are needed');
  });
});
