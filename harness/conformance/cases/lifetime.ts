import type { ReservationType } from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import { OTHER_ISID, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveOut } from '../command.js';
import { CONFLICT, GOOD } from '../expectation.js';
import { aptpl, ownSessions, powerCycle, reservationType, secondTargetPort } from '../needs.js';
import { isAllRegistrants, TYPE_ID, TYPES } from './service-actions/situation.js';

const CLAUSE = 'SPC-4 5.13.1';

/** What a registration and a reservation live through (C4): each way to lose a session, and a reset. */
const EVENTS: readonly {
  readonly id: string;
  readonly words: string;
  readonly happen: (bench: Bench) => Promise<void>;
}[] = [
  {
    id: 'logical-unit-reset',
    words: 'a LOGICAL UNIT RESET by another nexus',
    happen: ({ b }) => b.manageTask('logicalUnitReset'),
  },
  { id: 'logout', words: 'logout and login with the same ISID', happen: ({ a }) => a.relogin() },
  {
    id: 'connection-loss',
    words: 'the loss of the connection and a login with the same ISID',
    happen: ({ a }) => a.relogin({ after: 'connectionLoss' }),
  },
];

/** READ RESERVATION says 0 under an all-registrants type. */
const shownKey = (holder: Actor, type: ReservationType): bigint => (isAllRegistrants(type) ? 0n : holder.key);

const keeping: readonly ConformanceCase[] = EVENTS.flatMap(({ id, words, happen }) =>
  TYPES.map((type) => ({
    id: `lifetime.${id}.${TYPE_ID[type]}`,
    title: `Registrations and the reservation outlive ${words}, and the holder is still the holder`,
    clause: CLAUSE,
    needs: [ownSessions, reservationType(type)],
    run: async (bench: Bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await bench.reserve(a, type);
      await happen(bench);
      await bench.expectRegistered(a, b);
      await bench.expectReservation({ key: shownKey(a, type), type });
      // A nexus that is not the holder would meet a conflict, or an attention of a release.
      await a.expect(GOOD, reserveOut('reserve', { reservationKey: a.key, type }));
      await a.expectAttentions();
      await b.expectAttentions();
    },
  })),
);

const leaving: readonly ConformanceCase[] = TYPES.filter(isAllRegistrants).map((type) => ({
  id: `lifetime.last-registrant.${TYPE_ID[type]}`,
  title: 'A reservation of all registrants ends with the last of them, and nobody is told',
  clause: 'SPC-4 5.13.10, 5.13.11.2.3',
  needs: [reservationType(type)],
  run: async (bench) => {
    const { a, b, c } = bench;
    await bench.register(a, b);
    await bench.reserve(a, type);
    await a.expect(GOOD, reserveOut('register', { reservationKey: a.key }));
    await bench.expectReservation({ key: 0n, type });
    await b.expect(GOOD, reserveOut('register', { reservationKey: b.key }));
    await bench.expectReservation(null);
    for (const actor of [a, b, c]) await actor.expectAttentions();
  },
}));

/** Nothing is left of what was registered, and PRGENERATION begins at 0. */
async function expectNothing(bench: Bench): Promise<void> {
  await bench.expectRegistered();
  await bench.expectReservation(null);
  bench.expectEqual('PRGENERATION after power on', await bench.generation(), 0);
}

async function registerFor(bench: Bench, actor: Actor, powerLoss: boolean): Promise<void> {
  const fields = { serviceActionReservationKey: actor.key, aptpl: powerLoss };
  await actor.expect(GOOD, reserveOut('registerAndIgnoreExistingKey', fields));
  bench.expectEqual(
    'PTPL_A',
    (await bench.capabilities()).persistThroughPowerLossActivated,
    powerLoss ? 1 : 0,
  );
}

const persisting: readonly ConformanceCase[] = [
  {
    id: 'lifetime.power-loss.without-aptpl',
    title: 'Without APTPL a power loss takes registrations and reservation, and PRGENERATION begins at 0',
    clause: 'SPC-4 5.13.5, 6.15.2',
    needs: [ownSessions, powerCycle],
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await bench.reserve(a, bench.anyType());
      await bench.powerCycle();
      await expectNothing(bench);
    },
  },
  ...TYPES.map((type): ConformanceCase => ({
    id: `lifetime.power-loss.with-aptpl.${TYPE_ID[type]}`,
    title: 'With APTPL registrations and reservation outlive a power loss, and PRGENERATION begins at 0',
    clause: 'SPC-4 5.13.5, 6.15.2',
    needs: [ownSessions, powerCycle, aptpl, reservationType(type)],
    run: async (bench) => {
      const { a, b, c } = bench;
      await registerFor(bench, a, true);
      await registerFor(bench, b, true);
      await bench.reserve(a, type);
      await bench.powerCycle();
      bench.expectEqual('PRGENERATION after power on', await bench.generation(), 0);
      await bench.expectRegistered(a, b);
      await bench.expectReservation({ key: shownKey(a, type), type });
      await a.expect(GOOD, reserveOut('reserve', { reservationKey: a.key, type }));
      await c.expect(CONFLICT, reserveOut('reserve', { reservationKey: c.key, type }));
      bench.expectEqual('PTPL_A', (await bench.capabilities()).persistThroughPowerLossActivated, 1);
    },
  })),
  {
    id: 'lifetime.aptpl.last-value-decides',
    title: 'The last APTPL decides for the whole logical unit: after APTPL=0 nothing outlives a power loss',
    clause: 'SPC-4 6.16.3',
    needs: [ownSessions, powerCycle, aptpl],
    run: async (bench) => {
      const { a, b } = bench;
      await registerFor(bench, a, true);
      await registerFor(bench, b, false);
      await bench.powerCycle();
      await expectNothing(bench);
    },
  },
  {
    id: 'lifetime.aptpl.activated',
    title: 'PTPL_A says what the last APTPL was',
    clause: 'SPC-4 6.15.4, 6.16.3',
    needs: [aptpl],
    run: async (bench) => {
      const { a, b } = bench;
      await registerFor(bench, a, true);
      await registerFor(bench, b, false);
      await registerFor(bench, a, true);
    },
  },
];

const identity: readonly ConformanceCase[] = [
  {
    id: 'lifetime.other-isid',
    title: 'A session with another ISID is another nexus: not registered, and the old registration stays',
    clause: 'SPC-4 5.13.1, RFC 7143 4.2.3.2',
    needs: [ownSessions, reservationType('writeExclusiveRegistrantsOnly')],
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await bench.reserve(a, 'writeExclusiveRegistrantsOnly');
      await a.relogin({ isid: OTHER_ISID });
      await bench.expectRegistered(a, b);
      const again = reserveOut('reserve', { reservationKey: a.key, type: 'writeExclusiveRegistrantsOnly' });
      await a.expect(CONFLICT, again);
      await a.expect(GOOD, reserveOut('register', { serviceActionReservationKey: a.key }));
      await bench.expectKeys(a.key, a.key, b.key);
    },
  },
  {
    id: 'lifetime.other-target-port',
    title: 'The same initiator through another target port is another nexus, with a registration of its own',
    clause: 'SPC-4 5.13.1, 5.13.7',
    needs: [secondTargetPort],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a);
      await a2.expect(CONFLICT, reserveOut('register', { reservationKey: a.key }));
      await bench.register(a2);
      await bench.expectRegistered(a, a2);
      await a2.expect(GOOD, reserveOut('register', { reservationKey: a2.key }));
      await bench.expectRegistered(a);
    },
  },
];

/** What registrations and reservations belong to, and what they live through. */
export const LIFETIME_CASES: readonly ConformanceCase[] = [
  ...keeping,
  ...leaving,
  ...persisting,
  ...identity,
];
