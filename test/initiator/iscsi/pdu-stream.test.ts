import { describe, expect, it } from 'vitest';
import { PduStream } from '../../../initiator/iscsi/pdu-stream.js';
import { crc32cByTable } from '../../../protocol/index.js';
import { targetPdu } from './bytes.js';

const pdus = [
  targetPdu({ opcode: 0x25, tag: 1, data: 'first' }),
  targetPdu({ opcode: 0x21, tag: 2 }),
  Buffer.concat([
    (() => {
      const head = targetPdu({ opcode: 0x20, tag: 3 });
      head[4] = 2;
      head.writeUIntBE(6, 5, 3);
      return head;
    })(),
    Buffer.from('ahs-ahs!'),
    Buffer.from('third!\0\0'),
  ]),
];

const withDigests = (pdu: Buffer): Buffer => {
  const headerEnd = 48 + (pdu[4] ?? 0) * 4;
  const digest = (bytes: Buffer) => {
    const out = Buffer.alloc(4);
    out.writeUInt32LE(crc32cByTable(bytes, 0, bytes.length));
    return out;
  };
  const header = pdu.subarray(0, headerEnd);
  const data = pdu.subarray(headerEnd);
  return Buffer.concat([header, digest(header), data, data.length > 0 ? digest(data) : data]);
};

function read(stream: PduStream, chunks: readonly Buffer[]) {
  const seen: string[] = [];
  for (const chunk of chunks) {
    stream.push(Buffer.from(chunk));
    while (stream.next()) {
      const { bytes, bhs, dataStart, dataLengthBytes } = stream;
      const data = bytes.toString('latin1', dataStart, dataStart + dataLengthBytes);
      seen.push(`${bytes.readUInt32BE(bhs + 16)}:${data}`);
    }
  }
  return seen;
}

describe('PDU stream', () => {
  for (const digests of [false, true]) {
    const wire = Buffer.concat(digests ? pdus.map(withDigests) : pdus);
    const stream = () => Object.assign(new PduStream(8192), { headerDigest: digests, dataDigest: digests });

    it(`is the same split at every byte, digests ${digests}`, () => {
      for (let at = 0; at <= wire.length; at++) {
        expect(read(stream(), [wire.subarray(0, at), wire.subarray(at)])).toEqual([
          '1:first',
          '2:',
          '3:third!',
        ]);
      }
    });

    it(`is the same byte by byte, digests ${digests}`, () => {
      expect(
        read(
          stream(),
          [...wire].map((byte) => Buffer.from([byte])),
        ),
      ).toEqual(['1:first', '2:', '3:third!']);
    });
  }

  it('finds a damaged header and damaged data', () => {
    const damaged = (at: number) => {
      const wire = withDigests(pdus[0] ?? Buffer.alloc(0));
      wire[at] = (wire[at] ?? 0) ^ 1;
      return () => read(Object.assign(new PduStream(8192), { headerDigest: true, dataDigest: true }), [wire]);
    };
    expect(damaged(20)).toThrow('a header with a wrong digest');
    expect(damaged(54)).toThrow('data with a wrong digest');
  });

  it('refuses a data segment longer than was declared', () => {
    expect(() => read(new PduStream(4), [pdus[0] ?? Buffer.alloc(0)])).toThrow(
      'the target sent a data segment of 5 bytes, more than the 4 that were declared',
    );
  });
});
