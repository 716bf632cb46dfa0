import type { ConformanceCase } from '../case.js';
import { UNKNOWN_KEY } from '../bench.js';
import { reserveOut } from '../command.js';
import { CONFLICT, GOOD } from '../expectation.js';
import { reserveOutAction } from '../needs.js';

const CLAUSE = 'SPC-4 5.13.11.2.4';

export const PREEMPT_CASES: readonly ConformanceCase[] = [
  {
    id: 'preempt.unknown-key',
    title: 'PREEMPT of a key that nobody has registered conflicts, and nothing changes',
    clause: CLAUSE,
    needs: [reserveOutAction('preempt')],
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await bench.expectGeneration(0, () =>
        a.expect(
          CONFLICT,
          reserveOut('preempt', { reservationKey: a.key, serviceActionReservationKey: UNKNOWN_KEY, type: 5 }),
        ),
      );
      await bench.expectRegistered(a, b);
    },
  },
  {
    id: 'preempt.victim-attention',
    title: 'PREEMPT tells the nexus whose registration is gone with 06/2A/05, once, and not the sender',
    clause: CLAUSE,
    needs: [reserveOutAction('preempt')],
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await a.expect(
        GOOD,
        reserveOut('preempt', { reservationKey: a.key, serviceActionReservationKey: b.key, type: 5 }),
      );
      await b.expectAttentions(0x2a05);
      await b.expectAttentions();
      await a.expectAttentions();
    },
  },
];
