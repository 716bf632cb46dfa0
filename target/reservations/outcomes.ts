import { SCSI_STATUS, SENSE_KEY, type ItNexusId, type Sense } from '../../protocol/index.js';
import type { AttentionEffect, ReservationOutcome, ReservationState } from './types.js';

/** Unit attention conditions that reservations establish, all with ASC 2Ah (SPC-4 5.13.11). */
const PARAMETERS_CHANGED = 0x2a;
const RESERVATIONS_PREEMPTED = 0x03;
const RESERVATIONS_RELEASED = 0x04;
const REGISTRATIONS_PREEMPTED = 0x05;

const attention =
  (ascq: number) =>
  (nexus: ItNexusId): AttentionEffect => ({ nexus, asc: PARAMETERS_CHANGED, ascq });

/** 06/2A/03, after CLEAR. */
export const reservationsPreempted = attention(RESERVATIONS_PREEMPTED);
/** 06/2A/04, after a release, or after PREEMPT changed the type. */
export const reservationsReleased = attention(RESERVATIONS_RELEASED);
/** 06/2A/05, for a nexus whose registration PREEMPT removed. */
export const registrationsPreempted = attention(REGISTRATIONS_PREEMPTED);

/** 07/44/01: persistent reservation information was lost (SPC-4 5.13.5.3). */
export const persistentReservationInformationLost = (): Sense => ({
  key: SENSE_KEY.dataProtect,
  asc: 0x44,
  ascq: 0x01,
});

/** What a service action yields; whether it must be made durable is decided once, for all of them, by `settled`. */
export type Transition = Omit<ReservationOutcome, 'persist'>;

export function good(
  state: ReservationState,
  effects: { readonly attentions?: readonly AttentionEffect[]; readonly abort?: readonly ItNexusId[] } = {},
): Transition {
  return {
    state,
    status: SCSI_STATUS.good,
    attentions: effects.attentions ?? [],
    abort: effects.abort ?? [],
  };
}

/** RESERVATION CONFLICT; nothing changes. */
export function reservationConflict(state: ReservationState): Transition {
  return { state, status: SCSI_STATUS.reservationConflict, attentions: [], abort: [] };
}

/** CHECK CONDITION; nothing changes. */
export function checkCondition(state: ReservationState, sense: Sense): Transition {
  return { state, status: SCSI_STATUS.checkCondition, sense, attentions: [], abort: [] };
}

/** The outcome of a transition from `before`: with what must be durable before it is answered. */
export function settled(before: ReservationState, transition: Transition): ReservationOutcome {
  return { ...transition, persist: durablePartChanged(before, transition.state) };
}

/** PRGENERATION and RESERVE(6/10) never survive power loss (SPC-4 6.15.2), the rest does with APTPL=1. */
function durablePartChanged(before: ReservationState, after: ReservationState): boolean {
  if (before.reservationInformationLost !== after.reservationInformationLost) return true;
  if (before.persistThroughPowerLoss !== after.persistThroughPowerLoss) return true;
  if (!after.persistThroughPowerLoss) return false;
  return (
    before.reservation?.type !== after.reservation?.type ||
    before.reservation?.holder !== after.reservation?.holder ||
    !sameRegistrations(before, after)
  );
}

function sameRegistrations(before: ReservationState, after: ReservationState): boolean {
  if (before.registrations.size !== after.registrations.size) return false;
  for (const [id, { key }] of before.registrations) {
    if (after.registrations.get(id)?.key !== key) return false;
  }
  return true;
}
