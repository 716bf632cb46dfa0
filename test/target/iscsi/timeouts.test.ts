import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../target/iscsi/clock.js';
import { SessionWatch } from '../../../target/iscsi/session-watch.js';
import { timeoutsOf } from '../../../target/iscsi/timeouts.js';
import {
  Bench,
  INITIATOR_NAME,
  NAMES,
  TEST_UNIT_READY,
  dataOut,
  encodePdu,
  loginRequest,
  read10,
  scsiCommand,
  text,
  write10,
  word,
  NOBODY,
  textRequest,
} from './raw-initiator.js';
import type { BenchOptions, Pdu, RawInitiator } from './raw-initiator.js';

let bench: Bench;
const start = async (timeouts: BenchOptions['timeouts'] = {}): Promise<void> => {
  bench = await Bench.start({ timeouts });
};
const stop = async (): Promise<void> => {
  await bench.stop();
  expect(bench.clock.pendingTimers).toBe(0);
};

const tur = (cmdSn: number, tag: number) => scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag });
const pong = (ping: Pdu, cmdSn = 100) => ({
  opcode: 0x00,
  immediate: true,
  tag: NOBODY,
  words: { 20: word(ping, 20), 24: cmdSn },
});

describe('an idle initiator, RFC 7143 11.19', () => {
  afterEach(stop);

  it('is asked whether it lives, and the session goes on when it answers', async () => {
    await start();
    const initiator = await bench.session();
    bench.clock.advance(30_000); // heard of it in the first interval: its login
    bench.clock.advance(30_000);
    const ping = await initiator.expect(0x20);
    expect(word(ping, 16)).toBe(NOBODY);
    expect(word(ping, 20)).not.toBe(NOBODY);
    expect(word(ping, 24)).toBe(8); // names the next StatSN, and does not use it
    initiator.send(tur(100, 1));
    expect(word(await initiator.expect(0x21), 24)).toBe(8);
    bench.clock.advance(30_000);
    bench.clock.advance(30_000);
    const again = await initiator.expect(0x20);
    expect(word(again, 20)).not.toBe(word(ping, 20));
    initiator.send(pong(again, 101));
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(30_000);
    bench.clock.advance(29_999);
    expect(bench.target.sessions()).toHaveLength(1);
  });

  it('is given up when it does not answer, and its nexus with it', async () => {
    await start();
    const initiator = await bench.session();
    bench.clock.advance(30_000);
    bench.clock.advance(30_000);
    await initiator.expect(0x20);
    bench.clock.advance(29_999);
    expect(bench.target.sessions()).toHaveLength(1);
    bench.clock.advance(1);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'connectionLost' });
    expect(bench.deviceServer.lost).toHaveLength(1);
  });

  it('is asked and given up after the times of the target', async () => {
    await start({ idleMs: 2_000, pingMs: 500 });
    const initiator = await bench.session();
    bench.clock.advance(2_000);
    bench.clock.advance(2_000);
    await initiator.expect(0x20);
    bench.clock.advance(500);
    expect(await initiator.untilClosed()).toEqual([]);
  });

  it('is asked once and no more while its answer may still come, and anew once it came', async () => {
    await start({ idleMs: 1_000, pingMs: 3_500 });
    const initiator = await bench.session();
    bench.clock.advance(2_000);
    const ping = await initiator.expect(0x20);
    bench.clock.advance(3_400);
    expect(await initiator.everythingHandled()).toEqual([]); // heard of it, though that is no answer
    bench.clock.advance(600);
    bench.clock.advance(1_000);
    expect(word(await initiator.expect(0x20), 20)).not.toBe(word(ping, 20));
    bench.clock.advance(3_499);
    expect(bench.target.sessions()).toHaveLength(1);
    bench.clock.advance(1);
    expect(await initiator.untilClosed()).toEqual([]);
  });

  it('is given up with the rest of a PDU that it has begun and does not end', async () => {
    await start();
    const initiator = await bench.session();
    initiator.socket.write(encodePdu(tur(100, 1)).subarray(0, 40));
    // Only when the socket was read is there anything to wait for; the clock stands still until then.
    const other = await bench.session({ isid: 0x800000000002n });
    bench.clock.advance(30_000);
    bench.clock.advance(30_000);
    await initiator.expect(0x20);
    other.send(pong(await other.expect(0x20)));
    expect(await other.everythingHandled()).toEqual([]);
    bench.clock.advance(30_000);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.deviceServer.submitted).toBe(0);
    expect(bench.target.sessions()).toHaveLength(1);
  });

  it('is asked in a discovery session too', async () => {
    await start();
    const initiator = await bench.session({ only: [NAMES[0], 'SessionType=Discovery'] });
    bench.clock.advance(30_000);
    bench.clock.advance(30_000);
    await initiator.expect(0x20);
    bench.clock.advance(30_000);
    expect(await initiator.untilClosed()).toEqual([]);
  });
});

describe('an initiator that takes its answers slowly', () => {
  afterEach(stop);

  const READS = 60;
  /** 60 MiB, far more than the buffers of a socket; the target reads no more before most of it is gone. */
  const reads = (firstCmdSn: number) =>
    Array.from({ length: READS }, (_, i) =>
      scsiCommand({
        cdb: read10(0, 2048),
        cmdSn: firstCmdSn + i,
        tag: 0x100 + i,
        read: true,
        length: 2048 * 512,
      }),
    );

  it('is not given up while it takes them, nor blamed for what it sent and nobody has read', async () => {
    await start();
    const initiator = await bench.session({ keys: ['ImmediateData=No'] });
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 4, write: true, length: 512 }));
    const transferTag = word(await initiator.expect(0x31), 20);
    initiator.socket.pause();
    initiator.send(
      ...reads(101),
      dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: Buffer.alloc(512) }),
    );
    await vi.waitUntil(() => bench.deviceServer.submitted > 1);
    const { deviceServer } = bench;
    const submit = deviceServer.submit.bind(deviceServer);
    for (let minute = 0; minute < 5; minute++) {
      bench.clock.advance(30_000);
      await new Promise<void>((resolve) => {
        deviceServer.submit = (task) => {
          initiator.socket.pause();
          resolve();
          return submit(task);
        };
        initiator.socket.resume();
      });
      bench.clock.advance(30_000);
    }
    deviceServer.submit = submit;
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
    expect(bench.target.sessions()).toHaveLength(1);
    initiator.socket.resume();
    for (;;) {
      const pdu = await initiator.next();
      if (pdu?.header[0] === 0x21) break;
      expect([0x20, 0x25]).toContain(pdu?.header[0]);
    }
    expect(bench.deviceServer.dataOutLengths).toEqual([512]);
  });

  it('is not given up while it takes one long answer', async () => {
    await start();
    const initiator = await bench.session();
    const other = await bench.session({ isid: 0x800000000002n });
    initiator.socket.pause();
    const blocks = 0xffff; // 32 MiB
    bench.deviceServer.copyTo = () => undefined;
    initiator.send(
      scsiCommand({ cdb: read10(0, blocks), cmdSn: 100, tag: 1, read: true, length: blocks * 512 }),
    );
    await vi.waitUntil(() => bench.deviceServer.submitted > 0);
    for (let minute = 0; minute < 5; minute++) {
      bench.clock.advance(30_000);
      const goal = initiator.socket.bytesRead + 4 * 1024 * 1024;
      await new Promise<void>((resolve) => {
        const count = (): void => {
          if (initiator.socket.bytesRead < goal) return;
          initiator.socket.off('data', count).pause();
          resolve();
        };
        initiator.socket.on('data', count).resume();
      });
      await other.everythingHandled();
    }
    expect(bench.target.sessions()).toHaveLength(2);
  });

  it('is given up where it takes nothing', async () => {
    await start();
    const initiator = await bench.session();
    initiator.socket.pause();
    initiator.send(...reads(100));
    await vi.waitUntil(() => bench.deviceServer.submitted > 0);
    await vi.waitUntil(() => {
      bench.clock.advance(30_000);
      return bench.target.sessions().length === 0;
    });
    expect(bench.deviceServer.submitted).toBeLessThan(READS);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'connectionLost' });
  });
});

describe('a target that was stopped for longer than every time-out', () => {
  it('reads what came meanwhile before it gives an initiator up', () => {
    const due: { readonly delayMs: number; readonly callback: () => void }[] = [];
    const clock: Clock = {
      now: () => 0,
      date: () => new Date(0),
      schedule: (delayMs, callback) => {
        due.push({ delayMs, callback });
        return () => undefined;
      },
    };
    const calls: string[] = [];
    const watch = new SessionWatch(clock, timeoutsOf({ pingMs: 7 }), {
      ping: () => calls.push('ping'),
      lost: () => calls.push('lost'),
      sweep: () => calls.push('sweep'),
    });
    const run = (delayMs: number): void => {
      due
        .splice(
          due.findIndex((timer) => timer.delayMs === delayMs),
          1,
        )[0]
        ?.callback();
    };
    watch.heard = false;
    run(30_000);
    run(7);
    watch.heard = true;
    run(0);
    expect(calls).toEqual(['ping']);
    watch.heard = false;
    run(30_000);
    run(7);
    run(0);
    expect(calls).toEqual(['ping', 'ping', 'lost']);
  });
});

describe('what an initiator owes and does not send, RFC 7143 7', () => {
  afterEach(stop);

  const SEQUENCE_MS = 4_000;
  const session = async (...keys: string[]): Promise<RawInitiator> => {
    await start({ sequenceMs: SEQUENCE_MS });
    return bench.session({ keys });
  };
  const write = (lengthBytes: number, final = true) =>
    scsiCommand({
      cdb: write10(0, lengthBytes / 512),
      cmdSn: 100,
      tag: 4,
      write: true,
      length: lengthBytes,
      final,
    });

  /** Waits for the time-out; before it the session lives, after it and a quarter it does not. */
  async function expectDropped(initiator: RawInitiator): Promise<void> {
    bench.clock.advance(SEQUENCE_MS);
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(SEQUENCE_MS / 4);
    const told = await initiator.untilClosed();
    // Dropped with notice, to come back at once (11.9.1).
    expect(told.map(({ header }) => [header[0], header.toString('hex', 36)])).toEqual([
      [0x32, '030000000000000000000000'],
    ]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'timedOut' });
    expect(bench.deviceServer.lost).toHaveLength(1);
    expect(bench.deviceServer.underWay.size).toBe(0);
  }

  it('Data-Out of an R2T: the session is dropped, and may be had again', async () => {
    const initiator = await session('ImmediateData=No');
    initiator.send(write(512));
    await initiator.expect(0x31);
    await expectDropped(initiator);
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
    const again = await bench.session();
    again.send(tur(100, 1));
    expect((await again.expect(0x21)).header[3]).toBe(0);
  });

  it('the rest of the Data-Out of an R2T', async () => {
    const initiator = await session('ImmediateData=No');
    initiator.send(write(1024));
    const transferTag = word(await initiator.expect(0x31), 20);
    const first = { tag: 4, transferTag, dataSn: 0, offset: 0, data: Buffer.alloc(512), final: false };
    initiator.send(dataOut(first));
    expect(await initiator.everythingHandled()).toEqual([]);
    await expectDropped(initiator);
  });

  it('unsolicited Data-Out that was announced', async () => {
    const initiator = await session('InitialR2T=No', 'ImmediateData=No');
    initiator.send(write(1024, false));
    expect(await initiator.everythingHandled()).toEqual([]);
    await expectDropped(initiator);
  });

  it('unsolicited Data-Out of a command that has failed, whose answer waits for it', async () => {
    const initiator = await session('InitialR2T=No', 'ImmediateData=No');
    bench.deviceServer.submit = (task) => {
      bench.deviceServer.finish(task, 2);
      return 'ended';
    };
    initiator.send(write(1024, false));
    expect(await initiator.everythingHandled()).toEqual([]);
    await expectDropped(initiator);
  });

  it('a command whose CmdSN is missing', async () => {
    const initiator = await session();
    initiator.send(tur(101, 1), tur(102, 2));
    expect(await initiator.everythingHandled()).toEqual([]);
    await expectDropped(initiator);
    expect(bench.deviceServer.submitted).toBe(0);
  });

  it('has the whole time anew with each Data-Out, and with each CmdSN that comes', async () => {
    const initiator = await session('ImmediateData=No');
    initiator.send(write(1024));
    const transferTag = word(await initiator.expect(0x31), 20);
    bench.clock.advance(SEQUENCE_MS);
    const part = (dataSn: number) =>
      dataOut({
        tag: 4,
        transferTag,
        dataSn,
        offset: 512 * dataSn,
        data: Buffer.alloc(512),
        final: dataSn === 1,
      });
    initiator.send(part(0));
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(SEQUENCE_MS);
    initiator.send(part(1));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    initiator.send(tur(102, 2), tur(104, 4));
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(SEQUENCE_MS);
    initiator.send(tur(101, 1));
    expect([await initiator.expect(0x21), await initiator.expect(0x21)].map((pdu) => word(pdu, 16))).toEqual([
      1, 2,
    ]);
    bench.clock.advance(SEQUENCE_MS);
    initiator.send(tur(103, 3));
    expect([await initiator.expect(0x21), await initiator.expect(0x21)].map((pdu) => word(pdu, 16))).toEqual([
      3, 4,
    ]);
    // Nothing is owed any more. A command may take as long as it likes.
    bench.deviceServer.hold = true;
    initiator.send(tur(105, 5));
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(2 * SEQUENCE_MS);
    expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.deviceServer.underWay.size).toBe(1);
  });

  it('the rest of a text negotiation: it has failed, and nothing of it is in force (7.12)', async () => {
    const initiator = await session();
    initiator.send(textRequest(text('MaxRecvDataSegmentLength=512'), 0, NOBODY));
    const transferTag = word(await initiator.expect(0x24), 20);
    bench.clock.advance(SEQUENCE_MS);
    initiator.send(textRequest(text('X-org.example.1=1'), 0, transferTag));
    expect(word(await initiator.expect(0x24), 20)).toBe(transferTag);
    bench.clock.advance(SEQUENCE_MS);
    initiator.send(textRequest(text('X-org.example.2=1'), 0, transferTag));
    expect(word(await initiator.expect(0x24), 20)).toBe(transferTag);
    bench.clock.advance(SEQUENCE_MS + SEQUENCE_MS / 4);
    initiator.send(textRequest(Buffer.alloc(0), 0x80, transferTag));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x09);
    const read = { cdb: [0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0], cmdSn: 100, tag: 1, read: true, length: 1024 };
    initiator.send(scsiCommand(read));
    expect((await initiator.expect(0x25)).data.length).toBe(1024);
  });

  it.each<[string, string, Parameters<typeof loginRequest>[0][]]>([
    ['with its first part', '', [{ continues: true, transit: false }]],
    ['between its stages', INITIATOR_NAME, [{ csg: 0, nsg: 1 }]],
  ])('the rest of a login, %s: the connection ends', async (_title, initiatorName, requests) => {
    await start({ loginMs: 1_000 });
    const initiator = await bench.connect();
    for (const request of requests) {
      initiator.send(loginRequest(request));
      expect((await initiator.expect(0x23)).header[36]).toBe(0);
    }
    bench.clock.advance(1_000);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.events).toEqual([{ type: 'loginRefused', initiatorName, reason: 'not finished in time' }]);
  });

  it('a login at all: nobody is named', async () => {
    await start();
    const stranger = await bench.connect();
    bench.clock.advance(14_999);
    stranger.socket.write(Buffer.alloc(47));
    bench.clock.advance(1);
    expect(await stranger.untilClosed()).toEqual([]);
    expect(bench.events).toEqual([]);
  });
});

describe('the time-outs of a target', () => {
  it('are those that are given, and the defaults', () => {
    expect(timeoutsOf({ sequenceMs: 5 })).toEqual({
      idleMs: 30_000,
      pingMs: 30_000,
      sequenceMs: 5,
      loginMs: 15_000,
    });
  });

  it.each([0, -1, Number.NaN, 86_400_001])('cannot be %s ms', (pingMs) => {
    expect(() => timeoutsOf({ pingMs })).toThrow(`timeouts.pingMs ${pingMs}: expected 1 to 86400000`);
  });
});
