import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectHostSocket } from '../../../initiator/host/client.js';
import { encodeJson } from '../../../initiator/host/control.js';
import { commandBodyLayout, encodeFrame, FRAME_KIND, FrameReader } from '../../../initiator/host/frames.js';
import type { Frame } from '../../../initiator/host/frames.js';
import { HOST_USER_COMMANDS_MAX } from '../../../initiator/limits.js';
import { read10Cdb, testUnitReadyCdb, unitAttention, write10Cdb } from '../../../protocol/index.js';
import type { ScsiResult } from '../../../protocol/index.js';
import { checkCondition, good, scriptedPath } from '../scripted-path.js';
import { serveDevice } from './host-socket.js';

const READ = (lba: number): Uint8Array => read10Cdb({ logicalBlockAddress: lba, transferLength: 1 });
const lbaOf = (cdb: Uint8Array): number => Buffer.from(cdb).readUInt32BE(2);

/** A path whose reads the test answers in the order of its choice. */
function manualPath() {
  const waiting = new Map<number, (result: ScsiResult) => void>();
  const arrivals: (() => void)[] = [];
  const path = scriptedPath([], (cdb) => {
    const result = new Promise<ScsiResult>((resolve) => waiting.set(lbaOf(cdb), resolve));
    for (const wake of arrivals.splice(0)) wake();
    return result;
  });
  return {
    path,
    answer: (lba: number) => waiting.get(lba)?.(good(Uint8Array.of(lba))),
    /** Settles when `count` reads are under way. */
    arrived: async (count: number) => {
      while (waiting.size < count) await new Promise<void>((resolve) => arrivals.push(resolve));
    },
  };
}

/** A user that speaks frames by hand. */
async function rawUser(socketPath: string): Promise<{ socket: Socket; next: () => Promise<Frame> }> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  const reader = new FrameReader();
  const frames: Frame[] = [];
  const next = async (): Promise<Frame> => {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      const [piece] = (await once(socket, 'data')) as [Buffer];
      frames.push(...reader.push(piece));
    }
  };
  return { socket, next };
}

const json = (frame: Frame): unknown => JSON.parse(frame.body.toString('utf8'));
const open = (id: number) =>
  encodeFrame(FRAME_KIND.control, id, encodeJson({ request: 'open', device: 'data', user: 'u' }));
const command = (id: number, value: Parameters<typeof commandBodyLayout.toBytes>[0], ...rest: Uint8Array[]) =>
  encodeFrame(FRAME_KIND.command, id, commandBodyLayout.toBytes(value), ...rest);

describe("a host's socket", () => {
  it('carries CDB, data, status, sense and residual unchanged', async () => {
    const answer = {
      ...checkCondition(unitAttention(0x2a, 0x05)),
      dataIn: Uint8Array.of(1, 2, 3),
      residual: -7,
    };
    const path = scriptedPath([answer]);
    const user = await connectHostSocket(await serveDevice(path), 'data');
    const cdb = write10Cdb({ logicalBlockAddress: 9, transferLength: 1 });
    const result = await user.execute(cdb, { dataOut: Buffer.alloc(512, 0xab) });
    expect({ ...result, sense: [...result.sense], dataIn: [...result.dataIn] }).toEqual({
      ...answer,
      sense: [...answer.sense],
      dataIn: [1, 2, 3],
    });
    expect(path.cdbs).toEqual([Buffer.from(cdb).toString('hex')]);
    expect(path.dataOuts).toEqual([Buffer.alloc(512, 0xab)]);
    await user.close();
  });

  it('passes lengths and time-outs on', async () => {
    const seen: unknown[] = [];
    const path = scriptedPath([], (_, options) => {
      seen.push(options);
      return good();
    });
    const user = await connectHostSocket(await serveDevice(path), 'data');
    await user.execute(READ(0), { dataInLength: 512, timeoutMs: 1500 });
    await user.execute(testUnitReadyCdb({}));
    expect(seen).toEqual([{ dataInLength: 512, timeoutMs: 1500 }, {}]);
    await user.close();
  });

  it('serves two users at once, each answer to its own command, in the order of their ends', async () => {
    const { path, answer, arrived } = manualPath();
    const socketPath = await serveDevice(path);
    const users = await Promise.all([
      connectHostSocket(socketPath, 'data'),
      connectHostSocket(socketPath, 'data'),
    ]);
    const ends: number[] = [];
    const reads = [0, 1, 2, 3].map(async (lba) => {
      const user = users[lba % 2];
      const result = await user?.execute(READ(lba), { dataInLength: 1 });
      ends.push(lba);
      return result?.dataIn[0];
    });
    await arrived(4);
    for (const lba of [3, 0, 2, 1]) {
      answer(lba);
      await reads[lba];
    }
    expect(await Promise.all(reads)).toEqual([0, 1, 2, 3]);
    expect(ends).toEqual([3, 0, 2, 1]);
    for (const user of users) await user.close();
  });

  it('finishes what a user handed over before it went', async () => {
    const { path, answer, arrived } = manualPath();
    let finished: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finished = resolve));
    const socketPath = await serveDevice({
      ...path,
      execute: async (cdb, options) => {
        const result = await path.execute(cdb, options);
        finished();
        return result;
      },
    });
    const user = await connectHostSocket(socketPath, 'data');
    const read = user.execute(READ(1));
    await arrived(1);
    await user.close();
    await expect(read).rejects.toMatchObject({ name: 'DeviceIoError', errnoName: 'EIO' });
    answer(1);
    await done;
    // The host lives on.
    const next = await connectHostSocket(socketPath, 'data');
    await next.close();
  });

  it('reads no more than its share of commands from one user, and all of them in the end', async () => {
    const { path, answer, arrived } = manualPath();
    const user = await connectHostSocket(await serveDevice(path), 'data');
    const count = HOST_USER_COMMANDS_MAX * 3;
    const reads = Array.from({ length: count }, (_, lba) => user.execute(READ(lba), { dataInLength: 1 }));
    for (let lba = 0; lba < count; lba++) {
      const expected = Math.min(count, lba + HOST_USER_COMMANDS_MAX);
      await arrived(expected);
      expect(path.cdbs).toHaveLength(expected);
      answer(lba);
    }
    expect(await Promise.all(reads)).toHaveLength(count);
    await user.close();
  });

  it('refuses a device it does not have, as ENXIO', async () => {
    const socketPath = await serveDevice(scriptedPath([]));
    await expect(connectHostSocket(socketPath, 'dat')).rejects.toMatchObject({
      name: 'DeviceOpenError',
      errnoName: 'ENXIO',
      message: `host ${socketPath}: the host has no device "dat"`,
    });
  });

  it('that nobody listens on is ENXIO', async () => {
    await expect(connectHostSocket('/nonexistent/x.sock', 'data')).rejects.toMatchObject({
      name: 'DeviceOpenError',
      errnoName: 'ENXIO',
      message: 'no host listens on /nonexistent/x.sock: connect ENOENT /nonexistent/x.sock',
    });
  });
});

describe("hostile input on a host's socket", () => {
  it.each([
    ['a giant length', Buffer.from('ffffffff', 'hex'), 'a frame of 4294967295 bytes is larger than 16778240'],
    ['a length shorter than the header', Buffer.alloc(4), 'a frame of 0 bytes is shorter than its header'],
  ])('%s ends the connection with a reason, and nobody else notices', async (_, bytes, message) => {
    const socketPath = await serveDevice(scriptedPath([]));
    const bystander = await connectHostSocket(socketPath, 'data');
    const { socket, next } = await rawUser(socketPath);
    socket.write(bytes);
    const frame = await next();
    expect([frame.kind, frame.id, json(frame)]).toEqual([
      FRAME_KIND.failure,
      0,
      { errno: 'EPROTO', message },
    ]);
    if (!socket.readableEnded) await once(socket, 'end');
    expect((await bystander.execute(testUnitReadyCdb({}))).status).toBe(0);
    await bystander.close();
  });

  it.each([
    ['a command cut short', encodeFrame(FRAME_KIND.command, 7, Buffer.alloc(3)), 'the command is cut short'],
    [
      'a handle that is not open',
      command(7, { handle: 5, cdbLength: 6 }, Buffer.alloc(6)),
      'handle 5 is not open',
    ],
    ['a CDB longer than the frame', command(7, { cdbLength: 200 }, Buffer.alloc(6)), 'the CDB is cut short'],
    ['no CDB', command(7, {}), 'the CDB is cut short'],
    [
      'giant Data-In',
      command(7, { cdbLength: 6, dataInLength: 0xffff_ffff }, Buffer.alloc(6)),
      'Data-In of 4294967295 bytes is more than 16777216',
    ],
    ['a kind that is no request', encodeFrame(99, 7), 'frame kind 99 is no request'],
    ['no JSON', encodeFrame(FRAME_KIND.control, 7, Buffer.from('{')), 'no JSON'],
    [
      'an unknown control request',
      encodeFrame(FRAME_KIND.control, 7, encodeJson({ request: 'shutdown' })),
      'no control request (see initiator/host/control.ts for their form)',
    ],
    [
      'a control request with more in it',
      encodeFrame(FRAME_KIND.control, 7, encodeJson({ request: 'listHeld', hold: 1, more: 1 })),
      'no control request (see initiator/host/control.ts for their form)',
    ],
  ])('%s is answered, and the connection lives', async (_, bytes, message) => {
    const path = scriptedPath([]);
    const { socket, next } = await rawUser(await serveDevice(path));
    socket.write(open(1));
    expect(json(await next())).toEqual({ handle: 0 });
    socket.write(bytes);
    const frame = await next();
    expect([frame.kind, frame.id, json(frame)]).toEqual([
      FRAME_KIND.failure,
      7,
      { errno: 'EINVAL', message },
    ]);
    expect(path.cdbs).toEqual([]);
    socket.write(command(8, { cdbLength: 6 }, Buffer.alloc(6)));
    expect((await next()).kind).toBe(FRAME_KIND.result);
  });
});
