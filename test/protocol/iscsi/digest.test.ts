import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { crc32c, crc32cByTable, digestMatches, writeDigest } from '../../../protocol/iscsi/digest.js';

const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
/** RFC 7143 appendix A.4 and RFC 3720 appendix B.4: bytes, and the digest in the order of the wire. */
const vectors: readonly (readonly [string, Uint8Array, string])[] = [
  ['32 bytes of zeroes', new Uint8Array(32), 'aa36918a'],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), '43aba862'],
  ['32 bytes incrementing', ascending, '4e79dd46'],
  ['32 bytes decrementing', ascending.toReversed(), '5cdb3f11'],
  [
    'a SCSI READ (10) command PDU',
    Buffer.from(
      '01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000' + '0000000000',
      'hex',
    ),
    '563a96d9',
  ],
];

describe('CRC32C', () => {
  for (const [name, bytes, wire] of vectors) {
    it(`of ${name}`, () => {
      const pdu = Buffer.concat([Buffer.from([9]), bytes, Buffer.alloc(5)]);
      writeDigest(pdu, 1, 1 + bytes.length, 1 + bytes.length);
      expect(pdu.toString('hex', 1 + bytes.length)).toBe(`${wire}00`);
      expect(digestMatches(pdu, 1, 1 + bytes.length, 1 + bytes.length)).toBe(true);
      pdu[3] = (pdu[3] ?? 0) ^ 0x10;
      expect(digestMatches(pdu, 1, 1 + bytes.length, 1 + bytes.length)).toBe(false);
    });
  }

  it('is the same by table and by native code, at every length and offset', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        expect(crc32c(bytes, from)).toBe(crc32cByTable(bytes, from, bytes.length));
      }),
    );
  });
});
