import { invalidFieldInParameterList, type ItNexusId } from '../../protocol/index.js';
import {
  readScopeAndType,
  SERVICE_ACTION_RESERVATION_KEY_BYTE,
  type PersistentReserveOutCommand,
} from './command.js';
import {
  checkCondition,
  good,
  registrationsPreempted,
  reservationConflict,
  reservationsReleased,
  type Transition,
} from './outcomes.js';
import { nextGeneration, reservationOf, withoutRegistrations } from './state.js';
import type { Reservation } from './types.js';

/** PREEMPT by a registered nexus that gave its key (SPC-4 5.13.11.2.4, 5.13.11.2.5 and table 72). */
export function preempt(command: PersistentReserveOutCommand): Transition {
  const { state, serviceActionReservationKey: key } = command;
  const { reservation } = state;
  if (key === 0n) {
    // Zero stands for every other registrant under an all-registrants type and for nothing otherwise: decision 1.
    return reservation?.holder === null
      ? replace(command, reservation, new Set(state.registrations.keys()))
      : checkCondition(state, invalidFieldInParameterList({ byte: SERVICE_ACTION_RESERVATION_KEY_BYTE }));
  }
  const victims = registeredWith(command, key);
  if (victims.size === 0) return reservationConflict(state);
  return reservation !== null && [...victims].some((id) => id === reservation.holder)
    ? replace(command, reservation, victims)
    : removeOnly(command, victims);
}

/**
 * PREEMPT AND ABORT (SPC-4 5.13.11.2.6): PREEMPT, and the commands of every nexus with the key are aborted, whether it
 * holds the reservation or not; the sender's own too if it has that key, this command excepted.
 */
export function preemptAndAbort(command: PersistentReserveOutCommand): Transition {
  const preempted = preempt(command);
  if (preempted.state === command.state) return preempted;
  const { state, serviceActionReservationKey: key } = command;
  return {
    ...preempted,
    abort: key === 0n ? [...state.registrations.keys()] : [...registeredWith(command, key)],
  };
}

function registeredWith({ state }: PersistentReserveOutCommand, key: bigint): Set<ItNexusId> {
  const ids = new Set<ItNexusId>();
  for (const [id, registration] of state.registrations) {
    if (registration.key === key) ids.add(id);
  }
  return ids;
}

/** The sender takes the reservation with the TYPE it asks for, and keeps its registration whatever its key. */
function replace(
  command: PersistentReserveOutCommand,
  held: Reservation,
  victims: ReadonlySet<ItNexusId>,
): Transition {
  const { state, request, sender } = command;
  const asked = readScopeAndType(request);
  if ('problem' in asked) return checkCondition(state, asked.problem);
  const others = new Set([...victims].filter((id) => id !== sender));
  const remaining = withoutRegistrations(state, others);
  return good(
    {
      ...remaining,
      reservation: reservationOf(asked.type, sender),
      prGeneration: nextGeneration(state.prGeneration),
    },
    { attentions: attentionsOfReplacing(command, others, held.type !== asked.type) },
  );
}

function attentionsOfReplacing(
  { state, sender }: PersistentReserveOutCommand,
  others: ReadonlySet<ItNexusId>,
  typeChanged: boolean,
) {
  return [...state.registrations.keys()]
    .filter((id) => id !== sender && (others.has(id) || typeChanged))
    .map((id) => (others.has(id) ? registrationsPreempted(id) : reservationsReleased(id)));
}

/**
 * Only registrations go, the sender's own too if it has that key (SPC-4 5.13.11.2.5, at its end); SCOPE and TYPE are
 * not looked at. The reservation stays, unless it is an all-registrants one and nobody is left.
 */
function removeOnly(command: PersistentReserveOutCommand, victims: ReadonlySet<ItNexusId>): Transition {
  const { state, sender } = command;
  const after = withoutRegistrations(state, victims);
  return good(
    { ...after, prGeneration: nextGeneration(state.prGeneration) },
    { attentions: [...victims].filter((id) => id !== sender).map(registrationsPreempted) },
  );
}
