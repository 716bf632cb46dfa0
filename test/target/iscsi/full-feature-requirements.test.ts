import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Bench,
  NAMES,
  TEST_UNIT_READY,
  dataOut,
  read10,
  scsiCommand,
  text,
  textOf,
  write10,
  word,
  NOBODY,
} from './raw-initiator.js';
import type { Pdu, PduFields, RawInitiator } from './raw-initiator.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(async () => {
  await bench.stop();
});

const statSnOf = (pdu: Pdu): number => word(pdu, 24);
const expCmdSnOf = (pdu: Pdu): number => word(pdu, 28);

const ping = (cmdSn: number, more: Partial<PduFields> = {}): PduFields => ({
  opcode: 0x00,
  tag: 0x99,
  words: { 20: NOBODY, 24: cmdSn },
  ...more,
});
const sendTargets = (cmdSn: number): PduFields => ({
  opcode: 0x04,
  tag: 0x40,
  data: text('SendTargets='),
  words: { 20: NOBODY, 24: cmdSn },
});
const unitReset = (cmdSn: number): PduFields => ({
  opcode: 0x02,
  flags: 0x85,
  tag: 0x50,
  words: { 20: NOBODY, 24: cmdSn },
});
const logout = (cmdSn: number, reason = 0): PduFields => ({
  opcode: 0x06,
  flags: 0x80 | reason,
  tag: 0x60,
  words: { 24: cmdSn },
});
const DISCOVERY = { only: [NAMES[0], 'SessionType=Discovery'] };
const ready = (cmdSn: number): PduFields => scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag: 1 });

describe('numbering, RFC 7143 4.2.2', () => {
  it('gives each answer the next StatSN, whatever it answers', async () => {
    const initiator = await bench.session();
    initiator.send(ready(100));
    const statSn = statSnOf(await initiator.expect(0x21));
    const answers: number[] = [];
    for (const [request, opcode] of [
      [scsiCommand({ cdb: read10(0, 1), cmdSn: 101, tag: 2, read: true, length: 512 }), 0x25],
      [ping(102), 0x20],
      [sendTargets(103), 0x24],
      [unitReset(104), 0x22],
      [{ opcode: 0x10 }, 0x3f],
      [ready(105), 0x21],
      [logout(106), 0x26],
    ] as const) {
      initiator.send(request);
      answers.push(statSnOf(await initiator.expect(opcode)) - statSn);
    }
    expect(answers).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each<[string, (cmdSn: number) => PduFields, number]>([
    ['a ping', ping, 0x20],
    ['a text request', sendTargets, 0x24],
    ['task management', unitReset, 0x22],
    ['a command', ready, 0x21],
  ])('counts %s by its CmdSN, and not where it is immediate', async (_title, request, opcode) => {
    const initiator = await bench.session();
    initiator.send({ ...request(100), immediate: true });
    expect(expCmdSnOf(await initiator.expect(opcode))).toBe(100);
    initiator.send(request(100));
    expect(expCmdSnOf(await initiator.expect(opcode))).toBe(101);
    initiator.send(request(100)); // was received
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('asks once for the data of a write that comes twice', async () => {
    const initiator = await bench.session({ keys: ['ImmediateData=No'] });
    const write = scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 4, write: true, length: 512 });
    initiator.send(write, write);
    const transferTag = word(await initiator.expect(0x31), 20);
    expect(await initiator.everythingHandled()).toEqual([]);
    initiator.send(dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: Buffer.alloc(512) }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it.each([
    ['beyond the window', 5000],
    ['before it', 42],
  ])('ABORT TASK of no task with a RefCmdSN %s: the task does not exist', async (_title, refCmdSn) => {
    const initiator = await bench.session();
    initiator.send({
      ...unitReset(100),
      immediate: true,
      flags: 0x81,
      words: { 20: 0x1234, 24: 100, 32: refCmdSn },
    });
    expect((await initiator.expect(0x22)).header[2]).toBe(1);
  });

  it('lets requests wait for one with a lower CmdSN, whatever they ask', async () => {
    const initiator = await bench.session();
    initiator.send(unitReset(103), sendTargets(102), ping(101));
    expect(await initiator.everythingHandled()).toEqual([]);
    initiator.send(ready(100));
    const opcodes: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) opcodes.push((await initiator.next())?.header[0]);
    expect(opcodes).toEqual([0x21, 0x20, 0x24, 0x22]);
  });
});

describe('Data-Out as it was agreed, RFC 7143 4.2.5.2, 13.10 and 13.11', () => {
  const LENGTH = 4096;
  const FIRST_BURST = 1024;
  const burst = ['MaxBurstLength=2048', `FirstBurstLength=${String(FIRST_BURST)}`, 'MaxOutstandingR2T=1'];

  it.each<[string, string, number, number]>([
    ['Yes', 'No', 0, 0],
    ['Yes', 'Yes', 512, 0],
    ['Yes', 'Yes', FIRST_BURST, 0],
    ['No', 'No', 0, FIRST_BURST],
    ['No', 'Yes', 512, 512],
    ['No', 'Yes', 0, 0],
  ])(
    'InitialR2T=%s, ImmediateData=%s: %i bytes with the command and %i behind it',
    async (initialR2t, immediateData, immediate, unsolicited) => {
      const keys = [`InitialR2T=${initialR2t}`, `ImmediateData=${immediateData}`, ...burst];
      const initiator = await bench.session({ keys });
      const bytes = Buffer.from(Uint8Array.from({ length: LENGTH }, (_, i) => (i * 13) & 0xff));
      initiator.send(
        scsiCommand({
          cdb: write10(4, LENGTH / 512),
          cmdSn: 100,
          tag: 4,
          write: true,
          length: LENGTH,
          final: unsolicited === 0,
          data: bytes.subarray(0, immediate),
        }),
      );
      const first = immediate + unsolicited;
      if (unsolicited > 0) {
        const data = bytes.subarray(immediate, first);
        initiator.send(dataOut({ tag: 4, transferTag: NOBODY, dataSn: 0, offset: immediate, data }));
      }
      expect(await sequencesAsked(initiator, bytes)).toEqual(
        [0, 1, 2]
          .map((sn) => [sn, first + sn * 2048, Math.min(2048, LENGTH - first - sn * 2048)])
          .filter(([, , length]) => (length ?? 0) > 0),
      );
      expect(bench.deviceServer.medium.subarray(2048, 2048 + LENGTH).equals(bytes)).toBe(true);
    },
  );

  /** Serves R2T after R2T until the command ends: R2TSN, Buffer Offset and length of each. */
  async function sequencesAsked(initiator: RawInitiator, bytes: Buffer): Promise<number[][]> {
    const asked: number[][] = [];
    for (;;) {
      const pdu = await initiator.next();
      if (pdu?.header[0] !== 0x31) {
        expect([pdu?.header[0], pdu?.header[3]]).toEqual([0x21, 0]);
        return asked;
      }
      const [offset, length] = [word(pdu, 40), word(pdu, 44)];
      asked.push([word(pdu, 36), offset, length]);
      const data = bytes.subarray(offset, offset + length);
      initiator.send(dataOut({ tag: 4, transferTag: word(pdu, 20), dataSn: 0, offset, data }));
    }
  }

  it('names LUN and task in an R2T, and the next StatSN without taking it', async () => {
    const initiator = await bench.session({ keys: ['ImmediateData=No', ...burst] });
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 4, write: true, length: 512, lun: 3 }));
    const r2t = await initiator.expect(0x31);
    expect([r2t.header.toString('hex', 8, 16), word(r2t, 16), statSnOf(r2t)]).toEqual([
      '0003000000000000',
      4,
      8,
    ]);
    expect(word(r2t, 20)).not.toBe(NOBODY);
    const transferTag = word(r2t, 20);
    initiator.send(dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: Buffer.alloc(512) }));
    expect(statSnOf(await initiator.expect(0x21))).toBe(8);
  });
});

describe('text negotiation in full feature phase, RFC 7143 6.2 and 11.10', () => {
  it.each([
    ['a normal session', {}],
    ['a discovery session', DISCOVERY],
  ])('takes MaxRecvDataSegmentLength without F in %s', async (_title, options) => {
    const initiator = await bench.session(options);
    const request = { ...sendTargets(100), immediate: true };
    initiator.send({ ...request, flags: 0, data: text('MaxRecvDataSegmentLength=512') });
    const first = await initiator.expect(0x24);
    expect([first.header[1], textOf(first)]).toEqual([0, []]);
    expect(word(first, 20)).not.toBe(NOBODY);
    initiator.send({ ...request, data: Buffer.alloc(0), words: { 20: word(first, 20), 24: 100 } });
    const last = await initiator.expect(0x24);
    expect([last.header[1], word(last, 20), textOf(last)]).toEqual([0x80, NOBODY, []]);
  });

  it('rejects SendTargets without a value in a discovery session, and serves it afterwards', async () => {
    const initiator = await bench.session(DISCOVERY);
    initiator.send(sendTargets(100));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x04);
    initiator.send({ ...sendTargets(101), data: text('SendTargets=All') });
    expect(textOf(await initiator.expect(0x24))[0]).toMatch(/^TargetName=/);
  });

  it('rejects an offer of a value that is reserved for answers, 6.2', async () => {
    const initiator = await bench.session();
    initiator.send({ ...sendTargets(100), data: text('MaxRecvDataSegmentLength=Irrelevant') });
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x04);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('begins anew where the initiator gives up an exchange', async () => {
    const initiator = await bench.session();
    const part = {
      ...sendTargets(100),
      immediate: true,
      flags: 0x40,
      data: text('X-org.example.given-up=1'),
    };
    initiator.send(part);
    expect((await initiator.expect(0x24)).header[1]).toBe(0);
    initiator.send({ ...sendTargets(100), immediate: true }); // Target Transfer Tag FFFFFFFFh
    const response = await initiator.expect(0x24);
    expect(response.header[1]).toBe(0x80);
    expect(textOf(response).map((pair) => pair.split('=')[0])).toEqual(['TargetName', 'TargetAddress']);
  });

  it('lets the initiator say more before it lets it end', async () => {
    const initiator = await bench.session();
    const request = { ...sendTargets(100), immediate: true };
    initiator.send({ ...request, flags: 0, data: text('X-org.example.first=1') });
    const first = await initiator.expect(0x24);
    expect([first.header[1], textOf(first)]).toEqual([0, ['X-org.example.first=NotUnderstood']]);
    initiator.send({
      ...request,
      data: text('X-org.example.second=1'),
      words: { 20: word(first, 20), 24: 100 },
    });
    const last = await initiator.expect(0x24);
    expect([last.header[1], word(last, 20), textOf(last)]).toEqual([
      0x80,
      NOBODY,
      ['X-org.example.second=NotUnderstood'],
    ]);
  });

  it.each([
    ['C', 0x40],
    ['neither C nor F', 0],
  ])('ends an exchange of more than 64 requests with %s, and what is left of it', async (_title, flags) => {
    const initiator = await bench.session();
    const part = { ...sendTargets(100), immediate: true, flags, data: Buffer.alloc(0) };
    initiator.send(part);
    const transferTag = word(await initiator.expect(0x24), 20);
    const next = { ...part, words: { 20: transferTag, 24: 100 } };
    for (let request = 2; request <= 64; request++) {
      initiator.send(next);
      await initiator.expect(0x24);
    }
    initiator.send(next, next);
    expect([(await initiator.expect(0x3f)).header[2], (await initiator.expect(0x3f)).header[2]]).toEqual([
      0x04, 0x09,
    ]);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('takes MaxRecvDataSegmentLength that is cut in two by the C bit', async () => {
    const initiator = await bench.session();
    const whole = text('MaxRecvDataSegmentLength=1024');
    const request = { ...sendTargets(100), immediate: true };
    initiator.send({ ...request, flags: 0x40, data: whole.subarray(0, 12) });
    const transferTag = word(await initiator.expect(0x24), 20);
    initiator.send({ ...request, data: whole.subarray(12), words: { 20: transferTag, 24: 100 } });
    expect((await initiator.expect(0x24)).header[1]).toBe(0x80);
    initiator.send(scsiCommand({ cdb: read10(0, 4), cmdSn: 100, tag: 1, read: true, length: 2048 }));
    expect((await initiator.expect(0x25)).data.length).toBe(1024);
  });
});

describe('NOP and logout, RFC 7143 11.14 and 11.18', () => {
  it('echoes no more of a ping than the initiator takes', async () => {
    const initiator = await bench.session({ keys: ['MaxRecvDataSegmentLength=512'] });
    initiator.send(ping(100, { data: Buffer.alloc(1024, 7) }));
    expect((await initiator.expect(0x20)).data.equals(Buffer.alloc(512, 7))).toBe(true);
  });

  it('serves nothing that comes after a logout', async () => {
    const initiator = await bench.session();
    initiator.send(logout(100), ready(101), ping(102));
    expect((await initiator.untilClosed()).map((pdu) => pdu.header[0])).toEqual([0x26]);
    expect(bench.deviceServer.submitted).toBe(0);
  });

  it('ends a discovery session by a logout', async () => {
    const initiator = await bench.session(DISCOVERY);
    initiator.send(sendTargets(100), logout(101));
    await initiator.expect(0x3f); // SendTargets without a value asks for the target that one is logged in to
    expect((await initiator.untilClosed()).map((pdu) => [pdu.header[0], pdu.header[2]])).toEqual([[0x26, 0]]);
    expect(bench.target.sessions()).toEqual([]);
  });

  it.each<[string, PduFields, number]>([
    ['a ping', ping(100), 0x05],
    ['a logout that closes the connection', logout(100, 1), 0x09],
    ['a logout for recovery', logout(100, 2), 0x09],
  ])('rejects %s in a discovery session, which goes on', async (_title, request, reason) => {
    const initiator = await bench.session(DISCOVERY);
    initiator.send(request);
    expect((await initiator.expect(0x3f)).header[2]).toBe(reason);
    initiator.send({ ...sendTargets(101), data: text('SendTargets=All') });
    expect(textOf(await initiator.expect(0x24))[0]).toMatch(/^TargetName=/);
  });
});
