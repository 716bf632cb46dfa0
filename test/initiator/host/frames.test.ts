import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_KIND, FrameReader } from '../../../initiator/host/frames.js';
import type { Frame } from '../../../initiator/host/frames.js';

const read = (reader: FrameReader, pieces: readonly Buffer[]): Frame[] =>
  pieces.flatMap((piece) => [...reader.push(piece)]);

describe('frames on a host socket', () => {
  it('are a length, a kind, an id and a body', () => {
    expect(
      encodeFrame(FRAME_KIND.command, 0x01020304, Buffer.from('ab'), Buffer.from('c')).toString('hex'),
    ).toBe('0000000b' + '01' + '000000' + '01020304' + '616263');
  });

  it('are found however the stream is split', () => {
    const frame = fc.record({ kind: fc.nat(255), id: fc.nat(), body: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(300)), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ kind, id, body }) => encodeFrame(kind, id, body)));
        const ends = [...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
        const pieces = ends.map((end, i) => stream.subarray(i === 0 ? 0 : ends[i - 1], end));
        const found = read(new FrameReader(), pieces).map(({ kind, id, body }) => ({
          kind,
          id,
          body: [...body],
        }));
        expect(found).toEqual(frames.map(({ kind, id, body }) => ({ kind, id, body: [...body] })));
      }),
    );
  });

  it.each([
    ['giant', 'ffffffff', 'a frame of 4294967295 bytes is larger than 16778240'],
    ['shorter than its header', '00000007', 'a frame of 7 bytes is shorter than its header'],
  ])('a length that is %s is refused before the body comes', (_, hex, message) => {
    const reader = new FrameReader();
    expect(() => read(reader, [Buffer.from(hex, 'hex')])).toThrow(
      expect.objectContaining({ name: 'FrameError', message }),
    );
  });
});
