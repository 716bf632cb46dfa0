import { encodeTransportId, type ReservationType } from '../../../../protocol/index.js';
import type { Actor } from '../../actor.js';
import { ATTENTION } from '../../attention-codes.js';
import { UNKNOWN_KEY, type Bench } from '../../bench.js';
import { registerAndMove, reserveOut, type Command } from '../../command.js';
import {
  CONFLICT,
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETER_LIST,
  INVALID_RELEASE,
  type Expected,
} from '../../expectation.js';
import { reserveOutAction, type Need } from '../../needs.js';
import { isAllRegistrants, isShared, otherType, type Cast, type Situation } from './situation.js';

/** A key that a service action registers anew. */
export const NEW_KEY = 0x66656e6300000bffn;

/** What a service action leads to where it is GOOD. */
export interface Change {
  /** The sender's key afterwards; null: it is not registered. Absent: as before. */
  readonly senderKey?: bigint | null;
  /** Others whose keys are changed. */
  readonly otherKeys?: ReadonlyMap<Actor, bigint>;
  /** Others who are not registered any more. */
  readonly gone?: readonly Actor[];
  /** Absent: as before. */
  readonly reservation?: { readonly holder: Actor; readonly type: ReservationType } | null;
  /** Who hears what; everybody else hears nothing. */
  readonly attentions?: ReadonlyMap<Actor, number>;
  /** How much PRGENERATION rises. */
  readonly generation: number;
}

/** What must come of a service action: its status, and where that is GOOD what has changed. */
export type Due =
  | { readonly expected: Expected | readonly Expected[]; readonly question?: string }
  | { readonly change: Change };

/** One way to use a service action, in every situation. */
export interface Action {
  /** The beginning of a case id. */
  readonly id: string;
  readonly name: string;
  readonly clause: string;
  readonly needs: readonly Need[];
  /** Which target it is known to kill in this situation. */
  readonly fragile?: (situation: Situation) => string | undefined;
  readonly command: (cast: Cast, situation: Situation, bench: Bench) => Command;
  readonly due: (cast: Cast, situation: Situation, bench: Bench) => Due;
}

const conflict: Due = { expected: CONFLICT };
const good = (change: Change): Due => ({ change });
const nothing = (generation: number): Due => good({ generation });

/** RESERVATION KEY as the sender gives it. */
const keyOf = ({ sender }: Cast, { sender: how }: Situation): bigint =>
  how === 'unregistered' ? 0n : how === 'wrong-key' ? UNKNOWN_KEY : sender.key;

/** Most service actions: who is not registered, or gives another key, meets a conflict (SPC-4 6.16.3). */
const byRegistered =
  (due: Action['due']): Action['due'] =>
  (cast, situation, bench) =>
    situation.sender === 'unregistered' || situation.sender === 'wrong-key'
      ? conflict
      : due(cast, situation, bench);

const holds = ({ sender, type }: Situation): boolean => sender === 'holder' && type !== null;
const tell = (actors: readonly Actor[], code: number): ReadonlyMap<Actor, number> =>
  new Map(actors.map((actor) => [actor, code]));

/** The sender leaves: a reservation that it alone holds goes with it (SPC-4 5.13.10, 5.13.11.2.3). */
function leaving({ others }: Cast, situation: Situation): Change {
  const released = holds(situation) && !isAllRegistrants(situation.type);
  const told = released && isShared(situation.type);
  return {
    senderKey: null,
    generation: 1,
    ...(released ? { reservation: null } : {}),
    ...(told ? { attentions: tell(others, ATTENTION.reservationsReleased) } : {}),
  };
}

const REGISTERING: readonly Action[] = [
  {
    id: 'register',
    name: 'REGISTER of a key',
    clause: 'SPC-4 5.13.7 table 67',
    needs: [],
    command: (cast, situation) =>
      reserveOut('register', {
        reservationKey: keyOf(cast, situation),
        serviceActionReservationKey: NEW_KEY,
      }),
    due: (_, { sender }) => (sender === 'wrong-key' ? conflict : good({ senderKey: NEW_KEY, generation: 1 })),
  },
  {
    id: 'unregister',
    name: 'REGISTER of no key',
    clause: 'SPC-4 5.13.7 table 67, 5.13.11.2.3',
    needs: [],
    command: (cast, situation) => reserveOut('register', { reservationKey: keyOf(cast, situation) }),
    due: (cast, situation) => {
      if (situation.sender === 'wrong-key') return conflict;
      return situation.sender === 'unregistered' ? nothing(1) : good(leaving(cast, situation));
    },
  },
  {
    id: 'register-and-ignore',
    name: 'REGISTER AND IGNORE EXISTING KEY of a key',
    clause: 'SPC-4 5.13.7 tables 68 and 69',
    needs: [],
    command: () =>
      reserveOut('registerAndIgnoreExistingKey', {
        reservationKey: UNKNOWN_KEY,
        serviceActionReservationKey: NEW_KEY,
      }),
    due: () => good({ senderKey: NEW_KEY, generation: 1 }),
  },
  {
    id: 'unregister-and-ignore',
    name: 'REGISTER AND IGNORE EXISTING KEY of no key',
    clause: 'SPC-4 5.13.7 tables 68 and 69, 5.13.11.2.3',
    needs: [],
    command: () => reserveOut('registerAndIgnoreExistingKey', { reservationKey: UNKNOWN_KEY }),
    due: (cast, situation) =>
      situation.sender === 'unregistered' ? nothing(1) : good(leaving(cast, situation)),
  },
];

const RESERVING: readonly Action[] = [
  {
    id: 'reserve',
    name: 'RESERVE of the type that is held',
    clause: 'SPC-4 5.13.9',
    needs: [],
    command: (cast, situation) =>
      reserveOut('reserve', {
        reservationKey: keyOf(cast, situation),
        type: situation.type ?? 'writeExclusiveRegistrantsOnly',
      }),
    due: byRegistered(({ sender }, situation) => {
      if (situation.type === null) {
        return good({
          reservation: { holder: sender, type: 'writeExclusiveRegistrantsOnly' },
          generation: 0,
        });
      }
      return holds(situation) ? nothing(0) : conflict;
    }),
  },
  {
    id: 'reserve-other-type',
    name: 'RESERVE of a type that is not held',
    clause: 'SPC-4 5.13.9',
    needs: [],
    command: (cast, situation) =>
      reserveOut('reserve', {
        reservationKey: keyOf(cast, situation),
        type: otherType(situation.type ?? 'writeExclusive'),
      }),
    due: byRegistered(({ sender }, { type }) =>
      type === null
        ? good({ reservation: { holder: sender, type: otherType('writeExclusive') }, generation: 0 })
        : conflict,
    ),
  },
  {
    id: 'release',
    name: 'RELEASE of the type that is held',
    clause: 'SPC-4 5.13.11.2.2',
    needs: [],
    command: (cast, situation) =>
      reserveOut('release', {
        reservationKey: keyOf(cast, situation),
        type: situation.type ?? 'writeExclusive',
      }),
    due: byRegistered(({ others }, situation, { facts }) => {
      if (!holds(situation)) return nothing(0);
      const told = isShared(situation.type) && !facts.noUnitAttentionOnRelease;
      return good({
        reservation: null,
        generation: 0,
        ...(told ? { attentions: tell(others, ATTENTION.reservationsReleased) } : {}),
      });
    }),
  },
  {
    id: 'release-other-type',
    name: 'RELEASE of a type that is not held',
    clause: 'SPC-4 5.13.11.2.2',
    needs: [],
    command: (cast, situation) =>
      reserveOut('release', {
        reservationKey: keyOf(cast, situation),
        type: otherType(situation.type ?? 'writeExclusive'),
      }),
    due: byRegistered((_, situation) => (holds(situation) ? { expected: INVALID_RELEASE } : nothing(0))),
  },
  {
    id: 'clear',
    name: 'CLEAR',
    clause: 'SPC-4 5.13.11.2.7',
    needs: [],
    command: (cast, situation) => reserveOut('clear', { reservationKey: keyOf(cast, situation) }),
    due: byRegistered(({ others }) =>
      good({
        senderKey: null,
        gone: others,
        reservation: null,
        attentions: tell(others, ATTENTION.reservationsPreempted),
        generation: 1,
      }),
    ),
  },
];

/** PREEMPT and PREEMPT AND ABORT differ in what they abort, which other cases try. */
function preempting(action: 'preempt' | 'preemptAndAbort', id: string, name: string): readonly Action[] {
  const clause = 'SPC-4 5.13.11.2.4, 5.13.11.2.5 and table 72';
  const needs = [reserveOutAction(action)];
  /** The type that the sender asks for. */
  const asked = ({ type }: Situation): ReservationType => otherType(type ?? 'writeExclusive');
  const of =
    (key: (cast: Cast, bench: Bench) => bigint): Action['command'] =>
    (cast, situation, bench) =>
      reserveOut(action, {
        reservationKey: keyOf(cast, situation),
        serviceActionReservationKey: key(cast, bench),
        type: asked(situation),
      });
  /** The sender takes the reservation; those with the key are gone, and who stays hears that the type changed. */
  const taking = ({ sender, others }: Cast, situation: Situation, gone: readonly Actor[]): Due =>
    good({
      gone,
      reservation: { holder: sender, type: asked(situation) },
      attentions: new Map(
        others.map((other) => [
          other,
          gone.includes(other) ? ATTENTION.registrationsPreempted : ATTENTION.reservationsReleased,
        ]),
      ),
      generation: 1,
    });
  const removing = (gone: readonly Actor[]): Due =>
    good({ gone, attentions: tell(gone, ATTENTION.registrationsPreempted), generation: 1 });
  return [
    {
      id: `${id}.bystander`,
      name: `${name} of the key of one who does not hold alone`,
      clause,
      needs,
      command: of(({ bystander }) => bystander.key),
      due: byRegistered(({ bystander }) => removing([bystander])),
    },
    {
      id: `${id}.holder`,
      name: `${name} of the key of A, which holds what is held`,
      clause,
      needs,
      command: of((_, { a }) => a.key),
      due: byRegistered((cast, situation, { a }) => {
        const alone = situation.type !== null && !isAllRegistrants(situation.type);
        if (cast.sender !== a) return alone ? taking(cast, situation, [a]) : removing([a]);
        return alone ? taking(cast, situation, []) : good({ senderKey: null, generation: 1 });
      }),
    },
    {
      id: `${id}.own-key`,
      name: `${name} of the sender's own key`,
      clause,
      needs,
      command: of(({ sender }) => sender.key),
      due: byRegistered((cast, situation) =>
        holds(situation) && !isAllRegistrants(situation.type)
          ? taking(cast, situation, [])
          : good({ senderKey: null, generation: 1 }),
      ),
    },
    {
      id: `${id}.unknown-key`,
      name: `${name} of a key that nobody has`,
      clause,
      needs,
      command: of(() => UNKNOWN_KEY),
      due: byRegistered(() => conflict),
    },
    {
      id: `${id}.zero`,
      name: `${name} of key 0`,
      clause,
      needs,
      command: of(() => 0n),
      due: byRegistered((cast, situation) => {
        if (isAllRegistrants(situation.type)) return taking(cast, situation, cast.others);
        if (situation.type !== null) return { expected: INVALID_FIELD_IN_PARAMETER_LIST };
        return {
          expected: [CONFLICT, INVALID_FIELD_IN_PARAMETER_LIST],
          question: `${name} with SERVICE ACTION RESERVATION KEY 0 and no reservation`,
        };
      }),
    },
  ];
}

const MOVING: Action = {
  id: 'register-and-move',
  name: 'REGISTER AND MOVE to a registered nexus',
  clause: 'SPC-4 5.13.8 table 70',
  needs: [
    reserveOutAction('registerAndMove'),
    (_, { ownsSessions }) =>
      ownsSessions ? undefined : 'the TransportIDs of the nexuses are not known: an iscsi:// URL is needed',
  ],
  fragile: ({ type }) => (type === null ? 'tgt 1.0.85 crashes where nobody holds a reservation' : undefined),
  command: (cast, situation, { facts }) => {
    const { transportId } = cast.bystander;
    if (transportId === undefined) throw new Error('the TransportID of the destination is not known');
    return registerAndMove({
      reservationKey: keyOf(cast, situation),
      serviceActionReservationKey: NEW_KEY,
      relativeTargetPortId: facts.relativeTargetPortIds[0] ?? 1,
      transportId: encodeTransportId(transportId),
    });
  },
  due: (cast, situation, { level }) => {
    const { sender, type } = situation;
    if (sender === 'unregistered') {
      return { expected: level === 'spc3' ? [CONFLICT, INVALID_FIELD_IN_CDB] : CONFLICT };
    }
    if (sender === 'wrong-key') return conflict;
    if (type === null) {
      return {
        expected: [INVALID_FIELD_IN_CDB, CONFLICT],
        question: 'REGISTER AND MOVE without a reservation',
      };
    }
    if (!holds(situation) || isAllRegistrants(type)) return conflict;
    return good({
      otherKeys: new Map([[cast.bystander, NEW_KEY]]),
      reservation: { holder: cast.bystander, type },
      generation: 1,
    });
  },
};

const REPLACING: Action = {
  id: 'replace-lost',
  name: 'REPLACE LOST RESERVATION where nothing was lost',
  clause: 'SPC-4 5.13.11.3',
  needs: [reserveOutAction('replaceLostReservation')],
  command: () =>
    reserveOut('replaceLostReservation', { serviceActionReservationKey: NEW_KEY, type: 'writeExclusive' }),
  // SPC-4 table 66: under a reservation an unregistered nexus conflicts, unless the loss was detected.
  due: (_, { sender, type }) => ({
    expected: sender === 'unregistered' && type !== null ? CONFLICT : INVALID_RELEASE,
  }),
};

/** Every service action of PERSISTENT RESERVE OUT, in the ways that differ (SPC-4 table 213). */
export const ACTIONS: readonly Action[] = [
  ...REGISTERING,
  ...RESERVING,
  ...preempting('preempt', 'preempt', 'PREEMPT'),
  ...preempting('preemptAndAbort', 'preempt-and-abort', 'PREEMPT AND ABORT'),
  MOVING,
  REPLACING,
];
