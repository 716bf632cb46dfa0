import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTarget } from '../../../target/index.js';
import type { Target, TargetEvent, TargetOptions, WriteHold } from '../../../target/index.js';
import {
  RawInitiator,
  TARGET_NAME,
  TEST_UNIT_READY,
  dataOut,
  read10,
  scsiCommand,
  write10,
  word,
  NOBODY,
} from './raw-initiator.js';
import type { Pdu, PduFields } from './raw-initiator.js';

// What becomes of writes that are held before the medium, and of such whose Data-Out was asked for, when their session or
// another ends them: over sockets, on real logical units.

const memory = (lun: number): TargetOptions['logicalUnits'][number] => ({
  lun,
  medium: { kind: 'memory', sizeBytes: 1024 * 1024 },
});
const TASK_ABORTED = 0x40;
/** Logical blocks of the write that is held, and of the one whose data is withheld. */
const HELD_LBA = 3;
const WITHHELD_LBA = 5;

let target: Target;
let events: TargetEvent[];
const sessions: Session[] = [];
beforeEach(async () => {
  const portals = [{ host: '127.0.0.1', port: 0 }];
  target = await createTarget({ iqn: TARGET_NAME, portals, logicalUnits: [memory(0), memory(1)] });
  events = [];
  target.onEvent((event) => events.push(event));
});
afterEach(async () => {
  for (const { initiator } of sessions.splice(0)) initiator.socket.destroy();
  await target.close();
});

/** An initiator port in a session, and what it sends. */
class Session {
  readonly initiator: RawInitiator;
  #cmdSn = 100;

  constructor(initiator: RawInitiator) {
    this.initiator = initiator;
  }

  static async of(isid: bigint): Promise<Session> {
    const socket = connect(target.portals[0]?.port ?? 0, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const session = new Session(new RawInitiator(socket));
    sessions.push(session);
    await session.initiator.login({ isid });
    return session;
  }

  command(options: Omit<Parameters<typeof scsiCommand>[0], 'cmdSn'>): void {
    this.initiator.send(scsiCommand({ ...options, cmdSn: this.#cmdSn++ }));
  }

  manage(fn: number, options: { readonly lun?: number; readonly referenced?: number } = {}): void {
    this.#immediate({
      opcode: 0x02,
      flags: 0x80 | fn,
      tag: 0x500,
      lun: options.lun ?? 0,
      words: { 20: options.referenced ?? NOBODY },
    });
  }

  logout(reason: number): void {
    this.#immediate({ opcode: 0x06, flags: 0x80 | reason, tag: 0x600 });
  }

  #immediate(fields: PduFields): void {
    this.initiator.send({ ...fields, immediate: true, words: { ...fields.words, 24: this.#cmdSn } });
  }

  /** Status of a command without data, or its sense. */
  async ready(lun: number): Promise<string> {
    this.command({ cdb: TEST_UNIT_READY, tag: 0x1000, lun });
    const { header, data } = await this.initiator.expect(0x21);
    return header[3] === 2 ? data.toString('hex', 14, 16) : String(header[3]);
  }

  /** Takes what it is told until there is nothing more. */
  async toldOn(lun: number): Promise<string[]> {
    const told: string[] = [];
    for (;;) {
      const answer = await this.ready(lun);
      if (answer === '0') return told;
      told.push(answer);
    }
  }

  /** A write that comes whole: a hold keeps it before the medium. */
  writeWhole(tag: number, lun = 0): void {
    const data = Buffer.alloc(512, tag);
    this.command({ cdb: write10(HELD_LBA, 1), tag, lun, write: true, length: 512, data });
  }

  /** A write that the target asks the data of; the transfer tag. */
  async writeAsked(tag: number, lun = 0): Promise<number> {
    this.command({ cdb: write10(WITHHELD_LBA, 1), tag, lun, write: true, length: 512 });
    const r2t = await this.initiator.expect(0x31);
    expect(word(r2t, 16)).toBe(tag);
    return word(r2t, 20);
  }

  sendAsked(tag: number, transferTag: number): void {
    this.initiator.send(dataOut({ tag, transferTag, dataSn: 0, offset: 0, data: Buffer.alloc(512, tag) }));
  }

  async firstByteAt(lba: number, lun = 0): Promise<number | undefined> {
    this.command({ cdb: read10(lba, 1), tag: 0x1001, read: true, length: 512, lun });
    return (await this.initiator.expect(0x25)).data[0];
  }
}

/** Two initiator ports that have heard everything. */
async function twoSessions(): Promise<[a: Session, b: Session]> {
  const both = [await Session.of(0x800000000001n), await Session.of(0x800000000002n)] as const;
  for (const session of both) for (const lun of [0, 1]) await session.toldOn(lun);
  return [both[0], both[1]];
}

interface Pending {
  readonly hold: WriteHold;
  /** Transfer tags of the data that is withheld. */
  readonly ofA: number;
  readonly ofB: number;
  readonly ofBOnLun1: number;
}

/** On LUN 0 each has a write that is held (tag 1) and one that is withheld (2), and B one on LUN 1 (3). */
async function pendingWrites(a: Session, b: Session): Promise<Pending> {
  const hold = target.faults(0).holdWrites({ count: 2 });
  a.writeWhole(1);
  b.writeWhole(1);
  await hold.held;
  return {
    hold,
    ofA: await a.writeAsked(2),
    ofB: await b.writeAsked(2),
    ofBOnLun1: await b.writeAsked(3, 1),
  };
}

/** Opcode, task tag, and response or status. */
const gist = (pdu: Pdu): number[] => [
  pdu.header[0] ?? -1,
  word(pdu, 16),
  (pdu.header[0] === 0x21 ? pdu.header[3] : pdu.header[2]) ?? -1,
];

/** Nothing of what was ended has landed, and nothing of it lands when its data comes late. */
async function expectNothingLanded(session: Session): Promise<void> {
  expect([await session.firstByteAt(HELD_LBA), await session.firstByteAt(WITHHELD_LBA)]).toEqual([0, 0]);
}

const abortedOf = (...luns: number[]): TargetEvent[] =>
  events.filter((event) => event.type === 'taskAborted' && luns.includes(event.lun));

describe('Task management while commands of two sessions run, RFC 7143 11.5', () => {
  it('LOGICAL UNIT RESET ends those on the LUN: without an answer of the one that asks, with TASK ABORTED of others', async () => {
    const [a, b] = await twoSessions();
    const pending = await pendingWrites(a, b);
    a.manage(5, { lun: 0 });
    expect(gist(await a.initiator.expect(0x22))).toEqual([0x22, 0x500, 0]);
    const ended = [await b.initiator.expect(0x21), await b.initiator.expect(0x21)].map(gist);
    expect(ended).toEqual([
      [0x21, 1, TASK_ABORTED],
      [0x21, 2, TASK_ABORTED],
    ]);
    expect(abortedOf(0)).toHaveLength(4);
    await pending.hold.release();
    a.sendAsked(2, pending.ofA);
    b.sendAsked(2, pending.ofB);
    b.sendAsked(3, pending.ofBOnLun1);
    expect(gist(await b.initiator.expect(0x21))).toEqual([0x21, 3, 0]);
    expect(await b.firstByteAt(WITHHELD_LBA, 1)).toBe(3);
    expect([await a.toldOn(0), await a.toldOn(1), await b.toldOn(0), await b.toldOn(1)]).toEqual([
      ['2903'],
      [],
      ['2903'],
      [],
    ]);
    await expectNothingLanded(a);
  });

  it('TARGET WARM RESET ends those on every LUN, and no session', async () => {
    const [a, b] = await twoSessions();
    const pending = await pendingWrites(a, b);
    a.manage(6);
    expect(gist(await a.initiator.expect(0x22))).toEqual([0x22, 0x500, 0]);
    const ended = [];
    for (let i = 0; i < 3; i++) ended.push(gist(await b.initiator.expect(0x21)));
    expect(ended).toEqual([
      [0x21, 1, TASK_ABORTED],
      [0x21, 2, TASK_ABORTED],
      [0x21, 3, TASK_ABORTED],
    ]);
    expect(abortedOf(0, 1)).toHaveLength(5);
    await pending.hold.release();
    b.sendAsked(2, pending.ofB);
    b.sendAsked(3, pending.ofBOnLun1);
    expect([await a.toldOn(0), await b.toldOn(0), await b.toldOn(1)]).toEqual([['2902'], ['2902'], ['2902']]);
    expect(await b.firstByteAt(WITHHELD_LBA, 1)).toBe(0);
    await expectNothingLanded(a);
  });

  it('TARGET COLD RESET does the same, is answered, and ends every session', async () => {
    const [a, b] = await twoSessions();
    const pending = await pendingWrites(a, b);
    a.manage(7);
    expect((await a.initiator.untilClosed()).map(gist)).toEqual([[0x22, 0x500, 0]]);
    expect((await b.initiator.untilClosed()).map(gist)).toEqual([
      [0x21, 1, TASK_ABORTED],
      [0x21, 2, TASK_ABORTED],
      [0x21, 3, TASK_ABORTED],
    ]);
    expect(events.filter(({ type }) => type === 'logout')).toMatchObject([
      { cause: 'targetClosed' },
      { cause: 'targetClosed' },
    ]);
    await pending.hold.release();
    const again = [await Session.of(0x800000000001n), await Session.of(0x800000000002n)] as const;
    // Both hear of the reset; that their nexus was lost as well goes without saying (decision 20).
    expect([await again[0].toldOn(0), await again[1].toldOn(0)]).toEqual([['2902'], ['2902']]);
    await expectNothingLanded(again[0]);
  });

  it('ABORT TASK ends one write that is held and one whose data was asked for, and no other', async () => {
    const [a, b] = await twoSessions();
    const pending = await pendingWrites(a, b);
    for (const referenced of [1, 2]) {
      b.manage(1, { lun: 0, referenced });
      expect(gist(await b.initiator.expect(0x22))).toEqual([0x22, 0x500, 0]);
    }
    // It is done: the same once more finds no task.
    b.manage(1, { lun: 0, referenced: 1 });
    expect(gist(await b.initiator.expect(0x22))).toEqual([0x22, 0x500, 1]);
    b.sendAsked(2, pending.ofB);
    expect(await b.initiator.everythingHandled()).toEqual([]);
    b.command({ cdb: TEST_UNIT_READY, tag: 2 });
    expect(gist(await b.initiator.expect(0x21))).toEqual([0x21, 2, 0]);
    expect(abortedOf(0, 1)).toHaveLength(2);
    await expectNothingLanded(b);
    // The writes of A with the same tags go on.
    await pending.hold.release();
    expect(gist(await a.initiator.expect(0x21))).toEqual([0x21, 1, 0]);
    a.sendAsked(2, pending.ofA);
    expect(gist(await a.initiator.expect(0x21))).toEqual([0x21, 2, 0]);
    expect([await b.firstByteAt(HELD_LBA), await b.firstByteAt(WITHHELD_LBA)]).toEqual([1, 2]);
    expect([await a.toldOn(0), await b.toldOn(0)]).toEqual([[], []]);
  });

  it('ABORT TASK SET ends all of one session on one LUN', async () => {
    const [a, b] = await twoSessions();
    const pending = await pendingWrites(a, b);
    b.manage(2, { lun: 0 });
    expect(gist(await b.initiator.expect(0x22))).toEqual([0x22, 0x500, 0]);
    expect(await b.initiator.everythingHandled()).toEqual([]);
    expect(abortedOf(0, 1)).toHaveLength(2);
    await pending.hold.release();
    expect(gist(await a.initiator.expect(0x21))).toEqual([0x21, 1, 0]);
    b.sendAsked(3, pending.ofBOnLun1);
    expect(gist(await b.initiator.expect(0x21))).toEqual([0x21, 3, 0]);
    expect([await b.firstByteAt(HELD_LBA), await b.firstByteAt(WITHHELD_LBA)]).toEqual([1, 0]);
  });
});

describe('Logout while commands run, RFC 7143 7.6 and 11.14', () => {
  it.each([
    ['close the session', 0],
    ['close the connection', 1],
  ])(
    '%s ends those of the session without an answer, and the answer to it comes last',
    async (_name, reason) => {
      const [a, b] = await twoSessions();
      const pending = await pendingWrites(a, b);
      // A command that waits for one with a lower CmdSN is gone as well.
      b.initiator.send(scsiCommand({ cdb: TEST_UNIT_READY, cmdSn: 120, tag: 9 }));
      b.logout(reason);
      b.sendAsked(2, pending.ofB);
      expect((await b.initiator.untilClosed()).map(gist)).toEqual([[0x26, 0x600, 0]]);
      expect(abortedOf(0, 1)).toHaveLength(3);
      // A, and what it has under way, hears nothing of it.
      await pending.hold.release();
      expect(gist(await a.initiator.expect(0x21))).toEqual([0x21, 1, 0]);
      a.sendAsked(2, pending.ofA);
      expect(gist(await a.initiator.expect(0x21))).toEqual([0x21, 2, 0]);
      expect(await a.toldOn(0)).toEqual([]);
      const again = await Session.of(0x800000000002n);
      expect([await again.toldOn(0), await again.toldOn(1)]).toEqual([['2907'], ['2907']]);
      expect(await again.firstByteAt(WITHHELD_LBA, 1)).toBe(0);
    },
  );

  it('in the order of its CmdSN lets what was sent before be answered first', async () => {
    const [a] = await twoSessions();
    a.command({ cdb: read10(0, 1), tag: 5, read: true, length: 512 });
    a.command({ cdb: TEST_UNIT_READY, tag: 6 });
    a.logout(0);
    expect((await a.initiator.untilClosed()).map((pdu) => gist(pdu).slice(0, 2))).toEqual([
      [0x25, 5],
      [0x21, 6],
      [0x26, 0x600],
    ]);
  });
});
