import {
  basicParameterList,
  encodeTransportId,
  PR_OUT_SERVICE_ACTION,
  transportIdName,
} from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import { OTHER_ISID, UNKNOWN_KEY, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveOut, reserveOutRaw, type Command } from '../command.js';
import {
  check,
  CONFLICT,
  GOOD,
  INVALID_FIELD_IN_CDB,
  matches,
  receivedInWords,
  type Expected,
} from '../expectation.js';
import { ownSessions, reserveInAction, specIPt, type Need } from '../needs.js';
import { BROKEN, bytesOf, nameOnlyBytesOf, transportIdOf } from './transport-id-bytes.js';
import { expectNoChange, NEW_KEY } from './valid-actions.js';

const CLAUSE = 'SPC-4 5.13.7 table 67, 6.16.3';
const NEEDS: readonly Need[] = [ownSessions, specIPt];
/** The standard leaves open with which code a list is refused that makes no sense. */
const ILLEGAL = check('illegalRequest');
const INVALID = check('illegalRequest', 0x2600);
/** Of the fixed part of a list with SPEC_I_PT, with the length of the TransportIDs. */
const FIXED_BYTES = 28;

/** REGISTER of A with SPEC_I_PT=1. */
const register = (bench: Bench, ...transportIds: readonly Uint8Array[]): Command =>
  reserveOut('register', { serviceActionReservationKey: bench.a.key, transportIds });

/** The same, with the length of the TransportIDs as given, and cut. */
function rawRegister(bench: Bench, lengthField: number, cutAt?: number): Command {
  const list = Buffer.from(
    basicParameterList({
      reservationKey: 0n,
      serviceActionReservationKey: bench.a.key,
      transportIds: [bytesOf(bench.b)],
    }),
  );
  list.writeUInt32BE(lengthField, 24);
  const bytes = new Uint8Array(list).subarray(0, cutAt);
  return reserveOutRaw(PR_OUT_SERVICE_ACTION.register, bytes, { name: 'REGISTER with SPEC_I_PT=1' });
}

/** Requires that a nexus is registered with a key, by what only a registered one may do. */
const expectRegistered = (bench: Bench, actor: Actor, key: bigint): Promise<unknown> =>
  actor.expect(GOOD, reserveOut('release', { reservationKey: key, type: bench.anyType() }));

const registering: readonly ConformanceCase[] = [
  {
    id: 'spec-i-pt.one',
    title:
      'The sender and the listed initiator port are registered with one key, by one request, and nobody is told',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, b, c } = bench;
      await bench.expectGeneration(1, () => a.expect(GOOD, register(bench, bytesOf(b))));
      await bench.expectKeys(a.key, a.key);
      await expectRegistered(bench, b, a.key);
      for (const actor of [a, b, c]) await actor.expectAttentions();
    },
  },
  {
    id: 'spec-i-pt.several',
    title: 'Every listed initiator port is registered, and PRGENERATION counts the request once',
    clause: `${CLAUSE}, 6.15.2`,
    needs: NEEDS,
    run: async (bench) => {
      const { a, b, c } = bench;
      const sent = register(bench, bytesOf(b), bytesOf(c));
      await bench.expectGeneration(1, () => a.expect(GOOD, sent));
      await bench.expectKeys(a.key, a.key, a.key);
      await expectRegistered(bench, b, a.key);
      await expectRegistered(bench, c, a.key);
    },
  },
  {
    id: 'spec-i-pt.none',
    title: 'An empty list registers the sender alone',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      await bench.a.expect(GOOD, register(bench));
      await bench.expectRegistered(bench.a);
    },
  },
  {
    id: 'spec-i-pt.before-login',
    title: 'A listed initiator port that nobody has seen is registered when it comes, or the list is refused',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, c } = bench;
      const to = encodeTransportId({
        protocol: 'iscsi',
        iscsiName: c.port.iscsiName,
        isid: OTHER_ISID,
      });
      const received = await a.expect([GOOD, ILLEGAL], register(bench, to));
      bench.choose('SPEC_I_PT with an initiator port that never logged in', receivedInWords(received));
      if (!matches(GOOD, received)) {
        await bench.expectRegistered();
        return;
      }
      await c.expect(CONFLICT, reserveOut('release', { reservationKey: a.key, type: 'writeExclusive' }));
      await c.relogin({ isid: OTHER_ISID });
      await expectRegistered(bench, c, a.key);
    },
  },
  {
    id: 'spec-i-pt.full-status',
    title: 'READ FULL STATUS names the listed initiator port as the list did',
    clause: `${CLAUSE}, 6.15.5`,
    needs: [...NEEDS, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a, b } = bench;
      await a.expect(GOOD, register(bench, bytesOf(b)));
      const found = (await bench.fullStatus()).map(({ transportId }) =>
        transportId === undefined ? 'unknown' : transportIdName(transportId),
      );
      bench.expectEqual('the listed port is named', found.includes(transportIdName(transportIdOf(b))), true);
      bench.expectEqual('registrations', found.length, 2);
    },
  },
  {
    id: 'spec-i-pt.key-0',
    title:
      'With SERVICE ACTION RESERVATION KEY 0 from an unregistered nexus the list is ignored: GOOD, and nothing changes',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, b } = bench;
      await a.expect(GOOD, reserveOut('register', { transportIds: [bytesOf(b)] }));
      await bench.expectRegistered();
    },
  },
  {
    id: 'spec-i-pt.name-only',
    title: 'A TransportID without ISID registers every known port of that name, or is refused',
    clause: 'SPC-4 7.6.4',
    needs: NEEDS,
    run: async (bench) => {
      const { a, b } = bench;
      const received = await a.expect([GOOD, ILLEGAL], register(bench, nameOnlyBytesOf(b)));
      bench.choose('SPEC_I_PT with an iSCSI name without ISID', receivedInWords(received));
      const taken = matches(GOOD, received);
      await bench.expectKeys(...(taken ? [a.key, a.key] : []));
      if (taken) await expectRegistered(bench, b, a.key);
    },
  },
  {
    id: 'spec-i-pt.sender',
    title: 'A list that names the sender itself adds nothing, or is refused',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a } = bench;
      const received = await a.expect([GOOD, ILLEGAL], register(bench, bytesOf(a)));
      bench.choose('SPEC_I_PT with the TransportID of the sender', receivedInWords(received));
      const taken = matches(GOOD, received);
      await bench.expectKeys(...(taken ? [a.key] : []));
    },
  },
];

/** More of one TransportID than any device server need take at once: PARAMETER LIST LENGTH is about 80 kB. */
const MANY = 1000;

const tooLong: ConformanceCase = {
  id: 'spec-i-pt.long-list',
  title: 'A list longer than the device server takes is refused whole, and one that it takes registers',
  clause: 'SPC-4 6.16.1, 6.16.3',
  needs: NEEDS,
  run: async (bench) => {
    const { a, b } = bench;
    const ids = new Array<Uint8Array>(MANY).fill(bytesOf(b));
    const received = await a.expect([GOOD, ILLEGAL], register(bench, ...ids));
    // 05/1A/00 is what should be told; naming one port often is a problem of its own.
    bench.choose(`SPEC_I_PT with ${MANY} TransportIDs`, receivedInWords(received));
    const found = new Set(await bench.keys());
    bench.expectEqual('somebody is registered', found.size > 0, matches(GOOD, received));
    if (matches(GOOD, received)) await expectRegistered(bench, b, a.key);
  },
};

/** What is refused whole: not even the sender is registered. */
function refusing(
  id: string,
  words: string,
  expected: Expected,
  send: (bench: Bench) => Command,
  prepare: (bench: Bench) => Promise<void> = () => Promise.resolve(),
): ConformanceCase {
  return {
    id: `spec-i-pt.${id}`,
    title: `REGISTER with SPEC_I_PT=1 and ${words} is refused, and nobody is registered by it`,
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      await prepare(bench);
      bench.reader = bench.c;
      // SPC-3 has 05/24/00 where later editions have 05/26/00.
      const allowed =
        bench.level === 'spc3' && expected === INVALID ? [INVALID, INVALID_FIELD_IN_CDB] : expected;
      await expectNoChange(bench, () => bench.a.expect(allowed, send(bench)));
    },
  };
}

const refused: readonly ConformanceCase[] = [
  refusing(
    'registered-already',
    'a listed initiator port that is registered',
    INVALID,
    (bench) => register(bench, bytesOf(bench.b)),
    (bench) => bench.register(bench.b),
  ),
  refusing(
    'second-registered-already',
    'a second listed initiator port that is registered',
    INVALID,
    (bench) => register(bench, bytesOf(bench.c), bytesOf(bench.b)),
    (bench) => bench.register(bench.b),
  ),
  refusing(
    'by-registered',
    'the key of a sender that is registered',
    INVALID,
    (bench) =>
      reserveOut('register', {
        reservationKey: bench.a.key,
        serviceActionReservationKey: NEW_KEY,
        transportIds: [bytesOf(bench.b)],
      }),
    (bench) => bench.register(bench.a),
  ),
  refusing('wrong-key', 'a RESERVATION KEY from a nexus that has none', CONFLICT, (bench) =>
    reserveOut('register', {
      reservationKey: UNKNOWN_KEY,
      serviceActionReservationKey: NEW_KEY,
      transportIds: [bytesOf(bench.b)],
    }),
  ),
  refusing('no-length', 'no length of its TransportIDs', ILLEGAL, (bench) => rawRegister(bench, 0, 24)),
  refusing('length-cut', 'half a length of its TransportIDs', ILLEGAL, (bench) => rawRegister(bench, 0, 26)),
  refusing('list-cut', 'a list that ends within a TransportID', ILLEGAL, (bench) =>
    rawRegister(bench, bytesOf(bench.b).length, FIXED_BYTES + 20),
  ),
  refusing('length-beyond', 'a length of its TransportIDs beyond the list', ILLEGAL, (bench) =>
    rawRegister(bench, bytesOf(bench.b).length + 4),
  ),
  refusing('length-within', 'a length of its TransportIDs that ends within one', ILLEGAL, (bench) =>
    rawRegister(bench, bytesOf(bench.b).length - 4),
  ),
  ...BROKEN.map(({ id, words, of }) =>
    refusing(`transport-id.${id}`, `a TransportID with ${words}`, ILLEGAL, (bench) =>
      register(bench, of(bytesOf(bench.b))),
    ),
  ),
  ...BROKEN.map(({ id, words, of }) =>
    refusing(`second-transport-id.${id}`, `a second TransportID with ${words}`, ILLEGAL, (bench) =>
      register(bench, bytesOf(bench.c), of(bytesOf(bench.b))),
    ),
  ),
];

/** REGISTER of others together with oneself (C3, C10). */
export const SPEC_I_PT_CASES: readonly ConformanceCase[] = [...registering, tooLong, ...refused];
