import type { SocketEnd } from '../iscsi/connection-tap.js';
import { ipAddressBytes } from './ip-address.js';

export type TcpEnd = 'initiator' | 'target';

/** A frame: an IP packet with a TCP segment. */
export interface TcpFrame {
  readonly from: TcpEnd;
  readonly bytes: Buffer;
}

const TCP_PROTOCOL = 6;
const HOPS_MAX = 64;
const TCP_HEADER_BYTES = 20;
/** What fits into an IPv6 packet of 65,535 bytes, and thus into an IPv4 one. */
const SEGMENT_BYTES_MAX = 65_475;
const FLAG = { finish: 0x01, synchronize: 0x02, reset: 0x04, push: 0x08, acknowledge: 0x10 } as const;
const WINDOW = 0xffff;
/** Maximum segment size; no operation; window scale 14, the most (RFC 9293 3.1, RFC 7323 2.2). */
const SYN_OPTIONS = Buffer.from([2, 4, SEGMENT_BYTES_MAX >>> 8, SEGMENT_BYTES_MAX & 0xff, 1, 3, 3, 14]);
/** So far apart are the initial sequence numbers of connections, so that a port that is used again begins a new one. */
const INITIAL_SEQUENCE_STEP = 0x1000193;

/**
 * The TCP segments that a byte stream both ways could have gone by. A socket gives the bytes but not the segments, so the
 * headers are made up: addresses, ports, sequence numbers, acknowledgements and checksums (RFC 791, 8200, 9293) are those
 * of one connection without loss, where what came was always acknowledged by what went back.
 */
export class TcpConversation {
  readonly #ends: Readonly<Record<TcpEnd, { readonly address: Buffer; readonly port: number }>>;
  /** The next sequence number of each end. */
  readonly #sequence: Record<TcpEnd, number>;

  /** `ordinal`: how many connections were there before. */
  constructor(initiator: SocketEnd, target: SocketEnd, ordinal: number) {
    const endOf = ({ address, port }: SocketEnd): { address: Buffer; port: number } => ({
      address: ipAddressBytes(address),
      port,
    });
    this.#ends = { initiator: endOf(initiator), target: endOf(target) };
    const first = Math.imul(ordinal + 1, INITIAL_SEQUENCE_STEP) >>> 0;
    this.#sequence = { initiator: first, target: first };
  }

  /** SYN, SYN with ACK, ACK. */
  handshake(): TcpFrame[] {
    const asked = this.#segment('initiator', FLAG.synchronize, SYN_OPTIONS);
    this.#advance('initiator', 1);
    const answered = this.#segment('target', FLAG.synchronize | FLAG.acknowledge, SYN_OPTIONS);
    this.#advance('target', 1);
    return [asked, answered, this.#segment('initiator', FLAG.acknowledge)];
  }

  /** What one end sends, in as many frames as it takes; the last has PSH. */
  data(from: TcpEnd, bytes: Uint8Array): TcpFrame[] {
    const frames: TcpFrame[] = [];
    for (let start = 0; start < bytes.length; start += SEGMENT_BYTES_MAX) {
      const part = bytes.subarray(start, start + SEGMENT_BYTES_MAX);
      const last = start + part.length === bytes.length;
      const flags = last ? FLAG.acknowledge | FLAG.push : FLAG.acknowledge;
      frames.push(this.#segment(from, flags, undefined, part));
      this.#advance(from, part.length);
    }
    return frames;
  }

  finish(from: TcpEnd): TcpFrame {
    const frame = this.#segment(from, FLAG.finish | FLAG.acknowledge);
    this.#advance(from, 1);
    return frame;
  }

  reset(from: TcpEnd): TcpFrame {
    return this.#segment(from, FLAG.reset | FLAG.acknowledge);
  }

  #advance(end: TcpEnd, by: number): void {
    this.#sequence[end] = (this.#sequence[end] + by) >>> 0;
  }

  #segment(
    from: TcpEnd,
    flags: number,
    options: Uint8Array = new Uint8Array(0),
    payload: Uint8Array = new Uint8Array(0),
  ): TcpFrame {
    const to = from === 'initiator' ? 'target' : 'initiator';
    const source = this.#ends[from];
    const destination = this.#ends[to];
    const header = Buffer.alloc(TCP_HEADER_BYTES);
    header.writeUInt16BE(source.port, 0);
    header.writeUInt16BE(destination.port, 2);
    header.writeUInt32BE(this.#sequence[from], 4);
    if ((flags & FLAG.acknowledge) !== 0) header.writeUInt32BE(this.#sequence[to], 8);
    header[12] = (TCP_HEADER_BYTES + options.length) << 2; // data offset: words, in the upper half
    header[13] = flags;
    header.writeUInt16BE(WINDOW, 14);
    const tcp = Buffer.concat([header, options, payload]);
    const { length } = tcp;
    const pseudoHeader = [source.address, destination.address, Buffer.from([0, TCP_PROTOCOL])];
    tcp.writeUInt16BE(
      internetChecksum([...pseudoHeader, Buffer.from([length >>> 8, length & 0xff]), tcp]),
      16,
    );
    return { from, bytes: Buffer.concat([ipHeader(source.address, destination.address, length), tcp]) };
  }
}

function ipHeader(source: Buffer, destination: Buffer, payloadBytes: number): Buffer {
  if (source.length === 16) {
    const header = Buffer.alloc(8);
    header[0] = 0x60; // version 6
    header.writeUInt16BE(payloadBytes, 4);
    header[6] = TCP_PROTOCOL;
    header[7] = HOPS_MAX;
    return Buffer.concat([header, source, destination]);
  }
  const header = Buffer.alloc(20);
  header[0] = 0x45; // version 4, five words
  header.writeUInt16BE(header.length + payloadBytes, 2);
  header.writeUInt16BE(0x4000, 6); // do not fragment
  header[8] = HOPS_MAX;
  header[9] = TCP_PROTOCOL;
  header.set(source, 12);
  header.set(destination, 16);
  header.writeUInt16BE(internetChecksum([header]), 10);
  return header;
}

/** One's complement of the one's complement sum of 16-bit words (RFC 1071); all parts but the last are of even length. */
function internetChecksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += ((part[i] as number) << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
