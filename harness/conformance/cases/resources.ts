import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { registerAndMove, reserveOut, type Command } from '../command.js';
import { check, GOOD, matches, receivedInWords } from '../expectation.js';
import { ownSessions, reserveOutAction, specIPt } from '../needs.js';
import { bytesOf, portId } from './transport-id-bytes.js';
import { expectNoChange, NEW_KEY } from './valid-actions.js';

const CLAUSE = 'SPC-4 5.13.7, 6.16.1';
/** INSUFFICIENT REGISTRATION RESOURCES. */
const NO_ROOM = check('illegalRequest', 0x5504);
/** The ISIDs of C, which logs in anew for each registration: another nexus each time (RFC 7143 4.2.3.2). */
const FIRST_ISID = 0x80_66656e_1000n;

const register = (serviceActionReservationKey: bigint, reservationKey = 0n): Command =>
  reserveOut('register', { reservationKey, serviceActionReservationKey });

/** As many nexuses are registered as there is room for, less so many: A, which holds a reservation, and C under ISID after ISID. */
async function fill(bench: Bench, less = 0): Promise<void> {
  const { a, b, c, registrationsMax } = bench;
  if (registrationsMax === undefined) {
    bench.skip('for how many registrations there is room is not known: give --registrations N');
  }
  await bench.register(a);
  await bench.reserve(a, bench.anyType());
  for (let count = 1; count < registrationsMax - less; count++) {
    await c.relogin({ isid: FIRST_ISID + BigInt(count) });
    const received = await c.expect([GOOD, NO_ROOM], register(c.key));
    if (matches(NO_ROOM, received)) {
      bench.skip(
        `there is room for ${count} registrations, not for the ${registrationsMax} of --registrations`,
      );
    }
  }
  bench.reader = b;
}

function refused(
  id: string,
  words: string,
  /** `home` is the TransportID of C as it was, which is not registered. */
  send: (bench: Bench, home: Uint8Array) => Promise<unknown>,
  rest: Pick<ConformanceCase, 'needs'> & { readonly less?: number } = {},
): ConformanceCase {
  return {
    id: `resources.${id}`,
    title: `${words} is refused where there is no room for another registration, and nothing changes`,
    clause: CLAUSE,
    needs: [ownSessions, ...(rest.needs ?? [])],
    run: async (bench) => {
      const home = bytesOf(bench.c);
      await fill(bench, rest.less);
      await expectNoChange(bench, () => send(bench, home));
    },
  };
}

/** What an array does that is full of registrations (C3): tried where its limit is told, for it may be far away. */
export const RESOURCE_CASES: readonly ConformanceCase[] = [
  refused('register', 'REGISTER', ({ b }) => b.expect(NO_ROOM, register(b.key))),
  refused('register-and-ignore', 'REGISTER AND IGNORE EXISTING KEY', ({ b }) =>
    b.expect(NO_ROOM, reserveOut('registerAndIgnoreExistingKey', { serviceActionReservationKey: b.key })),
  ),
  refused(
    'spec-i-pt',
    'REGISTER with SPEC_I_PT=1, of two ports where one has room,',
    ({ b }, home) =>
      b.expect(
        NO_ROOM,
        reserveOut('register', {
          serviceActionReservationKey: b.key,
          transportIds: [home],
        }),
      ),
    { needs: [specIPt], less: 1 },
  ),
  refused(
    'register-and-move',
    'REGISTER AND MOVE to a nexus that is not registered',
    (bench) =>
      bench.a.expect(
        NO_ROOM,
        registerAndMove({
          reservationKey: bench.a.key,
          serviceActionReservationKey: NEW_KEY,
          relativeTargetPortId: portId(bench, 0),
          transportId: bytesOf(bench.b),
        }),
      ),
    { needs: [reserveOutAction('registerAndMove')] },
  ),
  {
    id: 'resources.change-of-key',
    title: 'REGISTER of another key by a registered nexus needs no room',
    clause: CLAUSE,
    needs: [ownSessions],
    run: async (bench) => {
      const { a } = bench;
      await fill(bench);
      const received = await a.expect([GOOD, NO_ROOM], register(NEW_KEY, a.key));
      bench.expectEqual('REGISTER of another key', receivedInWords(received), 'GOOD');
      bench.expectEqual('the new key is there', (await bench.keys()).includes(NEW_KEY), true);
    },
  },
  {
    id: 'resources.room-again',
    title: 'Where one has unregistered there is room for another',
    clause: CLAUSE,
    needs: [ownSessions],
    run: async (bench) => {
      const { b, c } = bench;
      await fill(bench);
      await c.expect(GOOD, reserveOut('register', { reservationKey: c.key }));
      const received = await b.expect([GOOD, NO_ROOM], register(b.key));
      bench.expectEqual('REGISTER where one has left', receivedInWords(received), 'GOOD');
      bench.expectEqual('its key is there', (await bench.keys()).includes(b.key), true);
    },
  },
];
