import type { CommandRow, Verdict } from '../commands/command.js';
import {
  conflictsWithReservation,
  isReservedByAnother,
  isServedUnderSpc2Reservation,
  isServedWhileInformationLost,
  persistentReservationInformationLost,
} from '../reservations/index.js';
import type { ReservationState } from '../reservations/types.js';
import type { Task } from './task.js';

/** What reservations answer to a command as it enters, once and never again; null lets it pass (SPC-4 5.13.1). */
export function refusedBy(
  state: ReservationState,
  row: CommandRow,
  task: Task,
): Exclude<Verdict, 'good' | 'pending'> | null {
  const { cdb, attachment } = task;
  if (state.reservationInformationLost && !isServedWhileInformationLost(cdb)) {
    return persistentReservationInformationLost();
  }
  if (isReservedByAnother(state, attachment.nexusId) && !isServedUnderSpc2Reservation(cdb[0] as number)) {
    return 'reservationConflict';
  }
  const columns = row.columnsOf?.(cdb) ?? row.columns;
  return conflictsWithReservation(state, attachment.nexusId, columns) ? 'reservationConflict' : null;
}
