import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveIn, reserveOut, testUnitReady } from '../command.js';
import { GOOD } from '../expectation.js';
import { ownSessions, reserveInAction, reserveOutAction, type Need } from '../needs.js';

const CLAUSE = 'SPC-4 6.15.2, 6.16.2 table 213';

/** What a device server does between two readings of PRGENERATION, and how much it rises. */
interface Counted {
  readonly id: string;
  readonly words: string;
  readonly rise: number;
  readonly needs?: readonly Need[];
  /** A, B and C are registered. */
  readonly work: (bench: Bench) => Promise<unknown>;
}

// prettier-ignore
const COUNTED: readonly Counted[] = [
  { id: 'read-keys', words: 'READ KEYS', rise: 0, work: ({ a }) => a.expect(GOOD, reserveIn('readKeys')) },
  { id: 'read-reservation', words: 'READ RESERVATION', rise: 0,
    work: ({ a }) => a.expect(GOOD, reserveIn('readReservation')) },
  { id: 'report-capabilities', words: 'REPORT CAPABILITIES', rise: 0, needs: [reserveInAction('reportCapabilities')],
    work: ({ a }) => a.expect(GOOD, reserveIn('reportCapabilities')) },
  { id: 'read-full-status', words: 'READ FULL STATUS', rise: 0, needs: [reserveInAction('readFullStatus')],
    work: ({ a }) => a.expect(GOOD, reserveIn('readFullStatus')) },
  { id: 'test-unit-ready', words: 'TEST UNIT READY', rise: 0, work: ({ b }) => b.expect(GOOD, testUnitReady()) },
  { id: 'reserve-and-release', words: 'RESERVE and RELEASE', rise: 0,
    work: async (bench) => {
      const type = bench.anyType();
      await bench.reserve(bench.a, type);
      await bench.a.expect(GOOD, reserveOut('release', { reservationKey: bench.a.key, type }));
      // Whoever is told is a matter of other cases.
      await bench.settle();
    } },
  { id: 'logical-unit-reset', words: 'a LOGICAL UNIT RESET', rise: 0, needs: [ownSessions],
    work: ({ b }) => b.manageTask('logicalUnitReset') },
  { id: 'login', words: 'a logout and login', rise: 0, needs: [ownSessions], work: ({ c }) => c.relogin() },
  { id: 'same-key', words: 'REGISTER of the key that is registered already', rise: 1,
    work: ({ b }) => b.expect(GOOD, reserveOut('register', { reservationKey: b.key, serviceActionReservationKey: b.key })) },
  { id: 'key-of-another', words: 'REGISTER of a key that another nexus has', rise: 1,
    work: ({ b, c }) => b.expect(GOOD, reserveOut('register', { reservationKey: b.key, serviceActionReservationKey: c.key })) },
  { id: 'unregister', words: 'REGISTER of no key by one who holds nothing', rise: 1,
    work: ({ b }) => b.expect(GOOD, reserveOut('register', { reservationKey: b.key })) },
  { id: 'holder-unregisters', words: 'REGISTER of no key by the holder, which ends its reservation,', rise: 1,
    work: async (bench) => {
      await bench.reserve(bench.b, bench.anyType());
      await bench.b.expect(GOOD, reserveOut('register', { reservationKey: bench.b.key }));
      // Whoever is told without need is a matter of other cases.
      await bench.settle();
    } },
  { id: 'three-requests', words: 'each of three requests that register', rise: 3,
    work: async ({ a, b, c }) => {
      for (const one of [a, b, c]) {
        await one.expect(GOOD, reserveOut('registerAndIgnoreExistingKey', { serviceActionReservationKey: one.key }));
      }
    } },
  { id: 'preempt-of-several', words: "REGISTER of another's key, and PREEMPT that takes the registrations of both,", rise: 2,
    needs: [reserveOutAction('preempt')],
    work: async (bench) => {
      const { a, b, c } = bench;
      await c.expect(GOOD, reserveOut('register', { reservationKey: c.key, serviceActionReservationKey: b.key }));
      const fields = { reservationKey: a.key, serviceActionReservationKey: b.key, type: bench.anyType() };
      await a.expect(GOOD, reserveOut('preempt', fields));
    } },
  { id: 'clear-of-several', words: 'CLEAR that takes the registrations of three', rise: 1,
    work: ({ a }) => a.expect(GOOD, reserveOut('clear', { reservationKey: a.key })) },
];

const risesBy = (rise: number): string => (rise === 0 ? 'does not count' : `raises PRGENERATION by ${rise}`);

/** What PRGENERATION counts: requests that succeed, not nexuses, and nothing else (C6). */
export const GENERATION_CASES: readonly ConformanceCase[] = [
  ...COUNTED.map(({ id, words, rise, needs = [], work }) => ({
    id: `generation.${id}`,
    title: `${words} ${risesBy(rise)}`,
    clause: CLAUSE,
    needs,
    run: async (bench: Bench) => {
      const { a, b, c } = bench;
      await bench.register(a, b, c);
      await bench.expectGeneration(rise, () => work(bench));
    },
  })),
  {
    id: 'generation.same-everywhere',
    title: 'READ KEYS, READ RESERVATION and READ FULL STATUS have the same PRGENERATION',
    clause: 'SPC-4 6.15.2, 6.15.3, 6.15.5',
    needs: [reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a } = bench;
      await bench.register(a);
      const generation = await bench.generation();
      for (const action of ['readReservation', 'readFullStatus'] as const) {
        const data = Buffer.from(await a.read(reserveIn(action)));
        bench.expectEqual(`PRGENERATION of ${reserveIn(action).name}`, data.readUInt32BE(0), generation);
      }
    },
  },
];
