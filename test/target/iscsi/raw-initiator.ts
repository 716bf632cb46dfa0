import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { AccessControl } from '../../../target/access/index.js';
import { IscsiTarget } from '../../../target/iscsi/iscsi-target.js';
import type { IscsiTargetOptions } from '../../../target/iscsi/iscsi-target.js';
import type { TargetHappening } from '../../../target/events.js';
import type { Clock } from '../../../target/iscsi/clock.js';
import { timeoutsOf } from '../../../target/iscsi/timeouts.js';
import type { SecurityOptions, TimeoutOptions } from '../../../target/options.js';
import { ScriptedDeviceServer } from './scripted-device-server.js';

// Bytes are placed here by hand, apart from the code under test, so that two wrongs cannot cancel.

export interface Pdu {
  readonly header: Buffer;
  readonly data: Buffer;
}

export interface PduFields {
  readonly opcode: number;
  readonly immediate?: boolean;
  readonly flags?: number;
  readonly lun?: number;
  readonly tag?: number;
  readonly data?: Uint8Array;
  readonly ahs?: Uint8Array;
  /** Four-byte words at their place in the BHS. */
  readonly words?: Readonly<Record<number, number>>;
  /** Bytes at their place in the BHS. */
  readonly at?: Readonly<Record<number, readonly number[]>>;
}

const pad = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

export function encodePdu(fields: PduFields, digests: { header?: boolean; data?: boolean } = {}): Buffer {
  const { data = Buffer.alloc(0), ahs = Buffer.alloc(0) } = fields;
  const header = Buffer.alloc(48);
  header[0] = fields.opcode | (fields.immediate === true ? 0x40 : 0);
  header[1] = fields.flags ?? 0x80;
  header[4] = ahs.length / 4;
  header.writeUIntBE(data.length, 5, 3);
  header[9] = fields.lun ?? 0;
  header.writeUInt32BE(fields.tag ?? 1, 16);
  for (const [place, word] of Object.entries(fields.words ?? {}))
    header.writeUInt32BE(word >>> 0, Number(place));
  for (const [place, bytes] of Object.entries(fields.at ?? {}))
    Buffer.from(bytes).copy(header, Number(place));
  const head = Buffer.concat([header, ahs]);
  const parts: Uint8Array[] = [head];
  if (digests.header === true) parts.push(crc32cBytes(head));
  const padded = pad(data);
  parts.push(padded);
  if (digests.data === true && padded.length > 0) parts.push(crc32cBytes(padded));
  return Buffer.concat(parts);
}

/** CRC32C bit by bit, low-order byte first. */
export function crc32cBytes(bytes: Uint8Array): Buffer {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const digest = Buffer.alloc(4);
  digest.writeUInt32LE(~crc >>> 0);
  return digest;
}

export const text = (...pairs: string[]): Buffer => Buffer.from(pairs.map((pair) => `${pair}\0`).join(''));
export const textOf = (pdu: Pdu): string[] =>
  pdu.data
    .toString()
    .split('\0')
    .filter((pair) => pair !== '');

/** A tag that names no task (RFC 7143 11.2.1.8). */
export const NOBODY = 0xffff_ffff;
/** The four bytes at `at` of the header. */
export const word = (pdu: Pdu, at: number): number => pdu.header.readUInt32BE(at);

export const TARGET_NAME = 'iqn.2026-11.org.fencelab:under-test';
export const INITIATOR_NAME = 'iqn.2026-11.org.fencelab:raw';

/** A socket that speaks PDUs. */
export class RawInitiator {
  readonly socket: Socket;
  headerDigest = false;
  dataDigest = false;
  cmdSn = 100;
  readonly #waiting: ((pdu: Pdu | null) => void)[] = [];
  readonly #received: Pdu[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#cut();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = true;
      for (const waiting of this.#waiting.splice(0)) waiting(null);
    });
  }

  #cut(): void {
    for (;;) {
      if (this.#bytes.length < 48) return;
      const length = this.#bytes.readUIntBE(5, 3);
      const dataStart = 48 + (this.headerDigest ? 4 : 0);
      const dataEnd = dataStart + Math.ceil(length / 4) * 4;
      const end = dataEnd + (this.dataDigest && length > 0 ? 4 : 0);
      if (this.#bytes.length < end) return;
      const header = Buffer.from(this.#bytes.subarray(0, 48));
      if (this.headerDigest && !crc32cBytes(header).equals(this.#bytes.subarray(48, 52))) {
        throw new Error('header digest of the target is wrong');
      }
      if (end > dataEnd) {
        const digest = crc32cBytes(this.#bytes.subarray(dataStart, dataEnd));
        if (!digest.equals(this.#bytes.subarray(dataEnd, end))) throw new Error('data digest is wrong');
      }
      if (this.#bytes.subarray(dataStart + length, dataEnd).some((byte) => byte !== 0)) {
        throw new Error('padding of the target is not zero');
      }
      const pdu = { header, data: Buffer.from(this.#bytes.subarray(dataStart, dataStart + length)) };
      this.#bytes = this.#bytes.subarray(end);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#received.push(pdu);
      else waiting(pdu);
    }
  }

  send(...pdus: PduFields[]): void {
    const digests = { header: this.headerDigest, data: this.dataDigest };
    this.socket.write(Buffer.concat(pdus.map((fields) => encodePdu(fields, digests))));
  }

  /** The next PDU; null when the connection ended before one came. */
  next(): Promise<Pdu | null> {
    const pdu = this.#received.shift();
    if (pdu !== undefined) return Promise.resolve(pdu);
    if (this.#closed) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async expect(opcode: number): Promise<Pdu> {
    const pdu = await this.next();
    if (pdu === null) throw new Error(`connection ended where opcode ${opcode.toString(16)} was expected`);
    if (pdu.header[0] !== opcode) {
      throw new Error(
        `opcode ${String(pdu.header[0]?.toString(16))} where ${opcode.toString(16)} was expected`,
      );
    }
    return pdu;
  }

  /** Everything that comes before the connection ends. */
  async untilClosed(): Promise<Pdu[]> {
    const pdus: Pdu[] = [];
    for (;;) {
      const pdu = await this.next();
      if (pdu === null) return pdus;
      pdus.push(pdu);
    }
  }

  /** A ping whose answer shows that everything before it has been handled. */
  async everythingHandled(): Promise<Pdu[]> {
    this.send({ opcode: 0x00, immediate: true, tag: 0x7777, words: { 20: NOBODY, 24: this.cmdSn } });
    const before: Pdu[] = [];
    for (;;) {
      const pdu = await this.next();
      if (pdu === null) throw new Error('connection ended');
      const answered = pdu.header[0] === 0x3f ? pdu.data : pdu.header; // a discovery session rejects pings
      if ([0x20, 0x3f].includes(pdu.header[0] ?? -1) && answered.readUInt32BE(16) === 0x7777) return before;
      before.push(pdu);
    }
  }

  async login(options: Partial<LoginOptions> = {}): Promise<Pdu> {
    this.send(loginRequest({ cmdSn: this.cmdSn, ...options }));
    const response = await this.expect(0x23);
    if (options.csg !== 0 && response.header[36] === 0) {
      const keys = textOf(response);
      this.headerDigest = keys.includes('HeaderDigest=CRC32C');
      this.dataDigest = keys.includes('DataDigest=CRC32C');
    }
    return response;
  }
}

export interface LoginOptions {
  readonly csg: number;
  readonly nsg: number;
  readonly transit: boolean;
  readonly continues: boolean;
  readonly isid: bigint;
  readonly tsih: number;
  readonly cid: number;
  readonly cmdSn: number;
  readonly versionMin: number;
  /** Beside names and session type. */
  readonly keys: readonly string[];
  /** Instead of every key. */
  readonly only: readonly string[];
}

export const NAMES = [
  `InitiatorName=${INITIATOR_NAME}`,
  'SessionType=Normal',
  `TargetName=${TARGET_NAME}`,
] as const;

export function loginRequest(options: Partial<LoginOptions> = {}): PduFields {
  const { csg = 1, nsg = 3, transit = true, continues = false, isid = 0x800000000001n, tsih = 0 } = options;
  const high = Buffer.alloc(8);
  high.writeBigUInt64BE((isid << 16n) | BigInt(tsih));
  return {
    opcode: 0x03,
    immediate: true,
    flags: (transit ? 0x80 : 0) | (continues ? 0x40 : 0) | (csg << 2) | (transit ? nsg : 0),
    tag: 0x10,
    data: text(...(options.only ?? [...NAMES, ...(options.keys ?? [])])),
    words: { 24: options.cmdSn ?? 100, 28: 7 },
    at: { 3: [options.versionMin ?? 0], 8: [...high], 20: [0, options.cid ?? 0] },
  };
}

/** A SCSI Command. `cdb` is padded; `length` is the Expected Data Transfer Length. */
export function scsiCommand(options: {
  readonly cdb: readonly number[];
  readonly cmdSn: number;
  readonly tag: number;
  readonly read?: boolean;
  readonly write?: boolean;
  readonly length?: number;
  readonly final?: boolean;
  readonly immediate?: boolean;
  readonly data?: Uint8Array;
  readonly lun?: number;
  readonly ahs?: Uint8Array;
}): PduFields {
  const { read = false, write = false, final = true, length = 0 } = options;
  return {
    opcode: 0x01,
    immediate: options.immediate ?? false,
    flags: (final ? 0x80 : 0) | (read ? 0x40 : 0) | (write ? 0x20 : 0) | 1,
    tag: options.tag,
    lun: options.lun ?? 0,
    words: { 20: length, 24: options.cmdSn },
    at: { 32: options.cdb },
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.ahs === undefined ? {} : { ahs: options.ahs }),
  };
}

/** An immediate Text Request with tag 40h. */
export const textRequest = (data: Uint8Array, flags = 0x80, transferTag = NOBODY): PduFields => ({
  opcode: 0x04,
  immediate: true,
  flags,
  tag: 0x40,
  data,
  words: { 20: transferTag, 24: 100 },
});

export const read10 = (lba: number, blocks: number): number[] => [
  0x28,
  0,
  0,
  0,
  0,
  lba,
  0,
  blocks >>> 8,
  blocks & 0xff,
  0,
];
export const write10 = (lba: number, blocks: number): number[] => [
  0x2a,
  0,
  0,
  0,
  0,
  lba,
  0,
  blocks >>> 8,
  blocks & 0xff,
  0,
];
export const TEST_UNIT_READY = [0, 0, 0, 0, 0, 0];

export const dataOut = (options: {
  readonly tag: number;
  readonly transferTag: number;
  readonly dataSn: number;
  readonly offset: number;
  readonly data: Uint8Array;
  readonly final?: boolean;
}): PduFields => ({
  opcode: 0x05,
  flags: (options.final ?? true) ? 0x80 : 0,
  tag: options.tag,
  data: options.data,
  words: { 20: options.transferTag, 36: options.dataSn, 40: options.offset },
});

/** Time that passes when the test says so. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 10, 21) + this.#now);
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = due.at;
      due.callback();
    }
    this.#now = end;
  }
}

export interface BenchOptions extends Partial<Pick<IscsiTargetOptions, 'portals'>> {
  readonly timeouts?: TimeoutOptions;
  readonly security?: SecurityOptions;
}

/** A target on a free port, with the initiators that were connected to it. */
export class Bench {
  readonly deviceServer = new ScriptedDeviceServer();
  readonly clock = new ManualClock();
  readonly events: TargetHappening[] = [];
  readonly target: IscsiTarget;
  readonly #initiators: RawInitiator[] = [];

  constructor({ security = {}, timeouts = {}, ...options }: BenchOptions = {}) {
    this.target = new IscsiTarget({
      iqn: TARGET_NAME,
      portals: [{ host: '127.0.0.1', port: 0, relativeTargetPortId: 1 }],
      ...options,
      access: new AccessControl(security),
      deviceServer: this.deviceServer,
      events: { active: true, emit: (happening) => this.events.push(happening) },
      clock: this.clock,
      timeouts: timeoutsOf(timeouts),
    });
  }

  static async start(options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(options);
    await bench.target.listen();
    return bench;
  }

  async connect(portal = 0): Promise<RawInitiator> {
    const port = this.target.ports[portal];
    const socket = connect({ host: port?.host ?? '127.0.0.1', port: port?.port ?? 0, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const initiator = new RawInitiator(socket);
    this.#initiators.push(initiator);
    return initiator;
  }

  /** An initiator in full feature phase. */
  async session(options: Partial<LoginOptions> = {}, portal = 0): Promise<RawInitiator> {
    const initiator = await this.connect(portal);
    const response = await initiator.login(options);
    if (response.header[36] !== 0) throw new Error(`login refused: ${String(response.header[37])}`);
    return initiator;
  }

  async stop(): Promise<void> {
    for (const initiator of this.#initiators) initiator.socket.destroy();
    await this.target.close();
  }
}
