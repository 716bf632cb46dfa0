import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveOut, type Command } from '../command.js';
import { CONFLICT, GOOD } from '../expectation.js';
import { ATTENTION } from '../attention-codes.js';
import { reservationType, type Need } from '../needs.js';

const EXCLUSIVE_ACCESS: readonly Need[] = [reservationType('exclusiveAccess')];

const preempt = (reservationKey: bigint, key: bigint): Command =>
  reserveOut('preempt', {
    reservationKey,
    serviceActionReservationKey: key,
    type: 'exclusiveAccess',
  });

/** A and B are registered with A's key, and A holds. */
async function aAndBShareTheKey(bench: Bench): Promise<void> {
  const { a, b } = bench;
  await bench.register(a);
  await b.expect(GOOD, reserveOut('register', { serviceActionReservationKey: a.key }));
  await bench.reserve(a, 'exclusiveAccess');
}

/** A key that several nexuses have: paths of one node, as a rule. It is the nexus that is registered (SPC-4 5.13.7). */
export const SHARED_KEY_CASES: readonly ConformanceCase[] = [
  {
    id: 'shared-key.listed-twice',
    title: 'READ KEYS lists a key as often as nexuses have it',
    clause: 'SPC-4 6.15.2',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      await aAndBShareTheKey(bench);
      await bench.expectKeys(bench.a.key, bench.a.key);
    },
  },
  {
    id: 'shared-key.conflicts',
    title: 'A nexus with the key of the holder does not hold the reservation',
    clause: 'SPC-4 5.13.10',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      const { a, b } = bench;
      await aAndBShareTheKey(bench);
      await a.expect(GOOD, bench.readBlock());
      await b.expect(CONFLICT, bench.readBlock());
    },
  },
  {
    id: 'shared-key.release',
    title: 'RELEASE by a nexus with the key of the holder is GOOD and releases nothing',
    clause: 'SPC-4 5.13.11.2.2',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      const { a, b } = bench;
      await aAndBShareTheKey(bench);
      await b.expect(GOOD, reserveOut('release', { reservationKey: a.key, type: 'exclusiveAccess' }));
      await bench.expectReservation({ key: a.key, type: 'exclusiveAccess' });
    },
  },
  {
    id: 'shared-key.unregister',
    title: 'Unregistering one nexus leaves the other with that key, and its reservation',
    clause: 'SPC-4 5.13.11.2.3',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      const { a, b } = bench;
      await aAndBShareTheKey(bench);
      await b.expect(GOOD, reserveOut('register', { reservationKey: a.key }));
      await bench.expectRegistered(a);
      await bench.expectReservation({ key: a.key, type: 'exclusiveAccess' });
    },
  },
  {
    id: 'shared-key.preempt',
    title: 'PREEMPT removes every nexus with the key, and each is told 2A/05',
    clause: 'SPC-4 5.13.11.2.4, 5.13.11.2.5',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      const { a, b, c } = bench;
      await aAndBShareTheKey(bench);
      await bench.register(c);
      bench.reader = c;
      await bench.expectGeneration(1, () => c.expect(GOOD, preempt(c.key, a.key)));
      await bench.expectRegistered(c);
      await bench.expectReservation({ key: c.key, type: 'exclusiveAccess' });
      await a.expectAttentions(ATTENTION.registrationsPreempted);
      await b.expectAttentions(ATTENTION.registrationsPreempted);
    },
  },
  {
    id: 'shared-key.preempt-by-sibling',
    title: 'PREEMPT of its own key by a nexus that does not hold takes the reservation of the one that does',
    clause: 'SPC-4 5.13.11.2.4',
    needs: EXCLUSIVE_ACCESS,
    run: async (bench) => {
      const { a, b } = bench;
      await aAndBShareTheKey(bench);
      bench.reader = b;
      await b.expect(GOOD, preempt(a.key, a.key));
      await bench.expectKeys(a.key);
      await bench.expectReservation({ key: a.key, type: 'exclusiveAccess' });
      await b.expect(GOOD, bench.readBlock());
      await a.expectAttentions(ATTENTION.registrationsPreempted);
      await a.expect(CONFLICT, bench.readBlock());
    },
  },
];
