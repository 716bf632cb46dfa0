import {
  BASIC_PARAMETER_LIST_LENGTH_BYTES,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  reservationTypeOfCode,
  type ItNexusId,
  type ReservationType,
  type Sense,
} from '../../protocol/index.js';
import type {
  PersistentReserveOutRequest,
  Registration,
  ReservationContext,
  ReservationState,
} from './types.js';

/** A PERSISTENT RESERVE OUT command whose length was checked, as its service action sees it. */
export interface PersistentReserveOutCommand {
  readonly state: ReservationState;
  readonly request: PersistentReserveOutRequest;
  readonly context: ReservationContext;
  readonly sender: ItNexusId;
  /** The sender's registration, if it has one. */
  readonly own: Registration | undefined;
  /** RESERVATION KEY and SERVICE ACTION RESERVATION KEY: the same place in both parameter lists. */
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  /** The whole parameter list, PARAMETER LIST LENGTH bytes. */
  readonly list: Buffer;
}

/** Offsets of the basic parameter list (SPC-4 6.16.3); a test holds them to the declared layout. */
export const FLAGS_BYTE = 20;
export const SPEC_I_PT_BIT = 3;
export const ALL_TG_PT_BIT = 2;
export const APTPL_BIT = 0;
export const SERVICE_ACTION_RESERVATION_KEY_BYTE = 8;
export const ADDITIONAL_PARAMETER_DATA_BYTE = BASIC_PARAMETER_LIST_LENGTH_BYTES;

export function flag(list: Buffer, byte: number, bit: number): boolean {
  return ((list.readUInt8(byte) >> bit) & 1) === 1;
}

/** SCOPE and TYPE where they count: the type, or what is wrong (SPC-4 6.15.3.3, 6.15.3.4). */
export function readScopeAndType(
  request: PersistentReserveOutRequest,
): { readonly type: ReservationType } | { readonly problem: Sense } {
  // LU_SCOPE is the only scope that is not obsolete or reserved.
  if (request.scope !== 0) return { problem: invalidFieldInCdb({ byte: 2, bit: 7 }) };
  const type = reservationTypeOfCode(request.type);
  return type === undefined ? { problem: invalidFieldInCdb({ byte: 2, bit: 3 }) } : { type };
}

/** 05/26/00 where the device server cannot keep what APTPL=1 asks it to (SPC-4 6.16.3, 6.16.4). */
export function aptplProblem(command: PersistentReserveOutCommand, byte: number): Sense | undefined {
  const refused = flag(command.list, byte, APTPL_BIT) && !command.context.aptplSupported;
  return refused ? invalidFieldInParameterList({ byte, bit: APTPL_BIT }) : undefined;
}
