// The blocks of a pcapng file that a capture needs (draft-ietf-opsawg-pcapng clause 4), in little-endian order.

const BLOCK_TYPE = { sectionHeader: 0x0a0d0d0a, interfaceDescription: 1, enhancedPacket: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Code of an option, and whose it is (clauses 3.5, 4.1, 4.2 and 4.3). */
const OPTION = { endOfOptions: 0, comment: 1, interfaceName: 2, userApplication: 4, packetFlags: 2 } as const;

/** Frames that begin with an IPv4 or IPv6 header (LINKTYPE_RAW of tcpdump.org's list of link types). */
const LINK_TYPE_RAW = 101;

/** Which way a packet went, as seen by who captures: bits 0 and 1 of its flags (clause 4.3.1). */
export const PACKET_DIRECTION = { inbound: 1, outbound: 2 } as const;
export type PacketDirection = keyof typeof PACKET_DIRECTION;

export interface CapturedPacket {
  /** Microseconds since 1970, UTC. */
  readonly timeUs: number;
  readonly direction: PacketDirection;
  /** From the IP header on. */
  readonly bytes: Uint8Array;
  /** A sentence each for people. */
  readonly comments: readonly string[];
}

/** What a file begins with: a section of unknown length by `application`, and its one interface. */
export function sectionBegin(application: string, interfaceName: string): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  section.writeUInt16LE(1, 4); // version 1.0
  section.writeBigInt64LE(-1n, 8); // length of the section: not told
  const capturedAt = Buffer.alloc(8); // no limit to the length of a packet; times are in microseconds by default
  capturedAt.writeUInt16LE(LINK_TYPE_RAW, 0);
  return Buffer.concat([
    block(BLOCK_TYPE.sectionHeader, [section, options([[OPTION.userApplication, utf8(application)]])]),
    block(BLOCK_TYPE.interfaceDescription, [
      capturedAt,
      options([[OPTION.interfaceName, utf8(interfaceName)]]),
    ]),
  ]);
}

/** Enhanced Packet Block of a packet at the file's one interface. */
export function packetBlock({ timeUs, direction, bytes, comments }: CapturedPacket): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt32LE(Math.floor(timeUs / 2 ** 32), 4);
  header.writeUInt32LE(timeUs % 2 ** 32, 8);
  header.writeUInt32LE(bytes.length, 12); // captured
  header.writeUInt32LE(bytes.length, 16); // on the wire
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(PACKET_DIRECTION[direction]);
  return block(BLOCK_TYPE.enhancedPacket, [
    header,
    padded(bytes),
    options([
      ...comments.map((comment): [number, Uint8Array] => [OPTION.comment, utf8(comment)]),
      [OPTION.packetFlags, flags],
    ]),
  ]);
}

/** A block: type, length, body and its length again (clause 3.1). The parts of the body are whole words. */
function block(type: number, body: readonly Uint8Array[]): Buffer {
  const lengthBytes = body.reduce((sum, part) => sum + part.length, 12);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(lengthBytes, 4);
  return Buffer.concat([head, ...body, head.subarray(4)]);
}

function options(list: readonly (readonly [code: number, value: Uint8Array])[]): Buffer {
  const end: readonly [number, Uint8Array] = [OPTION.endOfOptions, new Uint8Array(0)];
  return Buffer.concat(
    [...list, end].flatMap(([code, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(code, 0);
      head.writeUInt16LE(value.length, 2);
      return [head, padded(value)];
    }),
  );
}

function padded(bytes: Uint8Array): Uint8Array {
  const missing = -bytes.length & 3;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
