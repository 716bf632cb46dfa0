/**
 * The reservations of one logical unit: pure transitions over `ReservationState`. The shell around them carries out
 * what an outcome says, in the order that `ReservationOutcome` gives.
 */
export {
  conflictsWithReservation,
  isReservedByAnother,
  isServedUnderSpc2Reservation,
  isServedWhileInformationLost,
} from './conflicts.js';
export { PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX } from './limits.js';
export { persistentReserveOut } from './machine.js';
export { persistentReservationInformationLost } from './outcomes.js';
export { persistentReserveIn, type PersistentReserveInOutcome } from './persistent-reserve-in.js';
export { durablePartOf, restored, type DurableReservations } from './power-loss.js';
export { logicalUnitReset, nexusLost, release, reserve } from './spc2.js';
export { initialState, relationOf } from './state.js';
