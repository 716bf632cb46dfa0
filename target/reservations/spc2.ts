import type { ItNexusId } from '../../protocol/index.js';
import {
  checkCondition,
  good,
  persistentReservationInformationLost,
  reservationConflict,
  settled,
  type Transition,
} from './outcomes.js';
import { TYPE_TRAITS } from './state.js';
import type { ReservationOutcome, ReservationState } from './types.js';

/** RESERVE(6) and RESERVE(10), under the compatible reservation handling rules (SPC-4 5.13.3, CRH=1). */
export function reserve(state: ReservationState, nexus: ItNexusId): ReservationOutcome {
  return settled(
    state,
    judged(state, nexus, () => {
      const free = state.spc2Holder === null || state.spc2Holder === nexus;
      return free ? good({ ...state, spc2Holder: nexus }) : reservationConflict(state);
    }),
  );
}

/** RELEASE(6) and RELEASE(10); by a nexus that holds no such reservation it is GOOD and does nothing (SPC-2). */
export function release(state: ReservationState, nexus: ItNexusId): ReservationOutcome {
  return settled(
    state,
    judged(state, nexus, () => good(state.spc2Holder === nexus ? { ...state, spc2Holder: null } : state)),
  );
}

/** What persistent reservations say first; `act` where the logical unit has no registration. */
function judged(state: ReservationState, nexus: ItNexusId, act: () => Transition): Transition {
  if (state.reservationInformationLost) return checkCondition(state, persistentReservationInformationLost());
  if (state.registrations.size === 0) return act();
  // GOOD, though nothing is reserved or released.
  return sharesAccess(state, nexus) ? good(state) : reservationConflict(state);
}

/** Whether a registered nexus holds the persistent reservation, or shares the access of its holder. */
function sharesAccess({ reservation, registrations }: ReservationState, nexus: ItNexusId): boolean {
  if (reservation === null || !registrations.has(nexus)) return false;
  return reservation.holder === nexus || TYPE_TRAITS[reservation.type].admitsRegistrants;
}

/** I_T nexus loss: its RESERVE(6/10) is gone; registrations and the persistent reservation stay (SPC-4 5.13.1). */
export function nexusLost(state: ReservationState, nexus: ItNexusId): ReservationState {
  return state.spc2Holder === nexus ? { ...state, spc2Holder: null } : state;
}

/** Any reset: RESERVE(6/10) is gone; registrations and the persistent reservation stay (SPC-4 5.13.1). */
export function logicalUnitReset(state: ReservationState): ReservationState {
  return { ...state, spc2Holder: null };
}
