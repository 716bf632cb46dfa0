import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, TEST_UNIT_READY, dataOut, scsiCommand, write10, word, NOBODY } from './raw-initiator.js';
import type { Pdu, RawInitiator } from './raw-initiator.js';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start();
});
afterEach(async () => {
  await bench.stop();
});

const data = (length: number): Buffer => Buffer.alloc(length, 0x5a);
const UNSOLICITED = ['InitialR2T=No', 'ImmediateData=No', 'FirstBurstLength=1024'];
/** `key/asc/ascq` of the sense data in a SCSI Response. */
const senseOf = (pdu: Pdu): string =>
  pdu.data.subarray(4, 5).toString('hex') + pdu.data.toString('hex', 14, 16);

/** The session goes on, and the next command is carried out. */
async function lives(initiator: RawInitiator, cmdSn: number): Promise<void> {
  initiator.send(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn, tag: 0x1000 }));
  expect((await initiator.expect(0x21)).header[3]).toBe(0);
}

const write = (length: number, final = true): Parameters<RawInitiator['send']>[0] =>
  scsiCommand({ cdb: write10(0, length / 512), cmdSn: 100, tag: 4, write: true, length, final });

describe('error recovery level 0, RFC 7143 7 and 13.20', () => {
  it.each([
    ['unsolicited Data-Out under InitialR2T=Yes', ['ImmediateData=No'], 512, true, 512],
    ['unsolicited Data-Out after the F bit of the command', UNSOLICITED, 2048, true, 512],
    ['unsolicited Data-Out beyond FirstBurstLength', UNSOLICITED, 2048, false, 1536],
  ])('answers %s with 0B/0C/0C, and writes nothing', async (_title, keys, length, final, sent) => {
    const initiator = await bench.session({ keys });
    initiator.send(write(length, final));
    initiator.send(dataOut({ tag: 4, transferTag: NOBODY, dataSn: 0, offset: 0, data: data(sent) }));
    // What was asked for already comes all the same; the answer waits for it (RFC 7143 7.8).
    let answer = await initiator.next();
    if (answer?.header[0] === 0x31) {
      const asked = { tag: 4, transferTag: word(answer, 20), dataSn: 0, offset: 0 };
      initiator.send(dataOut({ ...asked, data: data(word(answer, 44)) }));
      answer = await initiator.expect(0x21);
    }
    expect(answer === null ? '' : senseOf(answer)).toBe('0b0c0c');
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
    await lives(initiator, 101);
  });

  it('answers unsolicited Data-Out that ends before FirstBurstLength with 0B/0C/0D, RFC 7143 11.4.7.2', async () => {
    const initiator = await bench.session({ keys: UNSOLICITED });
    initiator.send(write(2048, false));
    initiator.send(dataOut({ tag: 4, transferTag: NOBODY, dataSn: 0, offset: 0, data: data(512) }));
    expect(senseOf(await initiator.expect(0x21))).toBe('0b0c0d');
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
    await lives(initiator, 101);
  });

  it('asks for the rest of what is no longer than FirstBurstLength', async () => {
    const initiator = await bench.session({ keys: UNSOLICITED });
    initiator.send(write(1024, false));
    initiator.send(dataOut({ tag: 4, transferTag: NOBODY, dataSn: 0, offset: 0, data: data(512) }));
    const r2t = await initiator.expect(0x31);
    expect([word(r2t, 40), word(r2t, 44)]).toEqual([512, 512]);
    initiator.send(dataOut({ tag: 4, transferTag: word(r2t, 20), dataSn: 0, offset: 512, data: data(512) }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
  });

  it('drops Data-Out whose transfer tag it never gave, and takes that which it asked for', async () => {
    const initiator = await bench.session({ keys: ['ImmediateData=No'] });
    initiator.send(write(512));
    const transferTag = word(await initiator.expect(0x31), 20);
    initiator.send(dataOut({ tag: 4, transferTag: transferTag + 1, dataSn: 0, offset: 0, data: data(512) }));
    expect(await initiator.everythingHandled()).toEqual([]);
    expect(bench.deviceServer.dataOutLengths).toEqual([]);
    initiator.send(dataOut({ tag: 4, transferTag, dataSn: 0, offset: 0, data: data(512) }));
    expect((await initiator.expect(0x21)).header[3]).toBe(0);
    expect(bench.deviceServer.dataOutLengths).toEqual([512]);
  });

  it('sends an answer once, whatever ExpStatSN the initiator has', async () => {
    const initiator = await bench.session();
    const first = scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 100, tag: 1 });
    initiator.send({ ...first, words: { ...first.words, 28: 0 } });
    const statSn = word(await initiator.expect(0x21), 24);
    // An ExpStatSN that says that the answer was lost is for recovery of a higher level.
    const second = scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 101, tag: 2 });
    initiator.send({ ...second, words: { ...second.words, 28: statSn } });
    expect(word(await initiator.expect(0x21), 24)).toBe(statSn + 1);
    expect(await initiator.everythingHandled()).toEqual([]);
  });

  it('asks for a logout before it ends, serves until then, and waits for nobody who has logged out', async () => {
    const initiator = await bench.session();
    const closed = bench.target.close(3);
    const asked = await initiator.expect(0x32);
    expect(asked.header.toString('hex', 36)).toBe('010000000000000300000000');
    await lives(initiator, 100);
    initiator.send({ opcode: 0x06, immediate: true, flags: 0x80, tag: 9, words: { 24: 101 } });
    await initiator.expect(0x26);
    expect(await initiator.untilClosed()).toEqual([]);
    await closed;
    expect(bench.events.at(-1)).toMatchObject({ type: 'logout', cause: 'logout' });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('drops a session that was asked for its logout and did not log out in time', async () => {
    const initiator = await bench.session();
    const closed = bench.target.close(3);
    await initiator.expect(0x32);
    bench.clock.advance(2_999);
    expect(await initiator.everythingHandled()).toEqual([]);
    bench.clock.advance(1);
    expect((await initiator.untilClosed()).map((pdu) => [pdu.header[0], pdu.header[36]])).toEqual([
      [0x32, 3],
    ]);
    await closed;
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('says that all connections are dropped with every parameter 0 but the event, RFC 7143 11.9.1', async () => {
    const initiator = await bench.session({ cid: 7 });
    const [pdus] = await Promise.all([initiator.untilClosed(), bench.target.close()]);
    const [message] = pdus;
    expect([message?.header[0], message?.header.toString('hex', 36)]).toEqual([
      0x32,
      '030000000000000000000000',
    ]);
  });
});
