import { ATTENTION } from '../../attention-codes.js';
import { UNKNOWN_KEY } from '../../bench.js';
import { registerAndMove, reserveOut } from '../../command.js';
import { CONFLICT, INVALID_FIELD_IN_CDB, INVALID_RELEASE } from '../../expectation.js';
import { replaceLostReservation, reserveOutAction } from '../../needs.js';
import { bytesOf, likelyPortId } from '../transport-id-bytes.js';
import {
  byRegistered,
  conflict,
  good,
  holds,
  keyOf,
  NEW_KEY,
  nothing,
  otherType,
  tell,
  type Action,
  type Change,
} from './due.js';
import { preempting } from './preempting.js';
import { isAllRegistrants, isShared, type Cast, type Situation } from './situation.js';

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
      return situation.sender === 'unregistered' ? nothing('open') : good(leaving(cast, situation));
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
      situation.sender === 'unregistered' ? nothing('open') : good(leaving(cast, situation)),
  },
];

/** Table 67: a nexus without a registration has no key to give. */
const PRETENDING: readonly Action[] = [
  pretending('register-with-key', 'REGISTER of a key', NEW_KEY),
  pretending('unregister-with-key', 'REGISTER of no key', 0n),
];

function pretending(id: string, name: string, serviceActionReservationKey: bigint): Action {
  return {
    id,
    name: `${name} with the key of another as its own`,
    clause: 'SPC-4 5.13.7 table 67',
    needs: [],
    senders: ['unregistered'],
    command: ({ bystander }) =>
      reserveOut('register', { reservationKey: bystander.key, serviceActionReservationKey }),
    due: () => conflict,
  };
}

const RESERVING: readonly Action[] = [
  {
    id: 'reserve',
    name: 'RESERVE of the type that is held',
    clause: 'SPC-4 5.13.9',
    needs: [],
    command: (cast, situation, bench) =>
      reserveOut('reserve', {
        reservationKey: keyOf(cast, situation),
        type: situation.type ?? bench.anyType(),
      }),
    due: byRegistered(({ sender }, situation, bench) => {
      if (situation.type === null) {
        return good({ reservation: { holder: sender, type: bench.anyType() }, generation: 0 });
      }
      return holds(situation) ? nothing(0) : conflict;
    }),
  },
  {
    id: 'reserve-other-type',
    name: 'RESERVE of a type that is not held',
    clause: 'SPC-4 5.13.9',
    needs: [],
    command: (cast, situation, bench) =>
      reserveOut('reserve', {
        reservationKey: keyOf(cast, situation),
        type: otherType(situation, bench),
      }),
    due: byRegistered(({ sender }, situation, bench) =>
      situation.type === null
        ? good({ reservation: { holder: sender, type: otherType(situation, bench) }, generation: 0 })
        : conflict,
    ),
  },
  {
    id: 'release',
    name: 'RELEASE of the type that is held',
    clause: 'SPC-4 5.13.11.2.2',
    needs: [],
    command: (cast, situation, bench) =>
      reserveOut('release', {
        reservationKey: keyOf(cast, situation),
        type: situation.type ?? bench.anyType(),
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
    command: (cast, situation, bench) =>
      reserveOut('release', { reservationKey: keyOf(cast, situation), type: otherType(situation, bench) }),
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
  command: (cast, situation, bench) => {
    return registerAndMove({
      reservationKey: keyOf(cast, situation),
      serviceActionReservationKey: NEW_KEY,
      relativeTargetPortId: likelyPortId(bench, 0),
      transportId: bytesOf(cast.bystander),
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
  needs: [replaceLostReservation],
  command: (_, __, bench) =>
    reserveOut('replaceLostReservation', { serviceActionReservationKey: NEW_KEY, type: bench.anyType() }),
  // SPC-4 table 66: under a reservation an unregistered nexus conflicts, unless the loss was detected.
  due: (_, { sender, type }) => ({
    expected: sender === 'unregistered' && type !== null ? CONFLICT : INVALID_RELEASE,
  }),
};

/** Every service action of PERSISTENT RESERVE OUT, in the ways that differ (SPC-4 table 213). */
export const ACTIONS: readonly Action[] = [
  ...REGISTERING,
  ...PRETENDING,
  ...RESERVING,
  ...preempting('preempt', 'preempt', 'PREEMPT'),
  ...preempting('preemptAndAbort', 'preempt-and-abort', 'PREEMPT AND ABORT'),
  MOVING,
  REPLACING,
];
