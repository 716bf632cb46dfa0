import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { read10, reserveOut, testUnitReady, write10 } from '../command.js';
import { abortedWith, CONFLICT, GOOD } from '../expectation.js';
import {
  ownSessions,
  reservationType,
  reserveInAction,
  reserveOutAction,
  secondTargetPort,
} from '../needs.js';
import { ATTENTION } from '../attention-codes.js';

const TYPE = 'writeExclusiveRegistrantsOnly';

/** A and A2, one initiator through two target ports, are registered with B, which holds. */
async function registeredAtBothPorts(bench: Bench): Promise<void> {
  const { a, a2, b } = bench;
  await bench.register(a, a2, b);
  await bench.reserve(b, TYPE);
  await bench.settle();
}

/** What reservations are, when an initiator reaches the LU through two target ports: two nexuses (SPC-4 5.13.1). */
export const TARGET_PORT_CASES: readonly ConformanceCase[] = [
  {
    id: 'target-port.own-registration',
    title: 'Whoever is registered through one target port is not registered through another',
    clause: 'SPC-4 5.13.1, 5.13.7',
    needs: [secondTargetPort, reservationType(TYPE)],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a);
      await bench.expectRegistered(a);
      await a2.expect(CONFLICT, reserveOut('reserve', { reservationKey: a.key, type: TYPE }));
    },
  },
  {
    id: 'target-port.own-access',
    title: 'Whoever is registered through one target port conflicts through another',
    clause: 'SPC-4 5.13.1 table 65',
    needs: [secondTargetPort, reservationType('exclusiveAccessRegistrantsOnly')],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a);
      await bench.reserve(a, 'exclusiveAccessRegistrantsOnly');
      await a.expect(GOOD, bench.readBlock());
      await a2.expect(CONFLICT, bench.readBlock());
      await a2.expect(GOOD, testUnitReady());
    },
  },
  {
    id: 'target-port.own-key',
    title: 'An initiator may register another key through each target port, and each is removed by itself',
    clause: 'SPC-4 5.13.7',
    needs: [secondTargetPort],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a, a2);
      await bench.expectRegistered(a, a2);
      await a2.expect(GOOD, reserveOut('register', { reservationKey: a2.key }));
      await bench.expectRegistered(a);
    },
  },
  {
    id: 'target-port.relative-identifier',
    title: 'READ FULL STATUS tells the relative target port identifier of each registration',
    clause: 'SPC-4 6.15.5',
    needs: [secondTargetPort, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a, a2, facts } = bench;
      await bench.register(a, a2);
      const ports = (await bench.fullStatus()).map(({ relativeTargetPortId }) => relativeTargetPortId);
      const inOrder = (ids: readonly (number | undefined)[]): string => [...ids].sort().join(' ');
      bench.expectEqual(
        'relative target port identifiers',
        inOrder(ports),
        inOrder(facts.relativeTargetPortIds),
      );
    },
  },
  {
    id: 'target-port.release-attention',
    title: 'RELEASE of a registrants-only reservation tells nexuses of every target port 2A/04',
    clause: 'SPC-4 5.13.11.2.2',
    needs: [secondTargetPort, reservationType(TYPE)],
    run: async (bench) => {
      const { a, a2, b, facts } = bench;
      await registeredAtBothPorts(bench);
      await b.expect(GOOD, reserveOut('release', { reservationKey: b.key, type: TYPE }));
      const due = facts.noUnitAttentionOnRelease ? [] : [ATTENTION.reservationsReleased];
      await a2.expectAttentions(...due);
      await a.expectAttentions(...due);
    },
  },
  {
    id: 'target-port.clear-attention',
    title: 'CLEAR tells nexuses of every target port 2A/03',
    clause: 'SPC-4 5.13.11.2.7',
    needs: [secondTargetPort, reservationType(TYPE)],
    run: async (bench) => {
      const { a, a2, b } = bench;
      await registeredAtBothPorts(bench);
      await b.expect(GOOD, reserveOut('clear', { reservationKey: b.key }));
      await a2.expectAttentions(ATTENTION.reservationsPreempted);
      await a.expectAttentions(ATTENTION.reservationsPreempted);
    },
  },
  {
    id: 'target-port.preempt',
    title: 'PREEMPT of the key of one target port leaves the other, and tells that nexus 2A/05',
    clause: 'SPC-4 5.13.11.2.4, 5.13.11.2.5',
    needs: [secondTargetPort, reservationType(TYPE)],
    run: async (bench) => {
      const { a, a2, b } = bench;
      await registeredAtBothPorts(bench);
      await b.expect(
        GOOD,
        reserveOut('preempt', { reservationKey: b.key, serviceActionReservationKey: a2.key, type: TYPE }),
      );
      await bench.expectRegistered(a, b);
      await a2.expectAttentions(ATTENTION.registrationsPreempted);
      // The standard tells "the initiator port associated with" the nexus: through one target port or through all.
      const heard = (await a.takeAttentions()).includes(ATTENTION.registrationsPreempted);
      bench.choose('where an initiator port hears', heard ? 'at every target port' : 'at that target port');
    },
  },
  {
    id: 'target-port.preempt-and-abort',
    title: 'PREEMPT AND ABORT aborts the commands that came through another target port',
    clause: 'SPC-4 5.13.11.2.6',
    needs: [secondTargetPort, reservationType(TYPE), ownSessions, reserveOutAction('preemptAndAbort')],
    writes: true,
    run: async (bench) => {
      const { a, a2, b, facts } = bench;
      const { blockLengthBytes } = facts;
      const block = await a.read(read10(0, blockLengthBytes));
      await registeredAtBothPorts(bench);
      const withheld = await a2.withhold(write10(0, block, blockLengthBytes));
      await b.expect(
        GOOD,
        reserveOut('preemptAndAbort', {
          reservationKey: b.key,
          serviceActionReservationKey: a2.key,
          type: TYPE,
        }),
      );
      await withheld.expect(...abortedWith(facts));
      withheld.send();
    },
  },
];
