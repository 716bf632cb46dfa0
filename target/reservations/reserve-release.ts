import { invalidReleaseOfPersistentReservation } from '../../protocol/index.js';
import { readScopeAndType, type PersistentReserveOutCommand } from './command.js';
import {
  checkCondition,
  good,
  reservationConflict,
  reservationsPreempted,
  reservationsReleased,
  type Transition,
} from './outcomes.js';
import { heldBy, nextGeneration, registeredOthers, reservationOf, TYPE_TRAITS } from './state.js';

/** RESERVE by a registered nexus that gave its key (SPC-4 5.13.9). */
export function reserve({ state, request, sender }: PersistentReserveOutCommand): Transition {
  const asked = readScopeAndType(request);
  if ('problem' in asked) return checkCondition(state, asked.problem);
  if (state.reservation === null) {
    return good({ ...state, reservation: reservationOf(asked.type, sender) });
  }
  return heldBy(state, sender)?.type === asked.type ? good(state) : reservationConflict(state);
}

/** RELEASE by a registered nexus that gave its key (SPC-4 5.13.11.2.2). */
export function release({ state, request, context, sender }: PersistentReserveOutCommand): Transition {
  const asked = readScopeAndType(request);
  if ('problem' in asked) return checkCondition(state, asked.problem);
  const held = heldBy(state, sender);
  if (held === null) return good(state);
  if (held.type !== asked.type) {
    return checkCondition(state, invalidReleaseOfPersistentReservation());
  }
  const told = TYPE_TRAITS[held.type].admitsRegistrants && !context.noUnitAttentionOnRelease;
  return good(
    { ...state, reservation: null },
    { attentions: told ? registeredOthers(state, sender).map(reservationsReleased) : [] },
  );
}

/** CLEAR by a registered nexus that gave its key (SPC-4 5.13.11.2.7). Commands that run go on running. */
export function clear({ state, sender }: PersistentReserveOutCommand): Transition {
  return good(
    {
      ...state,
      registrations: new Map(),
      reservation: null,
      prGeneration: nextGeneration(state.prGeneration),
    },
    { attentions: registeredOthers(state, sender).map(reservationsPreempted) },
  );
}
