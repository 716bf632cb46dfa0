import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Bench,
  TEST_UNIT_READY,
  crc32cBytes,
  dataOut,
  encodePdu,
  read10,
  scsiCommand,
  write10,
  word,
} from './raw-initiator.js';
import type { Pdu } from './raw-initiator.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
  bench.deviceServer.medium.forEach((_, i, medium) => (medium[i] = (i * 7 + (i >> 9)) & 0xff));
});
afterEach(async () => {
  await bench.stop();
});

const tagOf = (pdu: Pdu): number => pdu.header.readUInt32BE(16);
const flagsOf = (pdu: Pdu): number => pdu.header[1] ?? 0;
const tur = (cmdSn: number, tag: number) => scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag });
const pattern = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 3 + seed) & 0xff));
/** `key/asc/ascq` of the sense data in a SCSI Response. */
const senseOf = (pdu: Pdu): string =>
  [2 + 2, 2 + 12, 2 + 13].map((at) => (pdu.data[at] ?? 0).toString(16).padStart(2, '0')).join('/');

describe('command window, RFC 7143 4.2.2.1', () => {
  it('answers with StatSN in order and moves ExpCmdSN and MaxCmdSN', async () => {
    const initiator = await bench.session();
    initiator.send(tur(100, 1), tur(101, 2));
    const first = await initiator.expect(0x21);
    const second = await initiator.expect(0x21);
    expect([first, second].map((pdu) => [tagOf(pdu), word(pdu, 24), word(pdu, 28), word(pdu, 32)])).toEqual([
      [1, 8, 101, 228],
      [2, 9, 102, 229],
    ]);
    expect(flagsOf(first)).toBe(0x80);
  });

  it('ignores commands outside the window and duplicates, and the session lives', async () => {
    const initiator = await bench.session();
    initiator.send(tur(228, 1), tur(99, 2), tur(100, 3), tur(100, 4), tur(101, 5));
    expect(tagOf(await initiator.expect(0x21))).toBe(3);
    expect(tagOf(await initiator.expect(0x21))).toBe(5);
    expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.deviceServer.submitted).toBe(2);
    // The one beyond the window was not kept for when its turn would come.
    initiator.send(...Array.from({ length: 126 }, (_, i) => tur(102 + i, 1000 + i)));
    await initiator.everythingHandled();
    expect(bench.deviceServer.submitted).toBe(128);
  });

  it('carries commands out in the order of CmdSN when one is late', async () => {
    const initiator = await bench.session();
    initiator.send(tur(102, 3), tur(101, 2), tur(102, 9));
    expect(await initiator.everythingHandled()).toEqual([]);
    initiator.send(tur(100, 1));
    const tags = [];
    for (let i = 0; i < 3; i++) tags.push(tagOf(await initiator.expect(0x21)));
    expect(tags).toEqual([1, 2, 3]);
  });

  it('works across the wrap of 32 bits', async () => {
    const initiator = await bench.connect();
    initiator.cmdSn = 0xffff_ffff;
    await initiator.login({ cmdSn: 0xffff_ffff });
    initiator.send(tur(0xffff_ffff, 1), tur(0, 2), tur(1, 3));
    const answers = [
      await initiator.expect(0x21),
      await initiator.expect(0x21),
      await initiator.expect(0x21),
    ];
    expect(answers.map((pdu) => word(pdu, 28))).toEqual([0, 1, 2]);
  });

  it('closes the window by the commands under way and opens it when they end', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    // The first is beyond MaxCmdSN when it comes, and is not kept until its turn.
    initiator.send(tur(228, 999), ...Array.from({ length: 129 }, (_, i) => tur(100 + i, 1000 + i)));
    await initiator.everythingHandled();
    expect(bench.deviceServer.submitted).toBe(128);
    const [task] = bench.deviceServer.underWay;
    if (task !== undefined) bench.deviceServer.finish(task);
    const answer = await initiator.expect(0x21);
    expect(word(answer, 32) - word(answer, 28)).toBe(0); // room for one
  });

  it('carries immediate commands out at once, and rejects too many of them', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    const immediate = (tag: number) =>
      scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag, immediate: true });
    initiator.send(...Array.from({ length: 33 }, (_, i) => immediate(i)));
    const reject = await initiator.expect(0x3f);
    expect(reject.header[2]).toBe(0x06);
    expect(bench.deviceServer.submitted).toBe(32);
    expect(reject.data.readUInt32BE(16)).toBe(32); // the header that was rejected
  });

  it('rejects a task tag that is in use: task in progress', async () => {
    const initiator = await bench.session();
    bench.deviceServer.hold = true;
    initiator.send(tur(100, 1), tur(101, 1));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x07);
    expect(bench.deviceServer.underWay.size).toBe(1);
  });
});

describe('Data-In, RFC 7143 11.7', () => {
  it('collapses the status into the only Data-In', async () => {
    const initiator = await bench.session();
    initiator.send(scsiCommand({ cdb: read10(3, 2), cmdSn: 100, tag: 4, read: true, length: 1024 }));
    const pdu = await initiator.expect(0x25);
    expect(flagsOf(pdu)).toBe(0x81);
    expect(pdu.header[3]).toBe(0);
    expect([tagOf(pdu), word(pdu, 20), word(pdu, 24), word(pdu, 36), word(pdu, 40), word(pdu, 44)]).toEqual([
      4, 0xffffffff, 8, 0, 0, 0,
    ]);
    expect(pdu.data.equals(bench.deviceServer.medium.subarray(1536, 2560))).toBe(true);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('cuts data by MaxRecvDataSegmentLength and sets F at the end of each burst', async () => {
    const initiator = await bench.session({ keys: ['MaxRecvDataSegmentLength=1024', 'MaxBurstLength=2560'] });
    initiator.send(scsiCommand({ cdb: read10(0, 12), cmdSn: 100, tag: 4, read: true, length: 6144 }));
    const pdus: Pdu[] = [];
    do pdus.push(await initiator.expect(0x25));
    while ((flagsOf(pdus.at(-1) ?? (pdus[0] as Pdu)) & 1) === 0);
    expect(pdus.map((pdu) => [pdu.data.length, word(pdu, 36), word(pdu, 40), flagsOf(pdu)])).toEqual([
      [1024, 0, 0, 0x00],
      [1024, 1, 1024, 0x00],
      [512, 2, 2048, 0x80],
      [1024, 3, 2560, 0x00],
      [1024, 4, 3584, 0x00],
      [512, 5, 4608, 0x80],
      [1024, 6, 5120, 0x81],
    ]);
    expect(
      Buffer.concat(pdus.map((pdu) => pdu.data)).equals(bench.deviceServer.medium.subarray(0, 6144)),
    ).toBe(true);
  });

  it.each([
    ['underflow', 2048, 1024, 0x02, 1024],
    ['overflow', 512, 512, 0x04, 512],
    ['overflow where nothing is expected', 0, 0, 0x04, 1024],
  ])('tells a residual %s', async (_title, length, sent, flag, residual) => {
    const initiator = await bench.session();
    initiator.send(scsiCommand({ cdb: read10(0, 2), cmdSn: 100, tag: 4, read: true, length }));
    const pdu = await initiator.expect(sent === 0 ? 0x21 : 0x25);
    expect(flagsOf(pdu) & 0x06).toBe(flag);
    expect(word(pdu, 44)).toBe(residual);
    expect(pdu.data.length).toBe(sent);
  });

  it('sends a status other than GOOD in a SCSI Response with sense data and residual', async () => {
    const initiator = await bench.session();
    initiator.send(scsiCommand({ cdb: [0xc0], cmdSn: 100, tag: 4, read: true, length: 96 }));
    const pdu = await initiator.expect(0x21);
    expect([pdu.header[2], pdu.header[3], flagsOf(pdu), word(pdu, 44)]).toEqual([0, 2, 0x82, 96]);
    expect(pdu.data.readUInt16BE(0)).toBe(18);
    expect(senseOf(pdu)).toBe('05/20/00');
  });

  it('pads a data segment to whole words with zeros', async () => {
    const initiator = await bench.session();
    // A turn before leaves other bytes where the padding will lie.
    initiator.send(scsiCommand({ cdb: read10(1, 1), cmdSn: 100, tag: 3, read: true, length: 512 }));
    await initiator.expect(0x25);
    initiator.send(scsiCommand({ cdb: [0x12, 0, 0, 0, 35], cmdSn: 101, tag: 4, read: true, length: 35 }));
    const pdu = await initiator.expect(0x25);
    expect(pdu.data.length).toBe(35);
    expect(await initiator.everythingHandled()).toEqual([]); // the stream is still in step
  });
});

describe('Data-Out, RFC 7143 11.7 and 11.8', () => {
  const keys = [
    'InitialR2T=No',
    'ImmediateData=Yes',
    'FirstBurstLength=1024',
    'MaxBurstLength=1024',
    'MaxOutstandingR2T=1',
  ];

  it('takes immediate data', async () => {
    const initiator = await bench.session();
    const data = pattern(1024, 5);
    initiator.send(scsiCommand({ cdb: write10(2, 2), cmdSn: 100, tag: 4, write: true, length: 1024, data }));
    const pdu = await initiator.expect(0x21);
    expect([pdu.header[3], flagsOf(pdu), word(pdu, 36)]).toEqual([0, 0x80, 0]);
    expect(bench.deviceServer.medium.subarray(1024, 2048).equals(data)).toBe(true);
  });

  it('asks for the rest by R2T of at most MaxBurstLength, one after the other', async () => {
    const initiator = await bench.session({ keys });
    const data = pattern(3072, 9);
    initiator.send(
      scsiCommand({
        cdb: write10(0, 6),
        cmdSn: 100,
        tag: 4,
        write: true,
        length: 3072,
        data: data.subarray(0, 512),
      }),
    );
    const asked: number[][] = [];
    for (const [offset, length] of [
      [512, 1024],
      [1536, 1024],
      [2560, 512],
    ] as const) {
      const r2t = await initiator.expect(0x31);
      asked.push([word(r2t, 36), word(r2t, 40), word(r2t, 44)]);
      expect(word(r2t, 24)).toBe(8); // StatSN is not used up
      const half = length / 2;
      const transferTag = word(r2t, 20);
      initiator.send(
        dataOut({
          tag: 4,
          transferTag,
          dataSn: 0,
          offset,
          data: data.subarray(offset, offset + half),
          final: false,
        }),
        dataOut({
          tag: 4,
          transferTag,
          dataSn: 1,
          offset: offset + half,
          data: data.subarray(offset + half, offset + length),
        }),
      );
    }
    const pdu = await initiator.expect(0x21);
    expect(asked).toEqual([
      [0, 512, 1024],
      [1, 1536, 1024],
      [2, 2560, 512],
    ]);
    expect([pdu.header[3], word(pdu, 36)]).toEqual([0, 3]); // ExpDataSN: three R2T
    expect(bench.deviceServer.medium.subarray(0, 3072).equals(data)).toBe(true);
    expect(bench.deviceServer.dataOutLengths).toEqual([3072]);
  });

  it('has up to MaxOutstandingR2T at once', async () => {
    const initiator = await bench.session({ keys: [...keys.slice(0, 4), 'MaxOutstandingR2T=3'] });
    initiator.send(scsiCommand({ cdb: write10(0, 10), cmdSn: 100, tag: 4, write: true, length: 5120 }));
    const r2ts = [await initiator.expect(0x31), await initiator.expect(0x31), await initiator.expect(0x31)];
    expect(r2ts.map((pdu) => word(pdu, 40))).toEqual([0, 1024, 2048]);
    expect(await initiator.everythingHandled()).toEqual([]);
    const data = pattern(1024, 1);
    initiator.send(dataOut({ tag: 4, transferTag: word(r2ts[0] as Pdu, 20), dataSn: 0, offset: 0, data }));
    expect(word(await initiator.expect(0x31), 40)).toBe(3072);
  });

  it('takes unsolicited data up to FirstBurstLength, then asks', async () => {
    const initiator = await bench.session({ keys });
    const data = pattern(1536, 2);
    initiator.send(
      scsiCommand({
        cdb: write10(0, 3),
        cmdSn: 100,
        tag: 4,
        write: true,
        length: 1536,
        final: false,
        data: data.subarray(0, 256),
      }),
      dataOut({
        tag: 4,
        transferTag: 0xffffffff,
        dataSn: 0,
        offset: 256,
        data: data.subarray(256, 512),
        final: false,
      }),
      dataOut({ tag: 4, transferTag: 0xffffffff, dataSn: 1, offset: 512, data: data.subarray(512, 1024) }),
    );
    const r2t = await initiator.expect(0x31);
    expect([word(r2t, 40), word(r2t, 44)]).toEqual([1024, 512]);
    initiator.send(
      dataOut({ tag: 4, transferTag: word(r2t, 20), dataSn: 0, offset: 1024, data: data.subarray(1024) }),
    );
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    expect(bench.deviceServer.medium.subarray(0, 1536).equals(data)).toBe(true);
  });

  it('holds the answer back until the unsolicited data is in', async () => {
    const initiator = await bench.session({ keys });
    const unsolicited = (final: boolean, dataSn: number) =>
      dataOut({
        tag: 4,
        transferTag: 0xffffffff,
        dataSn,
        offset: dataSn * 256,
        data: pattern(256, 1),
        final,
      });
    initiator.send(
      scsiCommand({ cdb: [0xc0], cmdSn: 100, tag: 4, write: true, length: 512, final: false }),
      unsolicited(false, 0),
    );
    expect(await initiator.everythingHandled()).toEqual([]);
    initiator.send(unsolicited(true, 1));
    expect(senseOf(await initiator.expect(0x21))).toBe('05/20/00');
  });

  it.each([
    ['twice the same', [0, 0]],
    ['27', [27, 1]],
    ['-1', [-1, 1]],
    ['in reverse', [1, 0]],
  ])(
    'answers DataSN %s with 0B/47/05 after the last of the data, and the session lives',
    async (_title, numbers) => {
      const initiator = await bench.session({ keys: ['ImmediateData=No'] });
      const before = Buffer.from(bench.deviceServer.medium.subarray(0, 1024));
      initiator.send(scsiCommand({ cdb: write10(0, 2), cmdSn: 100, tag: 4, write: true, length: 1024 }));
      const transferTag = word(await initiator.expect(0x31), 20);
      for (const [index, dataSn] of numbers.entries()) {
        expect(await initiator.everythingHandled()).toEqual([]);
        initiator.send(
          dataOut({
            tag: 4,
            transferTag,
            dataSn,
            offset: index * 512,
            data: pattern(512, 3),
            final: index === 1,
          }),
        );
      }
      const pdu = await initiator.expect(0x21);
      expect([pdu.header[3], senseOf(pdu)]).toEqual([2, '0b/47/05']);
      expect(bench.deviceServer.medium.subarray(0, 1024).equals(before)).toBe(true);
      initiator.send(tur(101, 5));
      expect((await initiator.expect(0x21)).header[3]).toBe(0);
    },
  );

  it.each([
    ['an offset that leaves a gap', 512, 512, '0b/0c/0d'],
    ['more than was asked for', 0, 1536, '0b/0c/0d'],
    ['less than was asked for, with F', 0, 512, '0b/0c/0d'],
  ])('answers %s with %s', async (_title, offset, length, sense) => {
    const initiator = await bench.session({ keys: ['ImmediateData=No'] });
    initiator.send(scsiCommand({ cdb: write10(0, 2), cmdSn: 100, tag: 4, write: true, length: 1024 }));
    const transferTag = word(await initiator.expect(0x31), 20);
    initiator.send(dataOut({ tag: 4, transferTag, dataSn: 0, offset, data: pattern(length, 3) }));
    expect(senseOf(await initiator.expect(0x21))).toBe(sense);
  });

  it.each([
    ['immediate data that was not agreed', ['ImmediateData=No'], 512, 1024],
    ['immediate data beyond FirstBurstLength', ['FirstBurstLength=512'], 1024, 1024],
  ])('answers %s with 0B/0C/0C', async (_title, agreed, sent, length) => {
    const initiator = await bench.session({ keys: agreed });
    const data = pattern(sent, 1);
    initiator.send(scsiCommand({ cdb: write10(0, 2), cmdSn: 100, tag: 4, write: true, length, data }));
    expect(senseOf(await initiator.expect(0x21))).toBe('0b/0c/0c');
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
  });

  it.each([
    ['underflow: only what the command wants arrives', 2048, 1024, 0x02, 1024],
    ['overflow: only what the initiator offers is asked for', 512, 512, 0x04, 512],
    ['overflow where no data is offered', 0, 0, 0x04, 1024],
  ])('tells a residual %s', async (_title, length, arrives, flag, residual) => {
    const initiator = await bench.session({ keys: ['FirstBurstLength=4096'] });
    const data = pattern(length, 1);
    initiator.send(scsiCommand({ cdb: write10(0, 2), cmdSn: 100, tag: 4, write: true, length, data }));
    const pdu = await initiator.expect(0x21);
    expect([pdu.header[3], flagsOf(pdu) & 0x06, word(pdu, 44)]).toEqual([0, flag, residual]);
    expect(bench.deviceServer.dataOutLengths).toEqual([arrives]);
  });

  it('drops late Data-Out: of a command that is gone, or for an R2T that is closed', async () => {
    const initiator = await bench.session({ keys: ['ImmediateData=No'] });
    initiator.send(dataOut({ tag: 99, transferTag: 1, dataSn: 0, offset: 0, data: pattern(512, 1) }));
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 4, write: true, length: 512 }));
    const transferTag = word(await initiator.expect(0x31), 20);
    const [task] = bench.deviceServer.underWay;
    if (task !== undefined) bench.deviceServer.finish(task, 0x40);
    expect((await initiator.expect(0x21)).header[3]).toBe(0x40);
    initiator.send(dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: pattern(512, 1) }));
    expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
  });
});

describe('digests, RFC 7143 7.8 and 11.2.3', () => {
  const keys = ['HeaderDigest=CRC32C', 'DataDigest=CRC32C'];

  it('writes and checks both', async () => {
    const initiator = await bench.session({ keys });
    const data = pattern(1024, 7);
    initiator.send(scsiCommand({ cdb: write10(0, 2), cmdSn: 100, tag: 1, write: true, length: 1024, data }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    initiator.send(scsiCommand({ cdb: read10(0, 2), cmdSn: 101, tag: 2, read: true, length: 1024 }));
    expect((await initiator.expect(0x25)).data.equals(data)).toBe(true);
  });

  it('gives the connection up at a wrong header digest', async () => {
    const initiator = await bench.session({ keys });
    const bytes = encodePdu(tur(100, 1), { header: true });
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    initiator.socket.write(bytes);
    expect(await initiator.untilClosed()).toEqual([]);
    expect(bench.deviceServer.submitted).toBe(0);
  });

  it('rejects a PDU with a wrong data digest and takes it as not received', async () => {
    const initiator = await bench.session({ keys });
    const command = scsiCommand({
      cdb: write10(0, 1),
      cmdSn: 100,
      tag: 1,
      write: true,
      length: 512,
      data: pattern(512, 1),
    });
    const bytes = encodePdu(command, { header: true, data: true });
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    initiator.socket.write(bytes);
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x02);
    initiator.send(command);
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
  });

  it('rejects Data-Out with a wrong digest and ends the command with 0B/47/05', async () => {
    const initiator = await bench.session({ keys: [...keys, 'ImmediateData=No'] });
    initiator.send(scsiCommand({ cdb: write10(0, 1), cmdSn: 100, tag: 4, write: true, length: 512 }));
    const transferTag = word(await initiator.expect(0x31), 20);
    const bytes = encodePdu(dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: pattern(512, 1) }), {
      header: true,
    });
    initiator.socket.write(Buffer.concat([bytes, crc32cBytes(Buffer.alloc(512))]));
    expect((await initiator.expect(0x3f)).header[2]).toBe(0x02);
    expect(senseOf(await initiator.expect(0x21))).toBe('0b/47/05');
    expect(await initiator.everythingHandled()).toEqual([]);
  });
});

describe('output', () => {
  it('keeps answers apart that the socket could not take at once', async () => {
    const initiator = await bench.session({ keys: ['MaxRecvDataSegmentLength=262144'] });
    initiator.socket.pause();
    const blocks = 255;
    const count = 100;
    for (let i = 0; i < count; i++) {
      initiator.send(
        scsiCommand({ cdb: read10(i, blocks), cmdSn: 100 + i, tag: i + 1, read: true, length: blocks * 512 }),
      );
    }
    // Both ends are in this event loop: when many rounds of it change nothing, all is waiting for the reader.
    const untilStalled = async (): Promise<void> => {
      for (let quiet = 0, before = 0; before === 0 || quiet < 200; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (bench.deviceServer.submitted !== before) quiet = 0;
        before = bench.deviceServer.submitted;
      }
    };
    await untilStalled();
    expect(bench.deviceServer.submitted).toBeLessThan(count); // nothing more is read while much is queued
    const expected = Buffer.from(bench.deviceServer.medium);
    bench.deviceServer.medium.fill(0); // what was answered already must not change any more
    const answeredBefore = bench.deviceServer.submitted;
    initiator.socket.resume();
    for (let i = 0; i < answeredBefore; i++) {
      const pdu = await initiator.expect(0x25);
      expect(tagOf(pdu)).toBe(i + 1);
      expect(pdu.data.equals(expected.subarray(i * 512, (i + blocks) * 512))).toBe(true);
    }
    for (let i = answeredBefore; i < count; i++) expect(tagOf(await initiator.expect(0x25))).toBe(i + 1);
  });
});
