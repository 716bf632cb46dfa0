import {
  OPERATION_CODE,
  RESERVATION_TYPE_NAME,
  SCSI_STATUS,
  additionalSenseName,
  decodeSense,
  iscsiOpcodeName,
  itNexusId,
  loginResponseLayout,
  rejectLayout,
  rejectReasonName,
  scsiStatusName,
  senseKeyName,
} from '../../protocol/index.js';
import type { ItNexus, ItNexusId, Sense } from '../../protocol/index.js';
import { COMMAND_ROWS } from '../commands/rows/index.js';
import { commandTable } from '../commands/table.js';
import type { ReservationState } from '../reservations/types.js';

// What a frame of a capture says to people beside its bytes.

/** A SCSI command whose answer is awaited. */
export interface CommandSeen {
  /** -1: no LUN. */
  readonly lun: number;
  readonly cdb: Uint8Array;
  /** What it made of the reservations. */
  changedTo?: ReservationState;
}

/** The reservations of a LUN now, as a nexus numbers it; undefined where there is no such LUN. */
export type ReservationsOf = (nexus: ItNexus, lun: number) => ReservationState | undefined;

const COMMANDS = commandTable(COMMAND_ROWS);

/** Commands of SPC-2 reservations, which no state of their own accounts for. */
const RESERVE_AND_RELEASE: ReadonlySet<number> = new Set([
  OPERATION_CODE.reserve6,
  OPERATION_CODE.release6,
  OPERATION_CODE.reserve10,
  OPERATION_CODE.release10,
]);

/** So many registrations are named; a target can have thousands. */
const REGISTRATIONS_NAMED_MAX = 16;

/** What there is to say of the answer to a command: that it changed a reservation, or was refused. */
export function answerComment(
  command: CommandSeen,
  status: number,
  sense: Uint8Array,
  nexus: ItNexus,
  reservationsOf: ReservationsOf,
): string | undefined {
  const what = `${commandName(command.cdb)} by ${nexusText(itNexusId(nexus))}, LUN ${command.lun}`;
  const now = command.changedTo ?? reservationsOf(nexus, command.lun);
  const held = now === undefined ? '' : `; now ${reservationsText(now)}`;
  if (status === SCSI_STATUS.good || status === SCSI_STATUS.conditionMet) {
    const changes = command.changedTo !== undefined || RESERVE_AND_RELEASE.has(command.cdb[0] ?? 0);
    return changes ? `${what}${held}` : undefined;
  }
  // The outcome first: lists of comments cut them off.
  if (status === SCSI_STATUS.reservationConflict) return `RESERVATION CONFLICT: ${what}${held}`;
  if (status !== SCSI_STATUS.checkCondition) return `${scsiStatusName(status)}: ${what}`;
  const decoded = decodeSense(sense);
  return `CHECK CONDITION, ${decoded === undefined ? 'no sense data' : senseText(decoded)}: ${what}`;
}

/** `LOGIN REFUSED (02/01)` and whom it is about; `start` is where the Login Response begins. */
export function loginRefusalComment(bytes: Uint8Array, start: number, refusal: string): string {
  const { statusClass, statusDetail } = loginResponseLayout.decode(bytes, start);
  return `LOGIN REFUSED (${hex2(statusClass)}/${hex2(statusDetail)})${refusal}`;
}

/** What was rejected and why; `dataStart` is where the Reject has the header of the PDU that it is about. */
export function rejectComment(bytes: Uint8Array, start: number, dataStart: number): string {
  const { reason } = rejectLayout.decode(bytes, start);
  return `REJECT (${hex2(reason)}h), ${rejectReasonName(reason)}: ${iscsiOpcodeName(bytes[dataStart] ?? 0)}`;
}

function commandName(cdb: Uint8Array): string {
  const found = COMMANDS.find(cdb);
  if (typeof found !== 'string') return found.name;
  return `operation code ${hex2(cdb[0] ?? 0)}h`;
}

/** `Unit Attention, Reservations preempted (06/2A/03)`, and the field that was wrong. */
function senseText({ key, asc, ascq, fieldPointer }: Sense): string {
  const name = additionalSenseName(asc, ascq);
  const words = name === undefined ? senseKeyName(key) : `${senseKeyName(key)}, ${name}`;
  const codes = [key, asc, ascq].map(hex2).join('/');
  if (fieldPointer === undefined) return `${words} (${codes})`;
  const { byte, bit } = fieldPointer;
  const place = bit === undefined ? `byte ${byte}` : `byte ${byte} bit ${bit}`;
  return `${words} (${codes}), ${place} of the ${fieldPointer.in === 'cdb' ? 'CDB' : 'parameter list'}`;
}

/** Who holds what, and who is registered. */
function reservationsText(state: ReservationState): string {
  const { reservation, registrations, spc2Holder } = state;
  const parts: string[] = [];
  if (spc2Holder !== null) parts.push(`reserved by ${nexusText(spc2Holder)} as in SPC-2`);
  if (reservation === null) parts.push('no persistent reservation');
  else {
    const holder = reservation.holder === null ? 'every registrant' : nexusText(reservation.holder);
    parts.push(`${RESERVATION_TYPE_NAME[reservation.type]}, held by ${holder}`);
  }
  const named = [...registrations].slice(0, REGISTRATIONS_NAMED_MAX);
  const more = registrations.size - named.length;
  const keys = named.map(([nexusId, { key }]) => `0x${key.toString(16)} of ${nexusText(nexusId)}`);
  if (more > 0) keys.push(`${more} more`);
  parts.push(registrations.size === 0 ? 'nobody registered' : `registered: ${keys.join(', ')}`);
  return `${parts.join('; ')}; PRGENERATION ${state.prGeneration}`;
}

/** `<initiator port>@1` as words. */
function nexusText(nexusId: ItNexusId): string {
  return nexusId.replace(/@(\d+)$/, ' at target port $1');
}

const hex2 = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase();
