import {
  PR_OUT_SERVICE_ACTION,
  registerAndMoveParameterList,
  type ReservationType,
} from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { registerAndMove, reserveOut, reserveOutRaw, type Command } from '../command.js';
import { check, GOOD, INVALID_FIELD_IN_CDB, receivedInWords } from '../expectation.js';
import { ownSessions, reserveOutAction, secondTargetPort, type Need } from '../needs.js';
import { BROKEN, bytesOf, nameOnlyBytesOf, portId } from './transport-id-bytes.js';
import { expectNoChange, NEW_KEY } from './valid-actions.js';

const CLAUSE = 'SPC-4 5.13.8, 6.16.4';
const NEEDS: readonly Need[] = [ownSessions, reserveOutAction('registerAndMove')];
/** The standard leaves open with which code a list is refused that makes no sense. */
const ILLEGAL = check('illegalRequest');

/** A is registered and holds the reservation that is moved; its type. */
async function prepare(bench: Bench): Promise<ReservationType> {
  const type = bench.anyType();
  await bench.register(bench.a);
  await bench.reserve(bench.a, type);
  return type;
}

type MoveList = Parameters<typeof registerAndMove>[0];

/** A moves to C, which is not registered, with NEW_KEY; one thing about it may differ. */
function move(bench: Bench, changed: Partial<MoveList> = {}): Command {
  return registerAndMove({ ...listOf(bench), ...changed });
}

const listOf = (bench: Bench): MoveList => ({
  reservationKey: bench.a.key,
  serviceActionReservationKey: NEW_KEY,
  relativeTargetPortId: portId(bench, 0),
  transportId: bytesOf(bench.c),
});

/** The list as bytes, with TRANSPORTID LENGTH as given. */
function rawMove(bench: Bench, lengthField: number, cutAt?: number): Command {
  const list = Buffer.from(registerAndMoveParameterList(listOf(bench)));
  list.writeUInt32BE(lengthField, 20);
  const bytes = new Uint8Array(list).subarray(0, cutAt);
  return reserveOutRaw(PR_OUT_SERVICE_ACTION.registerAndMove, bytes, { name: 'REGISTER AND MOVE' });
}

const moving: readonly ConformanceCase[] = [
  {
    id: 'register-and-move.to-unregistered',
    title:
      'A nexus that was not registered is registered with the given key and holds the reservation as it was',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, c } = bench;
      const type = await prepare(bench);
      await bench.expectGeneration(1, () => a.expect(GOOD, move(bench)));
      await bench.expectKeys(a.key, NEW_KEY);
      await bench.expectReservation({ key: NEW_KEY, type });
      await c.expectAttentions();
      // It is the nexus that was named, and it is the holder.
      await c.expect(GOOD, reserveOut('reserve', { reservationKey: NEW_KEY, type }));
      await a.expect(GOOD, reserveOut('release', { reservationKey: a.key, type }));
      await bench.expectReservation({ key: NEW_KEY, type });
      await c.expect(GOOD, reserveOut('release', { reservationKey: NEW_KEY, type }));
      bench.reader = c;
      await bench.expectReservation(null);
    },
  },
  {
    id: 'register-and-move.unreg',
    title: 'UNREG=1 takes the registration of the sender away, and nobody is told',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, b, c } = bench;
      const type = await prepare(bench);
      await bench.register(b);
      await bench.expectGeneration(1, () => a.expect(GOOD, move(bench, { unreg: true })));
      await bench.expectKeys(b.key, NEW_KEY);
      await bench.expectReservation({ key: NEW_KEY, type });
      for (const actor of [a, b, c]) await actor.expectAttentions();
    },
  },
  {
    id: 'register-and-move.other-target-port',
    title: 'The destination is the nexus of the target port that is named',
    clause: CLAUSE,
    needs: [...NEEDS, secondTargetPort],
    run: async (bench) => {
      const { a, a2, b } = bench;
      const type = bench.anyType();
      await bench.register(b);
      await bench.reserve(b, type);
      const sent = move(bench, {
        reservationKey: b.key,
        relativeTargetPortId: portId(bench, 1),
        transportId: bytesOf(a2),
      });
      await b.expect(GOOD, sent);
      await bench.expectReservation({ key: NEW_KEY, type });
      await a2.expect(GOOD, reserveOut('reserve', { reservationKey: NEW_KEY, type }));
      // The same initiator port through the first target port is another nexus, and not registered.
      await a.expect(
        { status: 'reservationConflict' },
        reserveOut('reserve', { reservationKey: NEW_KEY, type }),
      );
    },
  },
  {
    id: 'register-and-move.name-only',
    title: 'A TransportID without ISID is taken where it names one port, or refused',
    clause: 'SPC-4 5.13.8, 7.6.4',
    needs: NEEDS,
    run: async (bench) => {
      await prepare(bench);
      const received = await bench.a.expect(
        [GOOD, ILLEGAL],
        move(bench, { transportId: nameOnlyBytesOf(bench.c) }),
      );
      bench.choose('REGISTER AND MOVE to an iSCSI name without ISID', receivedInWords(received));
    },
  },
  {
    id: 'register-and-move.scope-and-type',
    title: 'SCOPE and TYPE of the CDB are ignored, or refused: text and table 216 differ',
    clause: 'SPC-4 5.13.8, 6.16.3 table 216',
    needs: NEEDS,
    run: async (bench) => {
      const { a } = bench;
      const type = await prepare(bench);
      const sent = registerAndMove(listOf(bench), { scope: 0xf, type: 0xf });
      const received = await a.expect([GOOD, INVALID_FIELD_IN_CDB], sent);
      bench.choose('REGISTER AND MOVE with a reserved SCOPE and TYPE', receivedInWords(received));
      const moved = 'result' in received && received.result.status === 0;
      await bench.expectReservation({ key: moved ? NEW_KEY : a.key, type });
    },
  },
];

/** What is refused, with the reservation where it was. */
function refusing(
  id: string,
  words: string,
  expected: Parameters<Bench['a']['expect']>[0],
  send: (bench: Bench) => Command,
  older?: true,
): ConformanceCase {
  return {
    id: `register-and-move.${id}`,
    title: `REGISTER AND MOVE with ${words} is refused, and nothing changes`,
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      await prepare(bench);
      const allowed = [
        expected,
        ...(older === true && bench.level === 'spc3' ? [INVALID_FIELD_IN_CDB] : []),
      ].flat();
      await expectNoChange(bench, () => bench.a.expect(allowed, send(bench)));
    },
  };
}

const refused: readonly ConformanceCase[] = [
  refusing(
    'key-0',
    'SERVICE ACTION RESERVATION KEY 0',
    check('illegalRequest', 0x2600, { in: 'parameterList', byte: 8 }),
    (bench) => move(bench, { serviceActionReservationKey: 0n }),
    true,
  ),
  refusing(
    'own-port',
    'the TransportID of the initiator port that sends it',
    check('illegalRequest', 0x2600, { in: 'parameterList', byte: 24 }),
    (bench) => move(bench, { transportId: bytesOf(bench.a) }),
  ),
  refusing('no-such-target-port', 'a RELATIVE TARGET PORT IDENTIFIER that no port has', ILLEGAL, (bench) =>
    move(bench, { relativeTargetPortId: 0xfffe }),
  ),
  refusing('list-cut', 'a list that ends within the TransportID', ILLEGAL, (bench) =>
    rawMove(bench, bytesOf(bench.c).length, 24 + 20),
  ),
  refusing('length-beyond', 'a TransportID length beyond the list', ILLEGAL, (bench) =>
    rawMove(bench, bytesOf(bench.c).length + 4),
  ),
  refusing('length-short', 'a TransportID length under 24', ILLEGAL, (bench) => rawMove(bench, 20)),
  refusing('length-odd', 'a TransportID length that is no multiple of 4', ILLEGAL, (bench) =>
    move(bench, { transportId: Uint8Array.from([...bytesOf(bench.c), 0]) }),
  ),
  ...BROKEN.map(({ id, words, of }) =>
    refusing(`transport-id.${id}`, `a TransportID with ${words}`, ILLEGAL, (bench) =>
      move(bench, { transportId: of(bytesOf(bench.c)) }),
    ),
  ),
];

/** REGISTER AND MOVE by the holder: where the reservation goes, and what is refused (C3, C10). */
export const REGISTER_AND_MOVE_CASES: readonly ConformanceCase[] = [...moving, ...refused];
