import type { ItNexusId } from '../../protocol/index.js';
import type { CommandRow, Verdict } from '../commands/command.js';
import { COMMAND_ROWS } from '../commands/rows/index.js';
import {
  logicalUnitReset,
  nexusLost,
  persistentReserveIn,
  persistentReserveOut,
  release,
  reserve,
  restored,
  type DurableReservations,
  type PersistentReserveInOutcome,
} from '../reservations/index.js';
import type {
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from '../reservations/types.js';
import { refusedBy } from './reservation-admission.js';
import type { Task } from './task.js';

/** What PERSISTENT RESERVE IN is asked with. */
export interface PersistentReserveInContext extends ReservationContext {
  /** The device server cuts the data there itself, whatever an outcome yields. */
  readonly allocationLength: number;
}

/**
 * Everything that a device server decides about reservations. `STANDARD_BEHAVIOUR` decides as the standard says; a quirk
 * stands before it and decides otherwise, as some array does.
 */
export interface DeviceBehaviour {
  /** The table of commands. */
  readonly rows: readonly CommandRow[];
  readonly persistentReserveOut: (
    state: ReservationState,
    request: PersistentReserveOutRequest,
    context: ReservationContext,
  ) => ReservationOutcome;
  readonly persistentReserveIn: (
    state: ReservationState,
    serviceAction: number,
    context: PersistentReserveInContext,
  ) => PersistentReserveInOutcome;
  /** RESERVE(6/10). */
  readonly reserve: (state: ReservationState, nexus: ItNexusId) => ReservationOutcome;
  /** RELEASE(6/10). */
  readonly release: (state: ReservationState, nexus: ItNexusId) => ReservationOutcome;
  /** What reservations answer to a command as it enters; asked only in a state that can refuse one. */
  readonly refusedBy: (
    state: ReservationState,
    row: CommandRow,
    task: Task,
  ) => Exclude<Verdict, 'good' | 'pending'> | null;
  readonly nexusLost: (state: ReservationState, nexus: ItNexusId) => ReservationState;
  readonly logicalUnitReset: (state: ReservationState) => ReservationState;
  /** At power on, with what was durable. */
  readonly restored: (durable: DurableReservations) => ReservationState;
  /** The unit attention condition, ASC * 256 + ASCQ, that is established where `code` should be; null: none. */
  readonly attention: (code: number, nexus: ItNexusId) => number | null;
  /** Unit attention conditions that are kept for a nexus; one more drops the oldest. */
  readonly attentionsMax: number;
}

export const STANDARD_BEHAVIOUR: DeviceBehaviour = {
  rows: COMMAND_ROWS,
  persistentReserveOut,
  persistentReserveIn,
  reserve,
  release,
  refusedBy,
  nexusLost,
  logicalUnitReset,
  restored,
  attention: (code) => code,
  attentionsMax: Infinity,
};
