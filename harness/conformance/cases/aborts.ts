import type { ReservationType } from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { read10, reserveOut, write10, type Command } from '../command.js';
import { ATTENTION } from '../attention-codes.js';
import { withControlBits } from '../control-mode-page.js';
import {
  abortedWith,
  check,
  CONFLICT,
  GOOD,
  matches,
  NO_STATUS,
  TASK_ABORTED,
  type Expected,
  type Received,
} from '../expectation.js';
import { controlModePage, ownSessions, reservationType, reserveOutAction, type Need } from '../needs.js';

const CLAUSE = 'SPC-4 5.13.11.2.6';
const ABORTING: readonly Need[] = [ownSessions, reserveOutAction('preemptAndAbort')];
const TYPE: ReservationType = 'writeExclusiveRegistrantsOnly';
const COMMANDS_CLEARED = 0x2f00;

const preempt = (
  { a }: Bench,
  key: bigint,
  action: 'preempt' | 'preemptAndAbort' = 'preemptAndAbort',
  type: ReservationType = TYPE,
): Command => reserveOut(action, { reservationKey: a.key, serviceActionReservationKey: key, type });

/** A WRITE(10) of the first block with every bit changed: whether it reached the medium shows. */
interface ChangingWrite {
  readonly before: Uint8Array;
  readonly write: Command;
}

async function changingWrite({ a, facts }: Bench): Promise<ChangingWrite> {
  const before = await a.read(read10(0, facts.blockLengthBytes));
  const changed = before.map((byte) => byte ^ 0xff);
  return { before, write: write10(0, changed, facts.blockLengthBytes) };
}

/** What the block holds now; it is put back as it was. */
async function blockAfter({ a, facts }: Bench, { before }: ChangingWrite): Promise<Uint8Array> {
  const { blockLengthBytes } = facts;
  const after = await a.read(read10(0, blockLengthBytes));
  if (Buffer.compare(after, before) !== 0) await a.expect(GOOD, write10(0, before, blockLengthBytes));
  return after;
}

/** A write of `victim` that waits for its data is aborted by `aborting`, and its late data go nowhere. */
async function expectAborted(bench: Bench, victim: Actor, aborting: Command): Promise<void> {
  const changing = await changingWrite(bench);
  const withheld = await victim.withhold(changing.write);
  await bench.a.expect(GOOD, aborting);
  await withheld.expect(...abortedWith(bench.facts));
  withheld.send();
  await victim.takeAttentions();
  bench.expectBytes(
    'the block that an aborted command was to write',
    await blockAfter(bench, changing),
    changing.before,
  );
}

/** A write of `writer` that waits for its data is not aborted, whatever `happens`: it ends so, and the block tells. */
async function expectGoesOn(
  bench: Bench,
  writer: Actor,
  happens: () => Promise<unknown>,
  ...allowed: readonly Expected[]
): Promise<Received> {
  const changing = await changingWrite(bench);
  const withheld = await writer.withhold(changing.write);
  await happens();
  withheld.send();
  const received = await withheld.received();
  const after = await blockAfter(bench, changing);
  withheld.judge(received, GOOD, ...allowed);
  const written = matches(GOOD, received) ? changing.write.dataOut : changing.before;
  bench.expectBytes('the block that was to be written', after, written ?? new Uint8Array(0));
  return received;
}

/**
 * The same where the write conflicts by now, or its nexus has an attention. It is held against them once, when its
 * processing starts (SPC-4 5.13.1): when it enters, or when its data are there.
 */
async function expectHeldOnce(bench: Bench, writer: Actor, happens: () => Promise<unknown>): Promise<void> {
  const received = await expectGoesOn(bench, writer, happens, check('unitAttention'), CONFLICT);
  bench.choose(
    'when a write is held against reservations and attentions',
    matches(GOOD, received) ? 'when it enters' : 'when its data are there',
  );
}

/** With TAS so: as it is, or set for the case and set back. */
const withTas =
  (tas: 0 | 1, work: (bench: Bench) => Promise<void>): ConformanceCase['run'] =>
  async (bench) => {
    const done = await withControlBits(bench, { taskAbortedStatus: tas }, () => work(bench));
    if (!done) bench.skip(`TAS of the Control mode page is ${1 - tas} and cannot be changed`);
  };

/** Who holds the reservation while a write of B is aborted, if anybody does. */
const HOLDERS: readonly {
  readonly id: string;
  readonly title: string;
  readonly holder: ((bench: Bench) => Actor) | null;
}[] = [
  {
    id: 'late-data',
    title: 'Data that come after PREEMPT AND ABORT answered GOOD do not reach the medium',
    holder: null,
  },
  {
    id: 'not-the-holder',
    title: 'Commands of a nexus with the key are aborted though another nexus holds the reservation',
    holder: ({ a }) => a,
  },
  {
    id: 'holder',
    title: 'Commands of the holder whose key is preempted are aborted',
    holder: ({ b }) => b,
  },
];

const abortedWrites: readonly ConformanceCase[] = HOLDERS.map(({ id, title, holder }) => ({
  id: `abort.preempt-and-abort.${id}`,
  title,
  clause: CLAUSE,
  needs: holder === null ? ABORTING : [...ABORTING, reservationType(TYPE)],
  writes: true,
  run: async (bench) => {
    const { a, b } = bench;
    await bench.register(a, b);
    if (holder !== null) await bench.reserve(holder(bench), TYPE);
    await expectAborted(bench, b, preempt(bench, b.key));
  },
}));

export const ABORT_CASES: readonly ConformanceCase[] = [
  {
    id: 'abort.preempt-and-abort.tas-1',
    title: 'With TAS=1 a command of the preempted nexus ends with TASK ABORTED, and 2A/05 is all it hears',
    clause: `${CLAUSE}, 7.5.8`,
    needs: [...ABORTING, controlModePage],
    writes: true,
    run: withTas(1, async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      const withheld = await b.withhold((await changingWrite(bench)).write);
      await a.expect(GOOD, preempt(bench, b.key));
      await withheld.expect(TASK_ABORTED);
      await b.expectAttentions(ATTENTION.registrationsPreempted);
    }),
  },
  {
    id: 'abort.preempt-and-abort.tas-0',
    title: 'With TAS=0 a command of the preempted nexus gets no status, and the nexus hears 2A/05 and 2F/00',
    clause: `${CLAUSE}, 7.5.8, SAM-5 5.3.1`,
    needs: [...ABORTING, controlModePage],
    writes: true,
    run: withTas(0, async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      const withheld = await b.withhold((await changingWrite(bench)).write);
      await a.expect(GOOD, preempt(bench, b.key));
      await withheld.expect(NO_STATUS);
      const codes = await b.takeAttentions();
      const heard = codes.filter(
        (code) => code === ATTENTION.registrationsPreempted || code === COMMANDS_CLEARED,
      );
      bench.expectEqual('how many of 2A/05 and 2F/00 are heard', new Set(heard).size, 2);
      bench.choose('which of 2A/05 and 2F/00 comes first', heard[0] === COMMANDS_CLEARED ? '2F/00' : '2A/05');
    }),
  },
  ...abortedWrites,
  {
    id: 'abort.preempt-and-abort.all-registrants',
    title: 'PREEMPT AND ABORT of key 0 under all registrants aborts the commands of every other registrant',
    clause: `${CLAUSE} and table 72`,
    needs: [...ABORTING, reservationType('writeExclusiveAllRegistrants')],
    writes: true,
    run: async (bench) => {
      const { a, b, c } = bench;
      await bench.register(a, b, c);
      await bench.reserve(a, 'writeExclusiveAllRegistrants');
      const [one, other] = [await changingWrite(bench), await changingWrite(bench)];
      const ofB = await b.withhold(one.write);
      const ofC = await c.withhold(other.write);
      await a.expect(GOOD, preempt(bench, 0n, 'preemptAndAbort', 'writeExclusiveAllRegistrants'));
      const how = abortedWith(bench.facts);
      await ofB.expect(...how);
      await ofC.expect(...how);
    },
  },
  {
    id: 'abort.preempt-and-abort.bystander',
    title: 'Commands of a nexus with another key go on',
    clause: CLAUSE,
    needs: [...ABORTING, reservationType(TYPE)],
    writes: true,
    run: async (bench) => {
      const { a, b, c } = bench;
      await bench.register(a, b, c);
      await bench.reserve(a, TYPE);
      await expectGoesOn(bench, c, () => a.expect(GOOD, preempt(bench, b.key)));
    },
  },
  {
    id: 'abort.preempt.goes-on',
    title: 'PREEMPT aborts nothing: a command that had entered before ends with a status of its own',
    clause: 'SPC-4 5.13.11.2.4',
    needs: [ownSessions, reserveOutAction('preempt')],
    writes: true,
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await expectHeldOnce(bench, b, () => a.expect(GOOD, preempt(bench, b.key, 'preempt')));
    },
  },
  {
    id: 'abort.clear.goes-on',
    title: 'CLEAR aborts nothing: a command that had entered before ends with a status of its own',
    clause: 'SPC-4 5.13.11.2.7',
    needs: [ownSessions],
    writes: true,
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await expectHeldOnce(bench, b, () => a.expect(GOOD, reserveOut('clear', { reservationKey: a.key })));
    },
  },
  {
    id: 'abort.reserve.checked-once',
    title: 'A reservation that is made while a command waits for its data aborts nothing',
    clause: 'SPC-4 5.13.1',
    needs: [ownSessions, reservationType('exclusiveAccess')],
    writes: true,
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a);
      await expectHeldOnce(bench, b, () => bench.reserve(a, 'exclusiveAccess'));
    },
  },
];
