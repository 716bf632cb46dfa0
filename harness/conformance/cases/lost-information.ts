import { type ReservationType } from '../../../protocol/index.js';
import { UNKNOWN_KEY, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { inquiry, requestSense, reserveIn, reserveOut, testUnitReady, type Command } from '../command.js';
import { check, CONFLICT, GOOD, INFORMATION_LOST, matches, receivedInWords } from '../expectation.js';
import { aptpl, ownSessions, powerCycle, replaceLostReservation, reservationType } from '../needs.js';
import { isAllRegistrants, TYPE_ID, TYPES } from './service-actions/situation.js';

const CLAUSE = 'SPC-4 5.13.5.3';
const NEEDS = [ownSessions, powerCycle, aptpl, replaceLostReservation];

/** A has a reservation that was to outlive the power loss, and the LU has lost it. */
async function lose(bench: Bench): Promise<void> {
  const { a } = bench;
  await a.expect(GOOD, reserveOut('register', { serviceActionReservationKey: a.key, aptpl: true }));
  await bench.reserve(a, bench.anyType());
  await bench.powerCycle('lose');
  await bench.settle();
  if (!matches(INFORMATION_LOST, await a.send(testUnitReady()))) {
    await bench.clean();
    bench.skip('the power cycle did not lose what APTPL keeps');
  }
}

/** REPLACE LOST RESERVATION by A, which makes the LU usable again. */
const replace = ({ a }: Bench, type: ReservationType): Command =>
  reserveOut('replaceLostReservation', { serviceActionReservationKey: a.key, type });

/** Runs `work` on a LU that has lost its reservations, and makes it usable again whatever comes of it. */
const whileLost =
  (work: (bench: Bench) => Promise<void>): ConformanceCase['run'] =>
  async (bench) => {
    await lose(bench);
    try {
      await work(bench);
    } finally {
      await bench.a.send(replace(bench, bench.anyType()));
    }
  };

const REFUSED: readonly { readonly id: string; readonly command: (bench: Bench) => Command }[] = [
  { id: 'test-unit-ready', command: () => testUnitReady() },
  { id: 'read', command: (bench) => bench.readBlock() },
  { id: 'read-keys', command: () => reserveIn('readKeys') },
  { id: 'read-reservation', command: () => reserveIn('readReservation') },
  { id: 'read-full-status', command: () => reserveIn('readFullStatus') },
  { id: 'register', command: ({ b }) => reserveOut('register', { serviceActionReservationKey: b.key }) },
  {
    id: 'reserve',
    command: (bench) => reserveOut('reserve', { reservationKey: bench.a.key, type: bench.anyType() }),
  },
  { id: 'clear', command: ({ a }) => reserveOut('clear', { reservationKey: a.key }) },
];

const SERVED: readonly { readonly id: string; readonly command: () => Command }[] = [
  { id: 'inquiry', command: inquiry },
  { id: 'request-sense', command: requestSense },
];

/** What a LU does that has lost the reservations which APTPL was to keep. */
export const LOST_INFORMATION_CASES: readonly ConformanceCase[] = [
  ...REFUSED.map(({ id, command }): ConformanceCase => ({
    id: `lost.refused.${id}`,
    title: 'A LU that has lost its reservations answers 07/44/01 until they are replaced',
    clause: CLAUSE,
    needs: NEEDS,
    run: whileLost(async (bench) => {
      await bench.b.expect(INFORMATION_LOST, command(bench));
    }),
  })),
  ...SERVED.map(({ id, command }): ConformanceCase => ({
    id: `lost.served.${id}`,
    title: 'A LU that has lost its reservations still serves what tells about itself',
    clause: CLAUSE,
    needs: NEEDS,
    run: whileLost(async ({ b }) => {
      await b.expect(GOOD, command());
    }),
  })),
  ...TYPES.map((type): ConformanceCase => ({
    id: `lost.replaced.${TYPE_ID[type]}`,
    title: 'REPLACE LOST RESERVATION registers the sender, reserves, and sets PRGENERATION to 0',
    clause: 'SPC-4 5.13.11.3',
    needs: [...NEEDS, reservationType(type)],
    run: whileLost(async (bench) => {
      const { a, b } = bench;
      await a.expect(GOOD, replace(bench, type));
      bench.expectEqual('PRGENERATION', await bench.generation(), 0);
      await bench.expectRegistered(a);
      await bench.expectReservation({ key: isAllRegistrants(type) ? 0n : a.key, type });
      await b.expectAttentions();
    }),
  })),
  {
    id: 'lost.replaced.reservation-key-not-zero',
    title: 'REPLACE LOST RESERVATION with a RESERVATION KEY that is not 0 is refused, and the loss remains',
    clause: 'SPC-4 5.13.11.3, 6.16.3',
    needs: NEEDS,
    run: whileLost(async (bench) => {
      const { a } = bench;
      // SPC-4 6.16.3 excepts it from the rule that another key is a conflict, and has no other answer.
      const received = await a.expect(
        [check('illegalRequest'), CONFLICT],
        reserveOut('replaceLostReservation', {
          reservationKey: UNKNOWN_KEY,
          serviceActionReservationKey: a.key,
          type: bench.anyType(),
        }),
      );
      bench.choose('REPLACE LOST RESERVATION with a RESERVATION KEY', receivedInWords(received));
      await a.expect(INFORMATION_LOST, testUnitReady());
    }),
  },
];
