import {
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReadReservation,
  encodeTransportId,
  invalidFieldInCdb,
  PR_IN_SERVICE_ACTION,
  reportCapabilitiesLayout,
  SCSI_STATUS,
  type Sense,
} from '../../protocol/index.js';
import { persistentReservationInformationLost } from './outcomes.js';
import { heldBy } from './state.js';
import type { ReservationContext, ReservationState } from './types.js';

/** What PERSISTENT RESERVE IN yields; `data` is whole, the device server cuts it at ALLOCATION LENGTH. */
export interface PersistentReserveInOutcome {
  readonly status: number;
  readonly sense?: Sense;
  readonly data: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

/** PERSISTENT RESERVE IN (SPC-4 6.15). */
export function persistentReserveIn(
  state: ReservationState,
  serviceAction: number,
  context: Pick<ReservationContext, 'aptplSupported'>,
): PersistentReserveInOutcome {
  const read = READERS.get(serviceAction);
  if (read === undefined) return check(invalidFieldInCdb({ byte: 1, bit: 4 }));
  if (state.reservationInformationLost) return check(persistentReservationInformationLost());
  // SPC-4 5.13.3: under a RESERVE(6/10) reservation this conflicts whoever asks, the one that made it included.
  if (state.spc2Holder !== null) return { status: SCSI_STATUS.reservationConflict, data: NO_DATA };
  return { status: SCSI_STATUS.good, data: read(state, context) };
}

const check = (sense: Sense): PersistentReserveInOutcome => ({
  status: SCSI_STATUS.checkCondition,
  sense,
  data: NO_DATA,
});

type Reader = (state: ReservationState, context: Pick<ReservationContext, 'aptplSupported'>) => Uint8Array;

const READERS: ReadonlyMap<number, Reader> = new Map([
  [PR_IN_SERVICE_ACTION.readKeys, readKeys],
  [PR_IN_SERVICE_ACTION.readReservation, readReservation],
  [PR_IN_SERVICE_ACTION.reportCapabilities, reportCapabilities],
  [PR_IN_SERVICE_ACTION.readFullStatus, readFullStatus],
]);

/** One key for each registered nexus: a key that two of them share is there twice (SPC-4 6.15.2). */
function readKeys(state: ReservationState): Uint8Array {
  return encodeReadKeys(
    state.prGeneration,
    [...state.registrations.values()].map(({ key }) => key),
  );
}

function readReservation({ reservation, registrations, prGeneration }: ReservationState): Uint8Array {
  if (reservation === null) return encodeReadReservation(prGeneration, null);
  const holder = [...registrations].find(([id]) => id === reservation.holder);
  // SPC-4 6.15.3.2: zero under an all-registrants type.
  const key = holder?.[1].key ?? 0n;
  return encodeReadReservation(prGeneration, { key, type: reservation.type });
}

function readFullStatus(state: ReservationState): Uint8Array {
  const entries = [...state.registrations].map(([id, { nexus, key }]) => ({
    key,
    holds: heldBy(state, id)?.type ?? null,
    relativeTargetPortId: nexus.relativeTargetPortId,
    transportId: encodeTransportId(nexus.initiatorPort),
  }));
  return encodeReadFullStatus(state.prGeneration, entries);
}

/**
 * ALLOW COMMANDS 4 (SPC-4 table 208): TEST UNIT READY and the commands that SPC-4 table 65 lets through are let
 * through, RECEIVE COPY RESULTS under Write Exclusive and Exclusive Access included.
 */
const ALLOW_COMMANDS = 4;

function reportCapabilities(
  state: ReservationState,
  context: Pick<ReservationContext, 'aptplSupported'>,
): Uint8Array {
  return reportCapabilitiesLayout.toBytes({
    length: reportCapabilitiesLayout.lengthBytes,
    replaceLostReservationCapable: 1,
    compatibleReservationHandling: 1,
    specifyInitiatorPortsCapable: 1,
    allTargetPortsCapable: 1,
    persistThroughPowerLossCapable: context.aptplSupported ? 1 : 0,
    typeMaskValid: 1,
    allowCommands: ALLOW_COMMANDS,
    persistThroughPowerLossActivated: state.persistThroughPowerLoss ? 1 : 0,
    writeExclusive: 1,
    exclusiveAccess: 1,
    writeExclusiveRegistrantsOnly: 1,
    exclusiveAccessRegistrantsOnly: 1,
    writeExclusiveAllRegistrants: 1,
    exclusiveAccessAllRegistrants: 1,
  });
}
