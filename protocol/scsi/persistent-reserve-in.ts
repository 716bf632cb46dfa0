import { bits, layout, reserved, u16be, u32be, u64be, u8 } from '../layout.js';
import { RESERVATION_TYPE_CODE, type ReservationType } from './persistent-reserve-codes.js';
import { decodeTransportId } from './transport-id-bytes.js';
import type { TransportId } from './transport-id.js';

export const PERSISTENT_RESERVE_IN_OPERATION_CODE = 0x5e;

/** PERSISTENT RESERVE IN command (SPC-4 6.15.1). */
export const persistentReserveInCdbLayout = layout(
  'PERSISTENT RESERVE IN command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  reserved(5),
  u16be('allocationLength'),
  u8('control'),
);

/** What READ KEYS, READ RESERVATION and READ FULL STATUS begin with (SPC-4 6.15.2). */
export const persistentReserveInHeaderLayout = layout(
  'PERSISTENT RESERVE IN parameter data header',
  u32be('prGeneration'),
  u32be('additionalLength'),
);

/** One key of READ KEYS (SPC-4 6.15.2). */
export const reservationKeyLayout = layout('Reservation key', u64be('reservationKey'));

/** The reservation of READ RESERVATION (SPC-4 6.15.3). */
export const reservationDescriptorLayout = layout(
  'READ RESERVATION descriptor',
  u64be('reservationKey'),
  reserved(5),
  bits({ scope: 4, type: 4 }),
  reserved(2),
);

/** REPORT CAPABILITIES parameter data (SPC-4 6.15.4). */
export const reportCapabilitiesLayout = layout(
  'REPORT CAPABILITIES parameter data',
  u16be('length'),
  bits({
    replaceLostReservationCapable: 1,
    reserved6: 2,
    compatibleReservationHandling: 1,
    specifyInitiatorPortsCapable: 1,
    allTargetPortsCapable: 1,
    reserved1: 1,
    persistThroughPowerLossCapable: 1,
  }),
  bits({ typeMaskValid: 1, allowCommands: 3, reserved3: 3, persistThroughPowerLossActivated: 1 }),
  bits({
    writeExclusiveAllRegistrants: 1,
    exclusiveAccessRegistrantsOnly: 1,
    writeExclusiveRegistrantsOnly: 1,
    reserved4: 1,
    exclusiveAccess: 1,
    reserved2: 1,
    writeExclusive: 1,
    reserved0: 1,
  }),
  bits({ reserved7b: 7, exclusiveAccessAllRegistrants: 1 }),
  reserved(2),
);

/** One registration of READ FULL STATUS, up to its TransportID (SPC-4 6.15.5). */
export const fullStatusDescriptorLayout = layout(
  'READ FULL STATUS descriptor',
  u64be('reservationKey'),
  reserved(4),
  bits({ reserved7: 6, allTgPt: 1, rHolder: 1 }),
  bits({ scope: 4, type: 4 }),
  reserved(4),
  u16be('relativeTargetPortId'),
  u32be('additionalDescriptorLength'),
);

const HEADER_BYTES = persistentReserveInHeaderLayout.lengthBytes;
const RESERVATION_BYTES = reservationDescriptorLayout.lengthBytes;
const FULL_STATUS_BYTES = fullStatusDescriptorLayout.lengthBytes;

/** A PERSISTENT RESERVE IN CDB, 10 bytes. */
export function persistentReserveInCdb(serviceAction: number, allocationLength: number): Uint8Array {
  return persistentReserveInCdbLayout.toBytes({
    operationCode: PERSISTENT_RESERVE_IN_OPERATION_CODE,
    serviceAction,
    allocationLength,
  });
}

// Encoders write by hand: cluster software polls READ KEYS. A test holds the offsets to the layouts above.

function withHeader(prGeneration: number, additionalLength: number): Buffer {
  const data = Buffer.alloc(HEADER_BYTES + additionalLength);
  data.writeUInt32BE(prGeneration, 0);
  data.writeUInt32BE(additionalLength, 4);
  return data;
}

/** READ KEYS parameter data, whole: ADDITIONAL LENGTH never knows of an ALLOCATION LENGTH (SPC-4 6.15.2). */
export function encodeReadKeys(prGeneration: number, keys: readonly bigint[]): Buffer {
  const data = withHeader(prGeneration, 8 * keys.length);
  keys.forEach((key, index) => data.writeBigUInt64BE(key, HEADER_BYTES + 8 * index));
  return data;
}

/** READ RESERVATION parameter data; `reservation.key` is 0 under an all-registrants type (SPC-4 6.15.3.2). */
export function encodeReadReservation(
  prGeneration: number,
  reservation: { readonly key: bigint; readonly type: ReservationType } | null,
): Buffer {
  if (reservation === null) return withHeader(prGeneration, 0);
  const data = withHeader(prGeneration, RESERVATION_BYTES);
  data.writeBigUInt64BE(reservation.key, HEADER_BYTES);
  data.writeUInt8(RESERVATION_TYPE_CODE[reservation.type], HEADER_BYTES + 13);
  return data;
}

/** What READ FULL STATUS tells of one registration. */
export interface FullStatusEntry {
  readonly key: bigint;
  /** The type where this registration holds the reservation, else null. */
  readonly holds: ReservationType | null;
  readonly relativeTargetPortId: number;
  readonly transportId: Uint8Array;
}

/** READ FULL STATUS parameter data, whole. */
export function encodeReadFullStatus(prGeneration: number, entries: readonly FullStatusEntry[]): Buffer {
  const length = entries.reduce((sum, entry) => sum + FULL_STATUS_BYTES + entry.transportId.length, 0);
  const data = withHeader(prGeneration, length);
  let at = HEADER_BYTES;
  for (const entry of entries) {
    data.writeBigUInt64BE(entry.key, at);
    if (entry.holds !== null) {
      data.writeUInt8(0x01, at + 12);
      data.writeUInt8(RESERVATION_TYPE_CODE[entry.holds], at + 13);
    }
    data.writeUInt16BE(entry.relativeTargetPortId, at + 18);
    data.writeUInt32BE(entry.transportId.length, at + 20);
    data.set(entry.transportId, at + FULL_STATUS_BYTES);
    at += FULL_STATUS_BYTES + entry.transportId.length;
  }
  return data;
}

/** What came back, as far as it came. */
export interface PersistentReserveInData {
  readonly prGeneration: number;
  /** As the device server sent it. */
  readonly additionalLength: number;
  /** Fewer bytes came than ADDITIONAL LENGTH announces. */
  readonly cut: boolean;
}

export interface ReadKeysData extends PersistentReserveInData {
  readonly keys: readonly bigint[];
}

export interface ReadReservationData extends PersistentReserveInData {
  /** Null: none is held, or its descriptor was cut off (then `cut` is true). */
  readonly reservation: { readonly key: bigint; readonly scope: number; readonly type: number } | null;
}

export interface FullStatusDescriptor {
  readonly key: bigint;
  readonly allTgPt: boolean;
  readonly rHolder: boolean;
  /** Defined where `rHolder` is true. */
  readonly scope: number;
  /** TYPE code; defined where `rHolder` is true. */
  readonly type: number;
  /** Undefined by the standard where `allTgPt` is true. */
  readonly relativeTargetPortId: number;
  readonly transportIdBytes: Uint8Array;
  /** Undefined where it is none that is understood. */
  readonly transportId: TransportId | undefined;
}

export interface ReadFullStatusData extends PersistentReserveInData {
  /** Those that came whole. */
  readonly descriptors: readonly FullStatusDescriptor[];
}

export type ReportCapabilitiesData = ReturnType<typeof reportCapabilitiesLayout.decode>;

/** The header and where its data ends among the bytes that came; undefined without a whole header. */
function readHeader(data: Uint8Array): { head: PersistentReserveInData; end: number } | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  const { prGeneration, additionalLength } = persistentReserveInHeaderLayout.decode(data);
  const announcedEnd = HEADER_BYTES + additionalLength;
  return {
    head: { prGeneration, additionalLength, cut: announcedEnd > data.length },
    end: Math.min(announcedEnd, data.length),
  };
}

/** READ KEYS data: the whole keys among the bytes. Undefined where not even the header came. */
export function decodeReadKeys(data: Uint8Array): ReadKeysData | undefined {
  const header = readHeader(data);
  if (header === undefined) return undefined;
  const keys: bigint[] = [];
  for (let at = HEADER_BYTES; at + 8 <= header.end; at += 8) {
    keys.push(reservationKeyLayout.decode(data, at).reservationKey);
  }
  return { ...header.head, keys };
}

/** READ RESERVATION data. Undefined where not even the header came. */
export function decodeReadReservation(data: Uint8Array): ReadReservationData | undefined {
  const header = readHeader(data);
  if (header === undefined) return undefined;
  if (header.end < HEADER_BYTES + RESERVATION_BYTES) return { ...header.head, reservation: null };
  const { reservationKey, scope, type } = reservationDescriptorLayout.decode(data, HEADER_BYTES);
  return { ...header.head, reservation: { key: reservationKey, scope, type } };
}

/** READ FULL STATUS data: the descriptors that came whole. Undefined where not even the header came. */
export function decodeReadFullStatus(data: Uint8Array): ReadFullStatusData | undefined {
  const header = readHeader(data);
  if (header === undefined) return undefined;
  const descriptors: FullStatusDescriptor[] = [];
  let at = HEADER_BYTES;
  while (at + FULL_STATUS_BYTES <= header.end) {
    const fields = fullStatusDescriptorLayout.decode(data, at);
    const end = at + FULL_STATUS_BYTES + fields.additionalDescriptorLength;
    if (end > header.end) break;
    // A copy, which `slice` of a Buffer would not be.
    const transportIdBytes = new Uint8Array(data.subarray(at + FULL_STATUS_BYTES, end));
    const reading = decodeTransportId(transportIdBytes);
    descriptors.push({
      key: fields.reservationKey,
      allTgPt: fields.allTgPt === 1,
      rHolder: fields.rHolder === 1,
      scope: fields.scope,
      type: fields.type,
      relativeTargetPortId: fields.relativeTargetPortId,
      transportIdBytes,
      transportId: reading.ok ? reading.transportId : undefined,
    });
    at = end;
  }
  return { ...header.head, descriptors };
}

/** REPORT CAPABILITIES data; undefined where fewer than its eight bytes came. */
export function decodeReportCapabilities(data: Uint8Array): ReportCapabilitiesData | undefined {
  return data.length < reportCapabilitiesLayout.lengthBytes
    ? undefined
    : reportCapabilitiesLayout.decode(data);
}
