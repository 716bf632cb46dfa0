import { transportIdName } from '../../../protocol/index.js';
import type { Actor } from '../actor.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveOut, type ReserveOutFields } from '../command.js';
import { CONFLICT, GOOD, receivedInWords } from '../expectation.js';
import {
  allTgPt,
  ownSessions,
  reservationType,
  reserveInAction,
  secondTargetPort,
  specIPt,
  type Need,
} from '../needs.js';
import { bytesOf, portId, transportIdOf } from './transport-id-bytes.js';
import { NEW_KEY } from './valid-actions.js';

const CLAUSE = 'SPC-4 5.13.7, 6.16.3';
const NEEDS: readonly Need[] = [allTgPt, secondTargetPort];

/** A no-op by whoever is registered with the key; a conflict by everybody else. */
const probe = (bench: Bench, reservationKey: bigint): ReturnType<typeof reserveOut> =>
  reserveOut('release', { reservationKey, type: bench.anyType() });

async function expectRegistered(bench: Bench, key: bigint, ...actors: readonly Actor[]): Promise<void> {
  for (const actor of actors) await actor.expect(GOOD, probe(bench, key));
}

async function expectUnregistered(bench: Bench, key: bigint, ...actors: readonly Actor[]): Promise<void> {
  for (const actor of actors) await actor.expect(CONFLICT, probe(bench, key));
}

const register = ({ a }: Bench, fields: ReserveOutFields): Promise<unknown> =>
  a.expect(GOOD, reserveOut('register', fields));

/** A through every target port, with its own key. */
const registerEverywhere = (bench: Bench): Promise<unknown> =>
  register(bench, { serviceActionReservationKey: bench.a.key, allTgPt: true });

/** REGISTER through every target port at once (C3). */
export const ALL_TG_PT_CASES: readonly ConformanceCase[] = [
  {
    id: 'all-tg-pt.registers',
    title: 'REGISTER with ALL_TG_PT=1 registers its initiator port at every target port, and nobody else',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2, b } = bench;
      await bench.expectGeneration(1, () => registerEverywhere(bench));
      await expectRegistered(bench, a.key, a, a2);
      await expectUnregistered(bench, a.key, b);
      for (const actor of [a, a2, b]) await actor.expectAttentions();
    },
  },
  {
    id: 'all-tg-pt.register-and-ignore',
    title:
      'REGISTER AND IGNORE EXISTING KEY with ALL_TG_PT=1 registers at every target port, whatever key was there',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a2);
      const sent = reserveOut('registerAndIgnoreExistingKey', {
        serviceActionReservationKey: NEW_KEY,
        allTgPt: true,
      });
      await bench.expectGeneration(1, () => a.expect(GOOD, sent));
      await expectRegistered(bench, NEW_KEY, a, a2);
    },
  },
  {
    id: 'all-tg-pt.not-set',
    title: 'REGISTER with ALL_TG_PT=0 registers at the target port that received it only',
    clause: CLAUSE,
    needs: [secondTargetPort],
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a);
      await expectRegistered(bench, a.key, a);
      await expectUnregistered(bench, a.key, a2);
      await bench.expectRegistered(a);
    },
  },
  {
    id: 'all-tg-pt.other-nexus',
    title:
      'A nexus that ALL_TG_PT=1 registered is one of its own: it can reserve, and the other does not hold',
    clause: 'SPC-4 5.13.1, 5.13.9',
    needs: [...NEEDS, reservationType('exclusiveAccess')],
    run: async (bench) => {
      const { a, a2 } = bench;
      await registerEverywhere(bench);
      const reserve = reserveOut('reserve', { reservationKey: a.key, type: 'exclusiveAccess' });
      await a2.expect(GOOD, reserve);
      await a.expect(CONFLICT, reserve);
      await bench.expectReservation({ key: a.key, type: 'exclusiveAccess' });
    },
  },
  {
    id: 'all-tg-pt.changes-key',
    title: 'REGISTER with ALL_TG_PT=1 changes the key at every target port',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2 } = bench;
      await registerEverywhere(bench);
      const fields = { reservationKey: a.key, serviceActionReservationKey: NEW_KEY, allTgPt: true };
      await bench.expectGeneration(1, () => register(bench, fields));
      await expectRegistered(bench, NEW_KEY, a, a2);
    },
  },
  {
    id: 'all-tg-pt.changes-one-key',
    title: 'REGISTER with ALL_TG_PT=0 changes the key at its own target port only',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2 } = bench;
      await registerEverywhere(bench);
      await register(bench, { reservationKey: a.key, serviceActionReservationKey: NEW_KEY });
      await expectRegistered(bench, NEW_KEY, a);
      await expectRegistered(bench, a.key, a2);
    },
  },
  {
    id: 'all-tg-pt.unregisters',
    title: 'REGISTER of no key with ALL_TG_PT=1 unregisters at every target port',
    clause: 'SPC-4 5.13.11.2.3, 6.16.3',
    needs: NEEDS,
    run: async (bench) => {
      const { a } = bench;
      await registerEverywhere(bench);
      await bench.expectGeneration(1, () => register(bench, { reservationKey: a.key, allTgPt: true }));
      await bench.expectRegistered();
    },
  },
  {
    id: 'all-tg-pt.unregisters-one',
    title: 'REGISTER of no key with ALL_TG_PT=0 unregisters at its own target port only',
    clause: 'SPC-4 5.13.11.2.3, 6.16.3',
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2 } = bench;
      await registerEverywhere(bench);
      await register(bench, { reservationKey: a.key });
      await expectUnregistered(bench, a.key, a);
      await expectRegistered(bench, a.key, a2);
    },
  },
  {
    id: 'all-tg-pt.other-key-elsewhere',
    title:
      'REGISTER with ALL_TG_PT=1 where another key is registered at another target port: open, and all or nothing',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, a2 } = bench;
      await bench.register(a2);
      const received = await a.expect(
        [GOOD, CONFLICT],
        reserveOut('register', { serviceActionReservationKey: NEW_KEY, allTgPt: true }),
      );
      bench.choose('ALL_TG_PT=1 where another target port has another key', receivedInWords(received));
      if ('result' in received && received.result.status === 0) await expectRegistered(bench, NEW_KEY, a);
      else await bench.expectRegistered(a2);
    },
  },
  {
    id: 'all-tg-pt.full-status',
    title: 'READ FULL STATUS tells of every target port: a descriptor for each, or one with ALL_TG_PT=1',
    clause: 'SPC-4 6.15.5',
    needs: [...NEEDS, reserveInAction('readFullStatus')],
    run: async (bench) => {
      await registerEverywhere(bench);
      const found = await bench.fullStatus();
      for (const index of [0, 1] as const) {
        const id = portId(bench, index);
        const told = found.some((one) => one.allTgPt || one.relativeTargetPortId === id);
        bench.expectEqual(`a descriptor for target port ${id}`, told, true);
      }
    },
  },
  {
    id: 'all-tg-pt.spec-i-pt',
    title:
      'With SPEC_I_PT=1 too each listed initiator port is registered at every target port, by one request',
    clause: CLAUSE,
    needs: [...NEEDS, ownSessions, specIPt, reserveInAction('readFullStatus')],
    run: async (bench) => {
      const { a, b } = bench;
      const fields = {
        serviceActionReservationKey: a.key,
        allTgPt: true,
        transportIds: [bytesOf(b)],
      };
      await bench.expectGeneration(1, () => register(bench, fields));
      const ofB = (await bench.fullStatus()).filter(
        ({ transportId }) =>
          transportId !== undefined && transportIdName(transportId) === transportIdName(transportIdOf(b)),
      );
      for (const index of [0, 1] as const) {
        const id = portId(bench, index);
        const told = ofB.some((one) => one.allTgPt || one.relativeTargetPortId === id);
        bench.expectEqual(`the listed port at target port ${id}`, told, true);
      }
    },
  },
];
