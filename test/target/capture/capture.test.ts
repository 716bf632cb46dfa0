import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTarget } from '../../../target/index.js';
import type { Target } from '../../../target/index.js';
import { Capture } from '../../../target/capture/capture.js';
import {
  INITIATOR_NAME,
  NAMES,
  RawInitiator,
  TARGET_NAME,
  TEST_UNIT_READY,
  dataOut,
  encodePdu,
  loginRequest,
  read10,
  scsiCommand,
  write10,
} from '../iscsi/raw-initiator.js';
import type { Pdu } from '../iscsi/raw-initiator.js';
import { readPcapng, streamsOf } from './pcapng-reader.js';
import type { ReadFrame } from './pcapng-reader.js';

const MIB = 1024 * 1024;
const NEXUS = `${INITIATOR_NAME},i,0x800000000001 at target port 1`;

let folder: string;
let target: Target;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-capture-'));
  path = join(folder, 'run.pcapng');
  target = await createTarget({
    iqn: TARGET_NAME,
    portals: [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 4 * MIB } }],
    capture: { path },
  });
});
afterEach(async () => {
  await target.close();
  await rm(folder, { recursive: true });
});

/** An initiator and the bytes that it sent and got. */
class Watched {
  readonly initiator: RawInitiator;
  readonly sent: Buffer[] = [];
  readonly got: Buffer[] = [];

  constructor(socket: ReturnType<typeof connect>) {
    const write = socket.write.bind(socket);
    socket.write = (bytes: Buffer) => {
      this.sent.push(Buffer.from(bytes));
      return write(bytes);
    };
    socket.on('data', (chunk: Buffer) => this.got.push(Buffer.from(chunk)));
    this.initiator = new RawInitiator(socket);
  }
}

async function connected(portal = 0): Promise<Watched> {
  const { host = '', port = 0 } = target.portals[portal] ?? {};
  const socket = connect(port, host);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return new Watched(socket);
}

/** The frames once the target is closed. */
async function captured(): Promise<readonly ReadFrame[]> {
  await target.close();
  return readPcapng(await readFile(path)).frames;
}

async function execute(
  initiator: RawInitiator,
  cdb: readonly number[],
  data?: Uint8Array,
  lun = 0,
): Promise<Pdu> {
  const cmdSn = initiator.cmdSn++;
  const write = data === undefined ? {} : { write: true, length: data.length, data };
  initiator.send(scsiCommand({ cdb, cmdSn, tag: cmdSn, lun, ...write }));
  return initiator.expect(0x21);
}

const prOut = (initiator: RawInitiator, serviceAction: number, type: number, list: Buffer): Promise<Pdu> =>
  execute(initiator, [0x5f, serviceAction, type, 0, 0, 0, 0, 0, list.length], list);

function parameterList(key: bigint, newKey: bigint): Buffer {
  const list = Buffer.alloc(24);
  list.writeBigUInt64BE(key, 0);
  list.writeBigUInt64BE(newKey, 8);
  return list;
}

describe('a capture', () => {
  it.each([
    ['IPv4', 0, '7f000001'.repeat(2)],
    ['IPv6', 1, `${'0'.repeat(31)}1`.repeat(2)],
  ])('has every byte of a connection over %s, both ways and in order', async (_, portal, addresses) => {
    const { initiator, sent, got } = await connected(portal);
    await initiator.login({ keys: ['HeaderDigest=CRC32C', 'DataDigest=CRC32C', 'ImmediateData=No'] });
    await execute(initiator, TEST_UNIT_READY); // 29/00
    const data = Buffer.from(Uint8Array.from({ length: 200 * 1024 + 512 }, (_byte, i) => i * 7 + (i >> 8)));
    const blocks = data.length / 512;
    initiator.send(
      scsiCommand({ cdb: write10(1, blocks), cmdSn: 101, tag: 5, write: true, length: data.length }),
    );
    const transferTag = (await initiator.expect(0x31)).header.readUInt32BE(20);
    initiator.send(dataOut({ tag: 5, transferTag, dataSn: 0, offset: 0, data, final: true }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    initiator.send(
      scsiCommand({ cdb: read10(1, blocks), cmdSn: 102, tag: 6, read: true, length: data.length }),
    );
    for (let bytes = 0; bytes < data.length;) bytes += (await initiator.expect(0x25)).data.length;
    // What is no PDU is there too: the beginning of one, and then the connection is gone.
    initiator.socket.write(encodePdu({ opcode: 0x00, tag: 9 }).subarray(0, 20));
    initiator.socket.end();
    await initiator.untilClosed();

    const frames = await captured();
    const streams = streamsOf(frames);
    expect(streams.initiator.equals(Buffer.concat(sent))).toBe(true);
    expect(streams.target.equals(Buffer.concat(got))).toBe(true);
    expect(new Set(frames.map((frame) => frame.addresses))).toEqual(new Set([addresses]));
    const port = target.portals[portal]?.port;
    expect(frames.every((one) => (one.direction === 1 ? one.destinationPort : one.sourcePort) === port)).toBe(
      true,
    );
    expect(frames.every(({ timeUs }, i) => timeUs >= (frames[i - 1]?.timeUs ?? 0))).toBe(true);
    expect(Math.abs((frames[0]?.timeUs ?? 0) / 1000 - Date.now())).toBeLessThan(3_600_000);
    // SYN; SYN and ACK; ACK; ... and, since the initiator ended it, its FIN before ours.
    expect(frames.slice(0, 3).map(({ flags }) => flags)).toEqual([2, 18, 16]);
    expect(frames.slice(-2).map(({ direction, flags }) => [direction, flags])).toEqual([
      [1, 17],
      [2, 17],
    ]);
  });

  it('begins a frame with each PDU, those that were read or written together among them', async () => {
    const { initiator } = await connected();
    await initiator.login();
    initiator.send(
      ...[100, 101, 102].map((cmdSn) => scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag: cmdSn })),
    );
    for (let i = 0; i < 3; i++) await initiator.expect(0x21);
    initiator.socket.destroy();
    const commands = (await captured()).filter(({ payload }) => payload[0] === 1 || payload[0] === 0x21);
    // The first answer has sense data: 29/00.
    expect(commands.map(({ payload }) => [payload[0], payload.readUInt32BE(16), payload.length])).toEqual([
      [1, 100, 48],
      [1, 101, 48],
      [1, 102, 48],
      [0x21, 100, 68],
      [0x21, 101, 48],
      [0x21, 102, 48],
    ]);
  });

  it('knows that a Login Response has no digests, though what follows in the same write has', async () => {
    const { initiator } = await connected();
    const command = encodePdu(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 7 }), { header: true });
    const login = encodePdu(loginRequest({ keys: ['HeaderDigest=CRC32C'] }));
    initiator.socket.write(Buffer.concat([login, command]));
    await initiator.expect(0x23);
    initiator.socket.end();
    await initiator.untilClosed();
    const answers = (await captured()).filter(
      ({ direction, payload }) => direction === 2 && payload.length > 0,
    );
    expect(answers.map(({ payload }) => payload[0])).toEqual([0x23, 0x21]);
    expect(answers[1]?.comments).toHaveLength(1);
  });

  it('ends a connection that the target cuts with RST', async () => {
    const { initiator } = await connected();
    await initiator.login();
    target.dropConnections(`${INITIATOR_NAME},i,0x800000000001@1`);
    await initiator.untilClosed();
    const frames = await captured();
    expect(frames.at(-1)).toMatchObject({ direction: 2, flags: 20 });
  });

  it('tells connections apart that come from the same port', async () => {
    for (let i = 0; i < 2; i++) {
      const { initiator } = await connected();
      initiator.socket.destroy();
      await initiator.untilClosed();
    }
    const synchronized = (await captured()).filter(({ flags }) => flags === 2);
    expect(new Set(synchronized.map(({ sequence }) => sequence)).size).toBe(2);
  });
});

describe('comments of a capture', () => {
  const commentsOf = (frames: readonly ReadFrame[]): string[] => frames.flatMap(({ comments }) => comments);

  it('tell who changed a reservation by what, and what holds now', async () => {
    const { initiator } = await connected();
    await initiator.login();
    await execute(initiator, TEST_UNIT_READY);
    await prOut(initiator, 0, 0, parameterList(0n, 0xabcn)); // REGISTER
    await prOut(initiator, 1, 5, parameterList(0xabcn, 0n)); // RESERVE
    await prOut(initiator, 1, 5, parameterList(0xabcn, 0n)); // the same again changes nothing
    const frames = await captured();
    expect(commentsOf(frames).slice(1)).toEqual([
      `PERSISTENT RESERVE OUT, REGISTER by ${NEXUS}, LUN 0; now no persistent reservation; ` +
        `registered: 0xabc of ${NEXUS}; PRGENERATION 1`,
      `PERSISTENT RESERVE OUT, RESERVE by ${NEXUS}, LUN 0; now Write Exclusive, registrants only, ` +
        `held by ${NEXUS}; registered: 0xabc of ${NEXUS}; PRGENERATION 1`,
    ]);
    // On the frame of the answer.
    const commented = frames.filter(({ comments }) => comments.length > 0);
    expect(commented.map(({ payload }) => payload[0])).toEqual([0x21, 0x21, 0x21]);
    expect(commented.slice(1).map(({ payload }) => payload.readUInt32BE(16))).toEqual([101, 102]);
  });

  it('tell of a command that was refused, and why', async () => {
    const { initiator: holder } = await connected();
    await holder.login();
    await execute(holder, TEST_UNIT_READY);
    await prOut(holder, 0, 0, parameterList(0n, 1n));
    await prOut(holder, 1, 3, parameterList(1n, 0n));
    const { initiator } = await connected();
    await initiator.login({ isid: 0x800000000002n });
    await execute(initiator, TEST_UNIT_READY);
    await execute(initiator, write10(0, 1), Buffer.alloc(512));
    await execute(initiator, [0xee]);
    await execute(initiator, [0x12, 0x02]);
    await execute(initiator, TEST_UNIT_READY, undefined, 7);
    await prOut(initiator, 1, 3, parameterList(2n, 0n));
    const other = `${INITIATOR_NAME},i,0x800000000002 at target port 1`;
    const now = `now Exclusive Access, held by ${NEXUS}; registered: 0x1 of ${NEXUS}; PRGENERATION 1`;
    const refusals = commentsOf(await captured()).filter((comment) => !comment.startsWith('PERSISTENT'));
    expect(refusals.slice(1)).toEqual([
      'CHECK CONDITION, Unit Attention, Power on, reset, or bus device reset occurred (06/29/00): ' +
        `TEST UNIT READY by ${other}, LUN 0`,
      `RESERVATION CONFLICT: WRITE(10) by ${other}, LUN 0; ${now}`,
      'CHECK CONDITION, Illegal Request, Invalid command operation code (05/20/00), byte 0 of the CDB: ' +
        `operation code EEh by ${other}, LUN 0`,
      'CHECK CONDITION, Illegal Request, Invalid field in cdb (05/24/00), byte 1 bit 1 of the CDB: ' +
        `INQUIRY by ${other}, LUN 0`,
      'CHECK CONDITION, Illegal Request, Logical unit not supported (05/25/00): ' +
        `TEST UNIT READY by ${other}, LUN 7`,
      `RESERVATION CONFLICT: PERSISTENT RESERVE OUT, RESERVE by ${other}, LUN 0; ${now}`,
    ]);
  });

  it('tell what holds on the LUN that the initiator means, where it sees another number', async () => {
    await target.close();
    const luns = new Map([[5, 1]]);
    target = await createTarget({
      iqn: TARGET_NAME,
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [0, 1].map((lun) => ({ lun, medium: { kind: 'memory', sizeBytes: MIB } })),
      initiators: [{ name: INITIATOR_NAME, luns }],
      capture: { path },
    });
    const { initiator } = await connected();
    await initiator.login();
    await execute(initiator, TEST_UNIT_READY, undefined, 5);
    await execute(initiator, [0x16], undefined, 5);
    expect(commentsOf(await captured()).slice(1)).toEqual([
      `RESERVE(6) by ${NEXUS}, LUN 5; now reserved by ${NEXUS} as in SPC-2; no persistent reservation; ` +
        'nobody registered; PRGENERATION 0',
    ]);
  });

  it('tell of reservations of SPC-2, and of tasks that somebody else aborted', async () => {
    const { initiator } = await connected();
    await initiator.login({ keys: ['ImmediateData=No'] });
    await execute(initiator, TEST_UNIT_READY);
    await execute(initiator, [0x16]);
    await execute(initiator, [0x17]);
    // A write that waits for its data while another initiator resets the logical unit.
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 103, tag: 103, write: true, length: 512 }));
    await initiator.expect(0x31);
    const { initiator: other } = await connected();
    await other.login({ isid: 0x800000000002n });
    other.send({ opcode: 0x02, immediate: true, flags: 0x85, tag: 1, words: { 24: other.cmdSn } });
    await other.expect(0x22);
    await initiator.everythingHandled();
    const comments = commentsOf(await captured());
    expect(comments.slice(1)).toEqual([
      `RESERVE(6) by ${NEXUS}, LUN 0; now reserved by ${NEXUS} as in SPC-2; no persistent reservation; ` +
        'nobody registered; PRGENERATION 0',
      `RELEASE(6) by ${NEXUS}, LUN 0; now no persistent reservation; nobody registered; PRGENERATION 0`,
      `TASK ABORTED: WRITE(10) by ${NEXUS}, LUN 0`,
    ]);
  });

  it('tell who was refused a login, and why', async () => {
    await target.close();
    target = await createTarget({
      iqn: TARGET_NAME,
      portals: [{ host: '127.0.0.1', port: 0 }],
      logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: MIB } }],
      initiators: [{ name: 'iqn.2026-11.org.fencelab:another' }],
      capture: { path },
    });
    const anywhere = { only: [NAMES[0], `TargetName=${'a,'.repeat(3_000)}`] };
    for (const options of [{}, { only: ['SessionType=Normal'] }, anywhere]) {
      const { initiator } = await connected();
      await initiator.login(options);
      await initiator.untilClosed();
    }
    const commented = (await captured()).filter(({ comments }) => comments.length > 0);
    expect(commented.map(({ payload, comments }) => [payload[0], ...comments])).toEqual([
      [
        0x23,
        `LOGIN REFUSED (02/02) of ${INITIATOR_NAME}: authorization failure: the initiator is not on the list`,
      ],
      [0x23, 'LOGIN REFUSED (02/07): missing parameter: no InitiatorName'],
      [
        0x23,
        `LOGIN REFUSED (02/03) of ${INITIATOR_NAME}: target not found: no target ${'a,'.repeat(500)}`.slice(
          0,
          'LOGIN REFUSED (02/03)'.length + 1_000,
        ),
      ],
    ]);
  });

  it('tell who did not finish a login: at the end of the connection, since every request was answered', async () => {
    await target.close();
    const capture = new Capture({ path }, { iqn: TARGET_NAME, reservationsOf: () => undefined });
    const tap = capture.connected({ address: '127.0.0.1', port: 1 }, { address: '127.0.0.1', port: 2 });
    tap.loginRefused(INITIATOR_NAME, 'not finished in time');
    tap.ended('target', Buffer.alloc(0));
    capture.close();
    const { frames } = readPcapng(await readFile(path));
    expect(frames.slice(-2).map(({ direction, flags, comments }) => [direction, flags, ...comments])).toEqual(
      [
        [2, 17, `LOGIN REFUSED of ${INITIATOR_NAME}: not finished in time`],
        [1, 17],
      ],
    );
  });

  it.each([[[]], [['HeaderDigest=CRC32C', 'DataDigest=CRC32C']]])(
    'tell what was rejected, with keys %j',
    async (keys) => {
      const { initiator } = await connected();
      await initiator.login({ keys });
      initiator.send({ opcode: 0x10 }, scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 0xffff_ffff }));
      await initiator.expect(0x3f);
      await initiator.expect(0x3f);
      expect(commentsOf(await captured())).toEqual([
        'REJECT (03h), SNACK reject: SNACK Request',
        'REJECT (09h), invalid PDU field: SCSI Command',
      ]);
    },
  );
});
