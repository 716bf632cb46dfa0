import type { ItNexusId, ReservationType } from '../../protocol/index.js';
import { relationOf, TYPE_TRAITS } from './state.js';
import type { ConflictColumns, ReservationRelation, ReservationState } from './types.js';

/**
 * Whether a command with these columns of SPC-4 tables 65-66 and SBC-4 table 13 meets RESERVATION CONFLICT when
 * `nexus` sends it. Commands marked `S` never do here, since they have no C: the state machine judges them.
 */
export function conflictsWithReservation(
  state: ReservationState,
  nexus: ItNexusId,
  columns: ConflictColumns,
): boolean {
  const { reservation } = state;
  // The usual case, and on the path of every READ and WRITE.
  if (reservation === null) return false;
  const relation = relationOf(state, nexus);
  return relation !== 'holder' && columns[columnOf(relation, reservation.type)] === 'C';
}

/** Write Exclusive, Exclusive Access, registered, unregistered under WE-, unregistered under EA- of RO and AR. */
function columnOf(relation: ReservationRelation, type: ReservationType): number {
  const { admitsRegistrants, othersMayRead } = TYPE_TRAITS[type];
  if (!admitsRegistrants) return othersMayRead ? 0 : 1;
  if (relation === 'registered') return 2;
  return othersMayRead ? 3 : 4;
}

/**
 * Whether another nexus holds a RESERVE(6/10) reservation: then every command of this one conflicts but those of
 * `isServedUnderSpc2Reservation`.
 */
export function isReservedByAnother(state: ReservationState, nexus: ItNexusId): boolean {
  return state.spc2Holder !== null && state.spc2Holder !== nexus;
}

const OPERATION_CODE = {
  requestSense: 0x03,
  inquiry: 0x12,
  reserve6: 0x16,
  release6: 0x17,
  startStopUnit: 0x1b,
  writeBuffer: 0x3b,
  readBuffer: 0x3c,
  logSense: 0x4d,
  reserve10: 0x56,
  release10: 0x57,
  persistentReserveIn: 0x5e,
  persistentReserveOut: 0x5f,
  reportLuns: 0xa0,
  maintenanceIn: 0xa3,
} as const;

/** SPC-2 5.5.1; the reservation and PR commands are judged by the state machine. */
const SERVED_UNDER_SPC2_RESERVATION: ReadonlySet<number> = new Set([
  OPERATION_CODE.inquiry,
  OPERATION_CODE.reportLuns,
  OPERATION_CODE.requestSense,
  OPERATION_CODE.reserve6,
  OPERATION_CODE.release6,
  OPERATION_CODE.reserve10,
  OPERATION_CODE.release10,
  OPERATION_CODE.persistentReserveIn,
  OPERATION_CODE.persistentReserveOut,
]);

/** Whether a command goes on though another nexus holds a RESERVE(6/10) reservation. */
export function isServedUnderSpc2Reservation(operationCode: number): boolean {
  return SERVED_UNDER_SPC2_RESERVATION.has(operationCode);
}

const always = (): boolean => true;
/** REPORT TARGET PORT GROUPS is service action 0Ah of MAINTENANCE IN. */
const reportsTargetPortGroups = (cdb: Uint8Array): boolean => ((cdb[1] ?? 0) & 0x1f) === 0x0a;
const startsTheUnit = (cdb: Uint8Array): boolean => (cdb[4] ?? 0) >> 4 === 0 && ((cdb[4] ?? 0) & 1) === 1;

/** SPC-4 5.13.5.2 and 5.13.5.3. The state machine itself tells REPLACE LOST RESERVATION from the other PR commands. */
const SERVED_WHILE_INFORMATION_LOST: ReadonlyMap<number, (cdb: Uint8Array) => boolean> = new Map([
  [OPERATION_CODE.inquiry, always],
  [OPERATION_CODE.logSense, always],
  [OPERATION_CODE.readBuffer, always],
  [OPERATION_CODE.reportLuns, always],
  [OPERATION_CODE.maintenanceIn, reportsTargetPortGroups],
  [OPERATION_CODE.requestSense, always],
  [OPERATION_CODE.startStopUnit, startsTheUnit],
  [OPERATION_CODE.writeBuffer, always],
  [OPERATION_CODE.persistentReserveIn, always],
  [OPERATION_CODE.persistentReserveOut, always],
]);

/**
 * Whether a command goes on though persistent reservation information was lost; any other ends with 07/44/01,
 * `persistentReservationInformationLost`.
 */
export function isServedWhileInformationLost(cdb: Uint8Array): boolean {
  return SERVED_WHILE_INFORMATION_LOST.get(cdb[0] ?? 0)?.(cdb) ?? false;
}
