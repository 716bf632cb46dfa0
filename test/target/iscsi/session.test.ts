import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Bench,
  INITIATOR_NAME,
  NAMES,
  TARGET_NAME,
  TEST_UNIT_READY,
  dataOut,
  encodePdu,
  loginRequest,
  scsiCommand,
  text,
  textOf,
  write10,
  word,
  textRequest,
} from './raw-initiator.js';
import type { PduFields, RawInitiator } from './raw-initiator.js';
import type { TaskManagementResponse } from '../../../target/logical-unit/task.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(async () => {
  await bench.stop();
});

const tur = (cmdSn: number, tag: number, lun = 0) => scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag, lun });

const taskManagement = (
  fn: number,
  options: { tag?: number; referenced?: number; cmdSn?: number; refCmdSn?: number; lun?: number } = {},
): PduFields => ({
  opcode: 0x02,
  immediate: true,
  flags: 0x80 | fn,
  tag: options.tag ?? 0x500,
  lun: options.lun ?? 0,
  words: { 20: options.referenced ?? 0xffffffff, 24: options.cmdSn ?? 100, 32: options.refCmdSn ?? 0 },
});

async function manage(initiator: RawInitiator, request: PduFields): Promise<number> {
  initiator.send(request);
  const response = await initiator.expect(0x22);
  expect(word(response, 16)).toBe(request.tag);
  return response.header[2] ?? -1;
}

describe('task management, RFC 7143 11.5 and 11.6', () => {
  it.each<[number, string]>([
    [2, 'abortTaskSet'],
    [4, 'clearTaskSet'],
    [5, 'logicalUnitReset'],
  ])('function %i is %s of the LUN', async (fn, name) => {
    const initiator = await bench.session();
    expect(await manage(initiator, taskManagement(fn, { lun: 3 }))).toBe(0);
    expect(bench.deviceServer.managed).toEqual([{ function: name, lun: 3 }]);
  });

  it('TARGET WARM RESET has no LUN', async () => {
    const initiator = await bench.session();
    expect(await manage(initiator, taskManagement(6))).toBe(0);
    expect(bench.deviceServer.managed).toEqual([{ function: 'targetWarmReset' }]);
  });

  it('TARGET COLD RESET is answered and then ends every session', async () => {
    const initiator = await bench.session();
    const other = await bench.session({ isid: 0x800000000002n });
    expect(await manage(initiator, taskManagement(7))).toBe(0);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(await other.untilClosed()).toEqual([]);
    expect(bench.target.sessions()).toEqual([]);
  });

  it('TARGET COLD RESET that is refused ends no session', async () => {
    const initiator = await bench.session();
    const other = await bench.session({ isid: 0x800000000002n });
    bench.deviceServer.answerTo = () => 'authorizationFailed';
    expect(await manage(initiator, taskManagement(7))).toBe(6);
    for (const one of [initiator, other]) expect(await one.everythingHandled()).toEqual([]);
    expect(bench.target.sessions()).toHaveLength(2);
  });

  it('TARGET COLD RESET ends the other sessions even where the one that asked has ended before', async () => {
    const initiator = await bench.session();
    const other = await bench.session({ isid: 0x800000000002n });
    let carriedOut: (response: TaskManagementResponse) => void = () => undefined;
    bench.deviceServer.manageTasks = () => new Promise((resolve) => (carriedOut = resolve));
    initiator.send(taskManagement(7), { opcode: 0x06, immediate: true, flags: 0x80, words: { 24: 100 } });
    expect((await initiator.untilClosed()).map((pdu) => pdu.header[0])).toEqual([0x26]);
    expect(await other.everythingHandled()).toEqual([]);
    carriedOut('complete');
    expect(await other.untilClosed()).toEqual([]);
    expect(bench.target.sessions()).toEqual([]);
  });

  it('TASK REASSIGN is not supported: 4, and an unknown function: 5', async () => {
    const initiator = await bench.session();
    expect(await manage(initiator, taskManagement(8))).toBe(4);
    expect(await manage(initiator, taskManagement(9))).toBe(5);
    expect(bench.deviceServer.managed).toEqual([]);
  });

  it.each<[TaskManagementResponse, number]>([
    ['complete', 0],
    ['taskDoesNotExist', 1],
    ['lunDoesNotExist', 2],
    ['functionNotSupported', 5],
    ['functionRejected', 255],
  ])('passes %s on as %i', async (answer, response) => {
    const initiator = await bench.session();
    bench.deviceServer.answerTo = () => answer;
    expect(await manage(initiator, taskManagement(3))).toBe(response);
    expect(bench.deviceServer.managed).toEqual([{ function: 'clearAca', lun: 0 }]);
  });

  it('ABORT TASK ends the command without an answer of its own', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(tur(100, 7));
    expect(await manage(initiator, taskManagement(1, { referenced: 7, cmdSn: 101, refCmdSn: 100 }))).toBe(0);
    expect(bench.deviceServer.managed).toEqual([{ function: 'abortTask', lun: 0, tag: 7 }]);
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.deviceServer.hold = false;
    initiator.send(tur(101, 7)); // the tag is free again
    expect(word(await initiator.expect(0x21), 16)).toBe(7);
  });

  it('ABORT TASK of a command that was answered: the task does not exist', async () => {
    const initiator = await bench.session();
    initiator.send(tur(100, 7));
    await initiator.expect(0x21);
    expect(await manage(initiator, taskManagement(1, { referenced: 7, cmdSn: 101, refCmdSn: 100 }))).toBe(1);
  });

  it('ABORT TASK of a command that never came counts it as received', async () => {
    const initiator = await bench.session();
    initiator.send(tur(101, 8)); // 100 is missing
    initiator.send(taskManagement(1, { referenced: 7, cmdSn: 102, refCmdSn: 100 }));
    const answers = [await initiator.next(), await initiator.next()];
    expect(answers.map((pdu) => pdu?.header[0]).sort()).toEqual([0x21, 0x22]);
    expect(answers.find((pdu) => pdu?.header[0] === 0x22)?.header[2]).toBe(0);
  });

  it('aborts commands that wait for a lower CmdSN too', async () => {
    const initiator = await bench.session();
    initiator.send(tur(101, 8), tur(102, 9, 5));
    expect(await manage(initiator, taskManagement(5, { cmdSn: 103 }))).toBe(0);
    expect(await manage(initiator, taskManagement(1, { cmdSn: 103, referenced: 9, refCmdSn: 102 }))).toBe(0);
    initiator.send(tur(100, 7));
    expect(word(await initiator.expect(0x21), 16)).toBe(7);
    expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.deviceServer.submitted).toBe(1);
  });

  it.each<[string, number, () => Promise<TaskManagementResponse>, number]>([
    ['is refused', 6, () => Promise.resolve('authorizationFailed'), 6],
    ['names no LUN that is there', 5, () => Promise.resolve('lunDoesNotExist'), 2],
    ['fails', 5, () => Promise.reject(new Error('broken')), 255],
  ])(
    'carries out what waits for a lower CmdSN where the function %s',
    async (_title, fn, manages, response) => {
      const initiator = await bench.session();
      bench.deviceServer.manageTasks = manages;
      initiator.send(tur(101, 8), tur(102, 9));
      expect(await manage(initiator, taskManagement(fn, { cmdSn: 103 }))).toBe(response);
      expect(bench.deviceServer.submitted).toBe(0);
      // This time the missing command comes before it is known what becomes of the function.
      initiator.send(tur(100, 7), tur(104, 11), taskManagement(fn, { cmdSn: 105 }), tur(103, 10));
      const answers: (readonly [number | undefined, number])[] = [];
      for (let i = 0; i < 6; i++) {
        const pdu = await initiator.next();
        if (pdu !== null) answers.push([pdu.header[0], word(pdu, 16)]);
      }
      expect(answers.filter(([opcode]) => opcode === 0x21).map(([, tag]) => tag)).toEqual([7, 8, 9, 10, 11]);
      expect(await initiator.everythingHandled()).toEqual([]);
    },
  );
});

describe('task management of a command that has failed, while the unsolicited data that its answer waits for is out', () => {
  /** A write with tag 4 on LUN 3, whose answer is held. */
  async function failedWrite(): Promise<RawInitiator> {
    const initiator = await bench.session({ keys: ['InitialR2T=No', 'ImmediateData=No'] });
    const { deviceServer } = bench;
    const submit = deviceServer.submit.bind(deviceServer);
    deviceServer.submit = (task) => {
      deviceServer.finish(task, 2);
      deviceServer.submit = submit;
      return 'ended';
    };
    const write = { cdb: write10(0, 2), cmdSn: 100, tag: 4, write: true, length: 1024, final: false, lun: 3 };
    initiator.send(scsiCommand(write));
    expect(await initiator.everythingHandled()).toEqual([]);
    return initiator;
  }
  const rest = dataOut({ tag: 4, transferTag: 0xffffffff, dataSn: 0, offset: 0, data: Buffer.alloc(1024) });

  it.each([
    ['ABORT TASK', 1],
    ['ABORT TASK SET', 2],
    ['CLEAR TASK SET', 4],
    ['LOGICAL UNIT RESET', 5],
    ['TARGET WARM RESET', 6],
  ])('%s takes the answer back, and the tag is free', async (_name, fn) => {
    const initiator = await failedWrite();
    const lun = fn === 6 ? 0 : 3;
    expect(
      await manage(initiator, taskManagement(fn, { lun, referenced: 4, cmdSn: 101, refCmdSn: 100 })),
    ).toBe(0);
    initiator.send(rest, tur(101, 4));
    const answer = await initiator.expect(0x21);
    expect([word(answer, 16), answer.header[3]]).toEqual([4, 0]);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it.each([
    ['ABORT TASK of another', 1, 3, 5, 1],
    ['ABORT TASK on another LUN', 1, 2, 4, 1],
    ['LOGICAL UNIT RESET of another LUN', 5, 2, 0xffffffff, 0],
    ['CLEAR ACA', 3, 3, 0xffffffff, 0],
  ])('%s leaves it to come with the data', async (_name, fn, lun, referenced, response) => {
    const initiator = await failedWrite();
    const request = taskManagement(fn, { lun, referenced, cmdSn: 100, refCmdSn: 100 });
    expect(await manage(initiator, request)).toBe(response);
    initiator.send(rest);
    const answer = await initiator.expect(0x21);
    expect([word(answer, 16), answer.header[3]]).toEqual([4, 2]);
  });

  it('ABORT TASK of another one that runs leaves it to come with the data', async () => {
    const initiator = await failedWrite();
    bench.deviceServer.hold = true;
    initiator.send(tur(101, 5, 3));
    const request = taskManagement(1, { lun: 3, referenced: 5, cmdSn: 102, refCmdSn: 101 });
    expect(await manage(initiator, request)).toBe(0);
    initiator.send(rest);
    const answer = await initiator.expect(0x21);
    expect([word(answer, 16), answer.header[3]]).toEqual([4, 2]);
  });

  it('a reset that is refused leaves it too', async () => {
    const initiator = await failedWrite();
    bench.deviceServer.answerTo = () => 'authorizationFailed';
    expect(await manage(initiator, taskManagement(6, { cmdSn: 101 }))).toBe(6);
    initiator.send(rest);
    const answer = await initiator.expect(0x21);
    expect([word(answer, 16), answer.header[3]]).toEqual([4, 2]);
  });
});

describe('NOP, RFC 7143 11.18 and 11.19', () => {
  const ping = (data?: Uint8Array): PduFields => ({
    opcode: 0x00,
    immediate: true,
    tag: 0x99,
    words: { 20: 0xffffffff, 24: 100 },
    ...(data === undefined ? {} : { data }),
  });

  it.each([0, 1, 300])('answers a ping with its %i bytes of data', async (length) => {
    const initiator = await bench.session();
    const data = Buffer.alloc(length, 0x5a);
    initiator.send(ping(data));
    const pdu = await initiator.expect(0x20);
    expect([word(pdu, 16), word(pdu, 20), word(pdu, 24)]).toEqual([0x99, 0xffffffff, 8]);
    expect(pdu.data.equals(data)).toBe(true);
  });

  it('says nothing to a NOP-Out without a task tag', async () => {
    const initiator = await bench.session();
    initiator.send({ ...ping(), tag: 0xffffffff });
    expect(await initiator.everythingHandled()).toEqual([]);
  });
});

describe('the command window when commands are dropped', () => {
  it('is told by NOP-In where it was closed, once, with no StatSN taken', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(...Array.from({ length: 128 }, (_, i) => tur(100 + i, i)));
    expect(await windowOf(initiator)).toEqual([228, 227]);
    for (const task of [...bench.deviceServer.underWay]) bench.deviceServer.drop(task);
    const told = await initiator.expect(0x20);
    expect([16, 20, 24, 28, 32].map((at) => word(told, at))).toEqual([0xffffffff, 0xffffffff, 9, 228, 355]);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('is not told where it was open', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(tur(100, 1));
    await initiator.everythingHandled();
    for (const task of [...bench.deviceServer.underWay]) bench.deviceServer.drop(task);
    await initiator.everythingHandled();
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  async function windowOf(initiator: RawInitiator): Promise<number[]> {
    initiator.send({ opcode: 0, immediate: true, tag: 0x99, words: { 20: 0xffffffff, 24: 228 } });
    const pong = await initiator.expect(0x20);
    return [word(pong, 28), word(pong, 32)];
  }
});

describe('logout and loss, RFC 7143 11.14 and 6.3', () => {
  const logout = (reason: number, cid = 0): PduFields => ({
    opcode: 0x06,
    immediate: true,
    flags: 0x80 | reason,
    tag: 0x60,
    words: { 24: 100 },
    at: { 20: [cid >> 8, cid & 0xff] },
  });

  it.each([0, 1])('reason %i ends commands under way, answers and closes', async (reason) => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(tur(100, 1), logout(reason));
    const response = await initiator.expect(0x26);
    expect([response.header[2], word(response, 16), word(response, 24)]).toEqual([0, 0x60, 8]);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.deviceServer.underWay.size).toBe(0);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'logout' });
  });

  it('is answered though a task management response lets it have its turn', async () => {
    const initiator = await bench.session();
    // CmdSN 100 never comes; ABORT TASK counts it as received, once the device server answered.
    initiator.send(
      { ...logout(0), immediate: false, words: { 24: 101 } },
      taskManagement(1, { referenced: 55, cmdSn: 102, refCmdSn: 100 }),
    );
    const opcodes = (await initiator.untilClosed()).map((pdu) => pdu.header[0]);
    expect(opcodes).toContain(0x26);
  });

  it('answers a CID that is not there with 1, recovery with 2, and lives on', async () => {
    const initiator = await bench.session();
    initiator.send(logout(1, 9), logout(2));
    expect((await initiator.expect(0x26)).header[2]).toBe(1);
    expect((await initiator.expect(0x26)).header[2]).toBe(2);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('loses the nexus when the connection is lost', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(tur(100, 1));
    await initiator.everythingHandled();
    const ended = new Promise<void>((resolve) =>
      initiator.socket.once('close', () => {
        resolve();
      }),
    );
    bench.target.dropConnections(`${INITIATOR_NAME},i,0x800000000001@1`);
    await ended;
    expect(bench.deviceServer.lost).toEqual(bench.deviceServer.attached);
    expect(bench.deviceServer.underWay.size).toBe(0);
    expect(bench.target.sessions()).toEqual([]);
  });

  it('close() says that the session is dropped and leaves no timer behind', async () => {
    const initiator = await bench.session();
    const [pdus] = await Promise.all([initiator.untilClosed(), bench.target.close()]);
    expect(pdus.map((pdu) => [pdu.header[0], pdu.header[36]])).toEqual([[0x32, 3]]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'targetClosed' });
    expect(bench.clock.pendingTimers).toBe(0);
  });
});

describe('text in full feature phase, RFC 7143 11.10 and appendix C', () => {
  const address = (): string => `TargetAddress=127.0.0.1:${String(bench.target.ports[0]?.port)},1`;
  const discovery = { only: [NAMES[0], 'SessionType=Discovery'] };

  it.each([
    ['All in a discovery session', discovery, 'SendTargets=All'],
    ['the name in a discovery session', discovery, `SendTargets=${TARGET_NAME}`],
    ['nothing in a normal session', {}, 'SendTargets='],
    ['All in a normal session', {}, 'SendTargets=All'],
  ])('answers SendTargets with %s', async (_title, options, key) => {
    const initiator = await bench.session(options);
    initiator.send(textRequest(text(key)));
    const response = await initiator.expect(0x24);
    expect([response.header[1], word(response, 20)]).toEqual([0x80, 0xffffffff]);
    expect(textOf(response)).toEqual([`TargetName=${TARGET_NAME}`, address()]);
  });

  it('names every portal with its portal group tag', async () => {
    await bench.stop();
    bench = await Bench.start({
      portals: [
        { host: '127.0.0.1', port: 0, relativeTargetPortId: 1 },
        { host: '::1', port: 0, relativeTargetPortId: 2 },
      ],
    });
    const initiator = await bench.session(discovery);
    initiator.send(textRequest(text('SendTargets=All')));
    const [first, second] = bench.target.ports.map((port) => String(port.port));
    expect(textOf(await initiator.expect(0x24))).toEqual([
      `TargetName=${TARGET_NAME}`,
      `TargetAddress=127.0.0.1:${String(first)},1`,
      `TargetAddress=[::1]:${String(second)},2`,
    ]);
  });

  it('has no records for another name, and rejects what is no name', async () => {
    const initiator = await bench.session(discovery);
    initiator.send(textRequest(text('SendTargets=iqn.2026-11.org.fencelab:other')));
    expect(textOf(await initiator.expect(0x24))).toEqual([]);
    for (const wrong of ['SendTargets=Alle', 'SendTargets=', 'no key']) {
      initiator.send(textRequest(text(wrong)));
      expect((await initiator.expect(0x3f)).header[2]).toBe(0x04);
    }
  });

  it('answers an unknown key with NotUnderstood, and a login key with Reject', async () => {
    const initiator = await bench.session();
    initiator.send(textRequest(text('SendTargetsPlease=All', 'MaxBurstLength=512')));
    expect(textOf(await initiator.expect(0x24))).toEqual([
      'SendTargetsPlease=NotUnderstood',
      'MaxBurstLength=Reject',
    ]);
  });

  it('takes a text in parts and gives its answer in parts', async () => {
    const initiator = await bench.session({
      ...discovery,
      only: [...discovery.only, 'MaxRecvDataSegmentLength=512'],
    });
    const keys = Array.from({ length: 30 }, (_, i) => `X-org.example.${i}=1`);
    const whole = text(...keys, 'SendTargets=All');
    initiator.send(textRequest(whole.subarray(0, 300), 0x40));
    const more = await initiator.expect(0x24);
    expect([more.header[1], more.data.length]).toEqual([0x00, 0]);
    initiator.send(textRequest(whole.subarray(300), 0x80, word(more, 20)));
    const parts: Buffer[] = [];
    for (;;) {
      const part = await initiator.expect(0x24);
      parts.push(part.data);
      expect(part.data.length).toBeLessThanOrEqual(512);
      if (part.header[1] === 0x80) break;
      expect(part.header[1]).toBe(0x40);
      initiator.send(textRequest(Buffer.alloc(0), 0x80, word(part, 20)));
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(Buffer.concat(parts).toString()).toContain(
      `=NotUnderstood\0TargetName=${TARGET_NAME}\0${address()}\0`,
    );
  });

  it('rejects a transfer tag that it never gave', async () => {
    const initiator = await bench.session();
    initiator.send(textRequest(text('SendTargets='), 0x80, 1234));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x09);
  });

  it('takes a new MaxRecvDataSegmentLength at once', async () => {
    const initiator = await bench.session();
    initiator.send(textRequest(text('MaxRecvDataSegmentLength=512')));
    await initiator.expect(0x24);
    initiator.send(
      scsiCommand({ cdb: [0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0], cmdSn: 100, tag: 1, read: true, length: 1024 }),
    );
    expect((await initiator.expect(0x25)).data.length).toBe(512);
    expect((await initiator.expect(0x25)).data.length).toBe(512);
  });

  it('refuses SCSI commands and task management in a discovery session', async () => {
    const initiator = await bench.session(discovery);
    expect(bench.deviceServer.attached).toEqual([]);
    initiator.send(tur(100, 1), taskManagement(5));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x05);
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x05);
  });
});

describe('what is broken or hostile', () => {
  it.each<[string, PduFields, number]>([
    ['an unknown opcode', { opcode: 0x1c }, 0x05],
    ['an opcode of targets', { opcode: 0x25 }, 0x05],
    ['a SNACK', { opcode: 0x10 }, 0x03],
    ['a login in full feature phase', { opcode: 0x03, immediate: true }, 0x04],
    ['a command with the reserved task tag', tur(100, 0xffffffff), 0x09],
    ['data with a command that writes nothing', { ...tur(100, 1), data: Buffer.alloc(8) }, 0x09],
    ['an unknown logout reason', { opcode: 0x06, immediate: true, flags: 0x85 }, 0x09],
    ['task management with data', { ...taskManagement(5), data: Buffer.alloc(4) }, 0x09],
  ])('rejects %s, and the session lives', async (_title, pdu, reason) => {
    const initiator = await bench.session();
    initiator.send(pdu);
    const reject = await initiator.expect(0x3f);
    expect(reject.header[2]).toBe(reason);
    expect(reject.data.equals(encodePdu(pdu).subarray(0, 48))).toBe(true);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('rejects a data segment beyond MaxRecvDataSegmentLength and gives the connection up', async () => {
    const initiator = await bench.session();
    const header = encodePdu(tur(101, 2));
    header.writeUIntBE(262_145, 5, 3);
    initiator.socket.write(Buffer.concat([encodePdu(tur(100, 1)), header]));
    await initiator.expect(0x21);
    const reject = await initiator.expect(0x3f);
    expect(reject.header[2]).toBe(0x04);
    expect(reject.data.equals(header)).toBe(true);
    expect(await initiator.untilClosed()).toEqual([]);
    const stranger = await bench.connect();
    header.writeUIntBE(8193, 5, 3);
    stranger.socket.write(header);
    expect(await stranger.untilClosed()).toEqual([]);
  });

  it.each([
    ['an extended CDB of 17 bytes', [0, 2, 1, 0, 0x11, 0, 0, 0]],
    ['an extended CDB of 20 bytes', [0, 5, 1, 0, 1, 2, 3, 4]],
    ['a read length', [0, 5, 2, 0, 0, 0, 2, 0]],
    ['both, with reserved bits', [0, 5, 0xc2, 9, 0, 0, 2, 0, 0, 2, 0x41, 9, 0x11, 0, 0, 0]],
  ])('takes additional header segments: %s', async (_title, ahs) => {
    const initiator = await bench.session();
    initiator.send(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 1, ahs: Buffer.from(ahs) }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
  });

  const plain = tur(100, 1);
  it.each<[string, number[], PduFields]>([
    ['longer than all', [0, 9, 1, 0, 1, 2, 3, 4], plain],
    ['with more behind it', [0, 5, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0], plain],
    ['an extended CDB that is none', [0, 1, 1, 0], plain],
    ['a read length of three bytes', [0, 4, 2, 0, 0, 0, 2, 0], plain],
    ['a read length of five bytes', [0, 6, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0], plain],
    ['a read length twice', [0, 5, 2, 0, 0, 0, 2, 0, 0, 5, 2, 0, 0, 0, 2, 0], plain],
    ['the reserved type 0', [0, 0, 0, 0], plain],
    ['a reserved type', [0, 5, 3, 0, 0, 0, 2, 0], plain],
    ['in a NOP-Out', [0, 5, 2, 0, 0, 0, 2, 0], { opcode: 0, immediate: true, words: { 20: 0xffffffff } }],
    ['out of turn', [0, 0, 0, 0], tur(101, 1)],
  ])(
    'rejects an additional header segment %s, and gives the connection up: 7.7',
    async (_title, ahs, pdu) => {
      const initiator = await bench.session();
      initiator.send({ ...pdu, ahs: Buffer.from(ahs) });
      expect((await initiator.untilClosed()).map(({ header }) => [header[0], header[2]])).toEqual([
        [0x3f, 0x09],
      ]);
      expect(bench.deviceServer.submitted).toBe(0);
      expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'protocolError' });
    },
  );

  it('ends a login with an additional header segment', async () => {
    const initiator = await bench.connect();
    initiator.send({ ...loginRequest(), ahs: Buffer.of(0, 5, 2, 0, 0, 0, 2, 0) });
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.target.sessions()).toEqual([]);
  });

  it('counts the residual of a write with R instead of W from its Data-In: none of it came', async () => {
    const initiator = await bench.session();
    bench.deviceServer.submit = (task) => {
      task.dataOutWantedBytes = 512;
      bench.deviceServer.finish(task, 2);
      return 'ended';
    };
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 1, read: true, length: 512 }));
    const pdu = await initiator.expect(0x21);
    expect([pdu.header[1], word(pdu, 44)]).toEqual([0x82, 512]);
  });

  it('tells both residuals of a bidirectional command', async () => {
    const initiator = await bench.session();
    const ahs = Buffer.of(0, 5, 2, 0, 0, 0, 2, 0); // expects 512 bytes of Data-In
    initiator.send(
      scsiCommand({
        cdb: write10(0, 1),
        cmdSn: 100,
        tag: 1,
        read: true,
        write: true,
        length: 1024,
        ahs,
        data: Buffer.alloc(1024),
      }),
    );
    const pdu = await initiator.expect(0x21);
    expect([pdu.header[1], word(pdu, 40), word(pdu, 44)]).toEqual([0x8a, 512, 512]);
  });

  it('gives up who sends endless commands around a missing one', async () => {
    const initiator = await bench.session();
    const data = Buffer.alloc(65_536);
    for (let i = 1; i < 80; i++) {
      initiator.send(
        scsiCommand({ cdb: write10(0, 128), cmdSn: 100 + i, tag: i, write: true, length: data.length, data }),
      );
    }
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'protocolError' });
  });

  it('survives random bytes in every field, and serves the next initiator', async () => {
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 40; round++) {
      const initiator = round % 4 === 0 ? await bench.connect() : await bench.session();
      for (let i = 0; i < 30; i++) {
        const bytes = encodePdu(
          i % 3 === 0
            ? dataOut({
                tag: random(4),
                transferTag: random(3),
                dataSn: random(2),
                offset: random(1024),
                data: Buffer.alloc(random(64)),
              })
            : scsiCommand({
                cdb: write10(0, random(9)),
                cmdSn: 100 + i,
                tag: random(5),
                write: random(2) === 1,
                read: random(2) === 1,
                final: random(2) === 1,
                length: random(4096),
              }),
        );
        for (let flips = random(4); flips > 0; flips--) bytes[random(48)] = random(256);
        bytes[5] = 0; // lengths stay small, or the rest would be swallowed as data
        initiator.socket.write(bytes);
      }
      await new Promise((resolve) => setImmediate(resolve));
      initiator.socket.destroy();
    }
    const initiator = await bench.session({ isid: 0x800000000009n });
    initiator.send(tur(100, 1));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
  });
});
