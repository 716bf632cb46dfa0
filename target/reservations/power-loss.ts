import type { ItNexusId } from '../../protocol/index.js';
import { initialState } from './state.js';
import type { Registration, Reservation, ReservationState } from './types.js';

/** What is left of a state when power is lost. */
export type DurableReservations =
  /** APTPL was 0 at last, or nothing was ever stored. */
  | { readonly kind: 'none' }
  /** It was stored and cannot be read any more (SPC-4 5.13.5.3). */
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'kept';
      readonly registrations: ReadonlyMap<ItNexusId, Registration>;
      readonly reservation: Reservation | null;
    };

/** The part of a state that must be stored (SPC-4 5.13.5): all with APTPL=1, else nothing. */
export function durablePartOf(state: ReservationState): DurableReservations {
  if (state.reservationInformationLost) return { kind: 'lost' };
  if (!state.persistThroughPowerLoss) return { kind: 'none' };
  return { kind: 'kept', registrations: state.registrations, reservation: state.reservation };
}

/** The state after power on. PRGENERATION begins at 0 again, whatever was stored (SPC-4 6.15.2). */
export function restored(durable: DurableReservations): ReservationState {
  switch (durable.kind) {
    case 'none':
      return initialState();
    case 'lost':
      return { ...initialState(), reservationInformationLost: true };
    case 'kept':
      return {
        ...initialState(),
        registrations: durable.registrations,
        reservation: durable.reservation,
        persistThroughPowerLoss: true,
      };
  }
}
