import { describe, expect, it, onTestFinished } from 'vitest';
import { connectIscsi, type IscsiConnectOptions, type IscsiSession } from '../../../initiator/index.js';
import { read10Cdb, testUnitReadyCdb, write10Cdb, type LogicalUnitPath } from '../../../protocol/index.js';
import { createTarget, type Target, type TargetOptions } from '../../../target/index.js';

// Both ends are ours here: what each is to send and to refuse is held to the standard in the tests of either end. Here
// it is seen that every way that they may agree on carries the same bytes.

const MIB = 1 << 20;
const INITIATOR = 'iqn.2026-11.org.fencelab:node1';
const ISID = 0x800000000001n;

async function startTarget(more: Partial<TargetOptions> = {}): Promise<Target> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 4 * MIB } }],
    ...more,
  });
  onTestFinished(() => target.close());
  return target;
}

async function logIn(target: Target, more: Partial<IscsiConnectOptions> = {}): Promise<IscsiSession> {
  const { host, port } = target.portals[0] ?? { host: '', port: 0 };
  const session = await connectIscsi({
    host,
    port,
    targetName: target.iqn,
    initiatorName: INITIATOR,
    isid: ISID,
    ...more,
  });
  onTestFinished(() => session.close());
  return session;
}

/** Bytes that differ from block to block and within each. */
const pattern = (lengthBytes: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 31 + (i >>> 9) * 7 + seed) & 0xff));

async function write(path: LogicalUnitPath, lba: number, data: Buffer): Promise<void> {
  const cdb = write10Cdb({ logicalBlockAddress: lba, transferLength: data.length / 512 });
  expect(await path.execute(cdb, { dataOut: data })).toMatchObject({ status: 0, residual: 0 });
}

async function read(path: LogicalUnitPath, lba: number, lengthBytes: number): Promise<Buffer> {
  const cdb = read10Cdb({ logicalBlockAddress: lba, transferLength: lengthBytes / 512 });
  const { status, residual, dataIn } = await path.execute(cdb, { dataInLength: lengthBytes });
  expect([status, residual]).toEqual([0, 0]);
  return Buffer.from(dataIn);
}

/** Consumes the attention that a first login meets. */
async function ready(session: IscsiSession): Promise<LogicalUnitPath> {
  const path = session.path(0);
  await path.execute(testUnitReadyCdb({}));
  return path;
}

const small = {
  maxRecvDataSegmentLengthBytes: 512,
  maxBurstLengthBytes: 2048,
  firstBurstLengthBytes: 1024,
};
const digests = { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] } as const;
const ways: Partial<IscsiConnectOptions>[] = [true, false].flatMap((initialR2t) =>
  [true, false].flatMap((immediateData) =>
    [{}, digests, small, { ...small, ...digests }].map((more) => ({ initialR2t, immediateData, ...more })),
  ),
);

describe('every way to carry data', () => {
  it.each(ways)('%j', async (way) => {
    const session = await logIn(await startTarget(), way);
    expect(session.parameters).toMatchObject({
      initialR2t: way.initialR2t,
      immediateData: way.immediateData,
      headerDigest: way.headerDigest?.[0] ?? 'None',
      dataDigest: way.dataDigest?.[0] ?? 'None',
      ...(way.maxBurstLengthBytes === undefined
        ? {}
        : { maxBurstLengthBytes: 2048, firstBurstLengthBytes: 1024 }),
    });
    const path = await ready(session);
    for (const [lba, lengthBytes] of [
      [0, 512],
      [1, 1024],
      [9, 2048],
      [17, 2560],
      [100, 65536],
      [2000, MIB],
    ] as const) {
      const data = pattern(lengthBytes, lba);
      await write(path, lba, data);
      expect((await read(path, lba, lengthBytes)).equals(data)).toBe(true);
    }
  });
});

describe('the queue', () => {
  it.each([1, 64])('of depth %i ends every command with its own data', async (queueDepth) => {
    const session = await logIn(await startTarget(), { queueDepth });
    const path = await ready(session);
    const lbas = Array.from({ length: 200 }, (_, i) => i * 8);
    await Promise.all(lbas.map((lba) => write(path, lba, pattern(4096, lba))));
    const found = await Promise.all(lbas.map((lba) => read(path, lba, 4096)));
    expect(found.every((data, i) => data.equals(pattern(4096, lbas[i] ?? 0)))).toBe(true);
  });
});

describe('CHAP', () => {
  const chap = { user: 'node1', password: 'a-secret-of-16-b' };

  it.each([5, 6, 7, 8] as const)('lets the right secret in by algorithm %i', async (algorithm) => {
    const session = await logIn(await startTarget({ chap }), { chap: { ...chap, algorithms: [algorithm] } });
    expect((await session.path(0).execute(testUnitReadyCdb({}))).status).toBeDefined();
  });

  const mutual = { user: 'array', password: 'the-arrays-secret' };

  it('proves the target to an initiator that asks', async () => {
    const session = await logIn(await startTarget({ chap: { ...chap, mutual } }), {
      chap: { ...chap, mutual },
    });
    expect((await session.path(0).execute(testUnitReadyCdb({}))).status).toBeDefined();
  });

  it('leaves a target that proves another secret, and is refused by one that has none', async () => {
    const other = { ...mutual, password: 'not-the-arrays-own' };
    await expect(
      logIn(await startTarget({ chap: { ...chap, mutual } }), { chap: { ...chap, mutual: other } }),
    ).rejects.toMatchObject({
      name: 'IscsiLoginError',
      message: expect.stringContaining('CHAP_R is wrong') as string,
    });
    await expect(logIn(await startTarget({ chap }), { chap: { ...chap, mutual } })).rejects.toMatchObject({
      status: { statusClass: 2, statusDetail: 1 },
    });
  });

  it.each([
    ['our secret is too short', { ...chap, password: 'eleven byte' }, 'CHAP: the secret has 11 bytes'],
    [
      "the target's is",
      { ...chap, mutual: { ...mutual, password: 'short' } },
      'CHAP of the target: the secret has 5',
    ],
    [
      'both are the same',
      { ...chap, mutual: { ...mutual, password: chap.password } },
      'expected another secret',
    ],
  ])('does not log in where %s', async (_, account, why) => {
    const target = await startTarget({ chap: { ...chap, mutual } });
    const events: string[] = [];
    target.onEvent(({ type }) => events.push(type));
    const failed = logIn(target, { chap: account });
    await expect(failed).rejects.toThrow(why);
    await expect(failed).rejects.not.toThrow(account.password);
    expect(events).toEqual([]);
  });

  it.each([
    ['a wrong secret', { ...chap, password: 'another-secret-b' }],
    ['a wrong name', { ...chap, user: 'node2' }],
    ['none', undefined],
  ])('refuses %s with 02/01', async (_, account) => {
    const target = await startTarget({ chap });
    await expect(logIn(target, { chap: account })).rejects.toMatchObject({
      name: 'IscsiLoginError',
      status: { statusClass: 2, statusDetail: 1 },
    });
    expect(target.sessions()).toEqual([]);
  });
});

describe('session reinstatement, RFC 7143 6.3.5', () => {
  it('ends the first session, whose commands reject', async () => {
    const target = await startTarget();
    const first = await logIn(target);
    const path = await ready(first);
    const hold = target.faults(0).holdWrites();
    const closed = new Promise<void>((resolve) => {
      first.onEvent((event) => {
        if (event.type === 'closed') resolve();
      });
    });
    const pending = path.execute(write10Cdb({ logicalBlockAddress: 0, transferLength: 1 }), {
      dataOut: pattern(512, 1),
    });
    const rejected = expect(pending).rejects.toMatchObject({
      name: 'ConnectionLostError',
      message: expect.stringMatching(/^the connection to 127\.0\.0\.1:\d+ was lost: /) as string,
    });
    await hold.held;
    const second = await logIn(target);
    await rejected;
    await closed;
    await expect(path.execute(testUnitReadyCdb({}))).rejects.toMatchObject({
      name: 'ConnectionLostError',
      message: expect.stringContaining('is closed: the connection to') as string,
    });
    await hold.release();
    expect(target.sessions()).toHaveLength(1);
    expect((await read(await ready(second), 8, 512)).equals(Buffer.alloc(512))).toBe(true);
  });
});

describe('a portal', () => {
  it('may have an IPv6 address', async () => {
    const target = await startTarget({ portals: [{ host: '::1', port: 0 }] });
    const session = await logIn(target);
    const path = await ready(session);
    expect(path.name).toMatch(/^iscsi:\/\/\[::1\]:\d+\//);
    await write(path, 3, pattern(512, 3));
    expect((await read(path, 3, 512)).equals(pattern(512, 3))).toBe(true);
  });
});

describe('a connection that is lost in the middle of a command', () => {
  it('fails the command, whose outcome nobody knows, and comes back as the same nexus', async () => {
    const target = await startTarget();
    const session = await logIn(target, { reconnect: true });
    const path = await ready(session);
    const nexusIds: string[] = [];
    target.onEvent((event) => {
      if (event.type === 'login') nexusIds.push(event.nexusId);
    });
    const hold = target.faults(0).holdWrites();
    const pending = path.execute(write10Cdb({ logicalBlockAddress: 0, transferLength: 1 }), {
      dataOut: pattern(512, 1),
    });
    const rejected = expect(pending).rejects.toMatchObject({ name: 'ConnectionLostError' });
    await hold.held;
    const nexusId = `${INITIATOR},i,0x${ISID.toString(16)}@1`;
    const reconnected = new Promise<void>((resolve) => {
      session.onEvent((event) => {
        if (event.type === 'reconnected') resolve();
      });
    });
    target.dropConnections(nexusId);
    await rejected;
    await reconnected;
    await hold.release();
    expect(nexusIds).toEqual([nexusId]);
    const again = await ready(session);
    await write(again, 1, pattern(512, 2));
    expect((await read(again, 1, 512)).equals(pattern(512, 2))).toBe(true);
  });
});
