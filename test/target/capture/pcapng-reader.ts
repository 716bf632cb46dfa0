// Reads what a capture wrote, from the descriptions of the formats and apart from the code under test.

export interface ReadFrame {
  readonly timeUs: number;
  /** Bits 0 and 1 of the flags: 1 inbound, 2 outbound. */
  readonly direction: number;
  readonly comments: readonly string[];
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly addresses: string;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags: number;
  readonly payload: Buffer;
}

export interface ReadCapture {
  readonly application: string;
  readonly interfaceName: string;
  readonly linkType: number;
  readonly frames: readonly ReadFrame[];
}

/** Throws where a length, a type or a checksum is wrong. */
export function readPcapng(file: Buffer): ReadCapture {
  const blocks: { readonly type: number; readonly body: Buffer }[] = [];
  for (let at = 0; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || file.readUInt32LE(at + length - 4) !== length)
      throw new Error(`block length at ${at}`);
    blocks.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  const [section, description, ...packets] = blocks;
  if (section?.type !== 0x0a0d0d0a || section.body.readUInt32LE(0) !== 0x1a2b3c4d) throw new Error('section');
  if (description?.type !== 1) throw new Error('interface description');
  return {
    application: optionsAt(section.body, 16).get(4)?.toString() ?? '',
    interfaceName: optionsAt(description.body, 8).get(2)?.toString() ?? '',
    linkType: description.body.readUInt16LE(0),
    frames: packets.map(({ type, body }) => {
      if (type !== 6 || body.readUInt32LE(0) !== 0) throw new Error('no enhanced packet of interface 0');
      const length = body.readUInt32LE(12);
      if (body.readUInt32LE(16) !== length) throw new Error('cut packet');
      const optionsStart = 20 + Math.ceil(length / 4) * 4;
      return {
        timeUs: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
        direction: optionsAt(body, optionsStart).get(2)?.readUInt32LE(0) ?? 0,
        comments: commentsAt(body, optionsStart),
        ...readIp(body.subarray(20, 20 + length)),
      };
    }),
  };
}

function* eachOption(body: Buffer, start: number): Generator<readonly [code: number, value: Buffer]> {
  for (let at = start; at < body.length;) {
    const length = body.readUInt16LE(at + 2);
    yield [body.readUInt16LE(at), body.subarray(at + 4, at + 4 + length)];
    at += 4 + Math.ceil(length / 4) * 4;
  }
}

const optionsAt = (body: Buffer, start: number): Map<number, Buffer> => new Map(eachOption(body, start));
const commentsAt = (body: Buffer, start: number): string[] =>
  [...eachOption(body, start)].filter(([code]) => code === 1).map(([, value]) => value.toString());

function readIp(packet: Buffer): Omit<ReadFrame, 'timeUs' | 'direction' | 'comments'> {
  const isV6 = packet.readUInt8(0) >>> 4 === 6;
  const headerLength = isV6 ? 40 : (packet.readUInt8(0) & 0x0f) * 4;
  const total = isV6 ? 40 + packet.readUInt16BE(4) : packet.readUInt16BE(2);
  if (total !== packet.length || packet[isV6 ? 6 : 9] !== 6) throw new Error('IP header');
  if (!isV6 && sumOf(packet.subarray(0, headerLength)) !== 0xffff) throw new Error('IP checksum');
  const addresses = packet.subarray(isV6 ? 8 : 12, headerLength);
  const tcp = packet.subarray(headerLength);
  const lengthAndProtocol = Buffer.alloc(8);
  lengthAndProtocol.writeUInt32BE(tcp.length, 0);
  lengthAndProtocol.writeUInt32BE(6, 4);
  if (sumOf(Buffer.concat([addresses, lengthAndProtocol, tcp])) !== 0xffff) throw new Error('TCP checksum');
  return {
    addresses: addresses.toString('hex'),
    sourcePort: tcp.readUInt16BE(0),
    destinationPort: tcp.readUInt16BE(2),
    sequence: tcp.readUInt32BE(4),
    acknowledgment: tcp.readUInt32BE(8),
    flags: tcp.readUInt8(13),
    payload: tcp.subarray((tcp.readUInt8(12) >>> 4) * 4),
  };
}

/** The one's complement sum over words and their checksum: all ones if it is right. */
function sumOf(bytes: Buffer): number {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += 2)
    sum += BigInt((bytes.readUInt8(at) << 8) | (bytes[at + 1] ?? 0));
  while (sum > 0xffffn) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(sum);
}

/** The streams of one connection, put together as TCP does; throws where a sequence number or acknowledgement is wrong. */
export function streamsOf(frames: readonly ReadFrame[]): { initiator: Buffer; target: Buffer } {
  const parts: { readonly initiator: Buffer[]; readonly target: Buffer[] } = { initiator: [], target: [] };
  const next: { initiator?: number; target?: number } = {};
  for (const frame of frames) {
    const from = frame.direction === 1 ? 'initiator' : 'target';
    const to = from === 'initiator' ? 'target' : 'initiator';
    if (next[from] !== undefined && next[from] !== frame.sequence) throw new Error(`sequence of ${from}`);
    if ((frame.flags & 16) !== 0 && next[to] !== frame.acknowledgment) throw new Error('acknowledgement');
    const takes = frame.payload.length + ((frame.flags & 3) === 0 ? 0 : 1);
    next[from] = (frame.sequence + takes) % 2 ** 32;
    parts[from].push(frame.payload);
  }
  return { initiator: Buffer.concat(parts.initiator), target: Buffer.concat(parts.target) };
}
