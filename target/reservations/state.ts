import type { ItNexusId, ReservationType } from '../../protocol/index.js';
import type { Registration, Reservation, ReservationRelation, ReservationState } from './types.js';

/** What a type means, beside which commands it keeps out (SPC-4 5.13.1, 6.15.3.4). */
export interface TypeTraits {
  /** Whether every registered nexus holds it, not only the one that reserved (SPC-4 5.13.10). */
  readonly heldByAll: boolean;
  /** Whether registered nexuses that do not hold it share its access. */
  readonly admitsRegistrants: boolean;
  /** Whether others may read: Write Exclusive types, as against Exclusive Access types. */
  readonly othersMayRead: boolean;
}

export const TYPE_TRAITS: Readonly<Record<ReservationType, TypeTraits>> = {
  writeExclusive: { heldByAll: false, admitsRegistrants: false, othersMayRead: true },
  exclusiveAccess: { heldByAll: false, admitsRegistrants: false, othersMayRead: false },
  writeExclusiveRegistrantsOnly: { heldByAll: false, admitsRegistrants: true, othersMayRead: true },
  exclusiveAccessRegistrantsOnly: { heldByAll: false, admitsRegistrants: true, othersMayRead: false },
  writeExclusiveAllRegistrants: { heldByAll: true, admitsRegistrants: true, othersMayRead: true },
  exclusiveAccessAllRegistrants: { heldByAll: true, admitsRegistrants: true, othersMayRead: false },
};

/** A logical unit that nobody ever registered with. */
export function initialState(): ReservationState {
  return {
    registrations: new Map(),
    reservation: null,
    prGeneration: 0,
    persistThroughPowerLoss: false,
    reservationInformationLost: false,
    spc2Holder: null,
  };
}

/** A reservation of `type` made by `nexus`; under an all-registrants type no one nexus holds it. */
export function reservationOf(type: ReservationType, nexus: ItNexusId): Reservation {
  return { type, holder: TYPE_TRAITS[type].heldByAll ? null : nexus };
}

/** How a nexus stands to the persistent reservation, if there is one. */
export function relationOf(state: ReservationState, nexus: ItNexusId): ReservationRelation {
  const { reservation, registrations } = state;
  if (reservation === null) return 'none';
  if (!registrations.has(nexus)) return 'unregistered';
  return reservation.holder === null || reservation.holder === nexus ? 'holder' : 'registered';
}

/** The reservation if `nexus` holds it, alone or as every registered nexus does; else null. */
export function heldBy(state: ReservationState, nexus: ItNexusId): Reservation | null {
  return relationOf(state, nexus) === 'holder' ? state.reservation : null;
}

/** PRGENERATION after a request that counts; 32 bits, wrapping (SPC-4 6.15.2). */
export function nextGeneration(prGeneration: number): number {
  return (prGeneration + 1) >>> 0;
}

/**
 * The state without the registrations of `leaving`. A reservation goes with the one nexus that holds it, or with the
 * last registrant (SPC-4 5.13.10).
 */
export function withoutRegistrations(
  state: ReservationState,
  leaving: ReadonlySet<ItNexusId>,
): ReservationState {
  const registrations = new Map<ItNexusId, Registration>();
  for (const [id, registration] of state.registrations) {
    if (!leaving.has(id)) registrations.set(id, registration);
  }
  const { reservation } = state;
  const stays =
    reservation !== null &&
    (reservation.holder === null ? registrations.size > 0 : registrations.has(reservation.holder));
  return { ...state, registrations, reservation: stays ? reservation : null };
}

/** Every registered nexus but `sender`, in the order of registration. */
export function registeredOthers(state: ReservationState, sender: ItNexusId): ItNexusId[] {
  return [...state.registrations.keys()].filter((id) => id !== sender);
}
