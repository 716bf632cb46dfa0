import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';

export const PERSISTENT_RESERVE_OUT_OPERATION_CODE = 0x5f;

/** PERSISTENT RESERVE OUT command (SPC-4 6.16.1). */
export const persistentReserveOutCdbLayout = layout(
  'PERSISTENT RESERVE OUT command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  bits({ scope: 4, type: 4 }),
  reserved(2),
  u32be('parameterListLength'),
  u8('control'),
);

/** Basic PERSISTENT RESERVE OUT parameter list (SPC-4 6.16.3). */
export const basicParameterListLayout = layout(
  'PERSISTENT RESERVE OUT parameter list',
  u64be('reservationKey'),
  u64be('serviceActionReservationKey'),
  reserved(4),
  bits({ reserved7: 4, specIPt: 1, allTgPt: 1, reserved1: 1, aptpl: 1 }),
  reserved(3),
);

/** What follows the basic list with SPEC_I_PT=1, before the TransportIDs (SPC-4 6.16.3). */
export const additionalParameterDataLayout = layout(
  'SPEC_I_PT additional parameter data',
  u32be('transportIdParameterDataLength'),
);

/** REGISTER AND MOVE parameter list, up to its TransportID (SPC-4 6.16.4). */
export const registerAndMoveParameterListLayout = layout(
  'REGISTER AND MOVE parameter list',
  u64be('reservationKey'),
  u64be('serviceActionReservationKey'),
  reserved(1),
  bits({ reserved7: 6, unreg: 1, aptpl: 1 }),
  u16be('relativeTargetPortId'),
  u32be('transportIdLength'),
);

/** Length of the basic list, and of REGISTER AND MOVE's before its TransportID. */
export const BASIC_PARAMETER_LIST_LENGTH_BYTES = basicParameterListLayout.lengthBytes;

export interface PersistentReserveOutCdb {
  readonly serviceAction: number;
  /** SCOPE; 0h, LU_SCOPE, is the only one there is. */
  readonly scope?: number | undefined;
  /** TYPE code. */
  readonly type?: number | undefined;
  readonly parameterListLength: number;
}

/** A PERSISTENT RESERVE OUT CDB, 10 bytes. Throws RangeError where a value does not fit into its field. */
export function persistentReserveOutCdb(command: PersistentReserveOutCdb): Uint8Array {
  return persistentReserveOutCdbLayout.toBytes({
    operationCode: PERSISTENT_RESERVE_OUT_OPERATION_CODE,
    serviceAction: command.serviceAction,
    scope: command.scope ?? 0,
    type: command.type ?? 0,
    parameterListLength: command.parameterListLength,
  });
}

export interface BasicParameterList {
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  readonly allTgPt?: boolean | undefined;
  readonly aptpl?: boolean | undefined;
  /** TransportIDs as bytes; given, even empty, it sets SPEC_I_PT. */
  readonly transportIds?: readonly Uint8Array[] | undefined;
}

/** The parameter list of every service action but REGISTER AND MOVE: 24 bytes, longer with SPEC_I_PT. */
export function basicParameterList(list: BasicParameterList): Uint8Array {
  const basic = basicParameterListLayout.toBytes({
    reservationKey: list.reservationKey,
    serviceActionReservationKey: list.serviceActionReservationKey,
    specIPt: list.transportIds === undefined ? 0 : 1,
    allTgPt: list.allTgPt === true ? 1 : 0,
    aptpl: list.aptpl === true ? 1 : 0,
  });
  if (list.transportIds === undefined) return basic;
  const transportIdParameterDataLength = list.transportIds.reduce((sum, id) => sum + id.length, 0);
  return concatenate([
    basic,
    additionalParameterDataLayout.toBytes({ transportIdParameterDataLength }),
    ...list.transportIds,
  ]);
}

export interface RegisterAndMoveParameterList {
  readonly reservationKey: bigint;
  readonly serviceActionReservationKey: bigint;
  /** Unregister the sender as well. */
  readonly unreg?: boolean | undefined;
  readonly aptpl?: boolean | undefined;
  /** The target port of the nexus that is to hold the reservation. */
  readonly relativeTargetPortId: number;
  /** The initiator port of that nexus, as bytes. */
  readonly transportId: Uint8Array;
}

export function registerAndMoveParameterList(list: RegisterAndMoveParameterList): Uint8Array {
  return concatenate([
    registerAndMoveParameterListLayout.toBytes({
      reservationKey: list.reservationKey,
      serviceActionReservationKey: list.serviceActionReservationKey,
      unreg: list.unreg === true ? 1 : 0,
      aptpl: list.aptpl === true ? 1 : 0,
      relativeTargetPortId: list.relativeTargetPortId,
      transportIdLength: list.transportId.length,
    }),
    list.transportId,
  ]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
