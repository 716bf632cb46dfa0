import {
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  RESERVATION_TYPE_NAME,
  scsiStatusName,
  transportIdName,
} from '../../protocol/index.js';
import type { TargetEvent } from '../events.js';
import type { SessionView, Target } from '../options.js';
import type { ReservationState } from '../reservations/types.js';
import type {
  LunView,
  ReservationStateView,
  SessionJson,
  TargetPortGroupsView,
  TargetView,
} from './schemas.js';

// What the admin API shows of a target, as JSON: keys and ISIDs are `0x` strings, since a JSON number cannot hold them.

const hex = (value: bigint, digits = 1): string => `0x${value.toString(16).padStart(digits, '0')}`;

export function targetView(target: Target): TargetView {
  return {
    iqn: target.iqn,
    portals: target.portals.map(({ host, port, relativeTargetPortId }) => ({
      address: host,
      port,
      relativeTargetPortId,
    })),
    luns: [...target.luns],
    sessions: target.sessions().length,
  };
}

export function lunView(target: Target, lun: number): LunView {
  const state = target.reservations(lun);
  return {
    lun,
    urls: target.portals.map((_, portalIndex) => target.urlOf(lun, portalIndex)),
    sizeBytes: target.capacityOf(lun),
    registrations: state.registrations.size,
    reservation: reservationView(state),
  };
}

export function targetPortGroupsView(target: Target, lun: number): TargetPortGroupsView {
  return {
    lun,
    groups: target.accessStates(lun).map(({ targetPortGroup, state, relativeTargetPortIds }) => ({
      targetPortGroup,
      state,
      relativeTargetPortIds: [...relativeTargetPortIds],
    })),
  };
}

export function sessionView(session: SessionView): SessionJson {
  return { ...session, isid: hex(session.isid, 12) };
}

function reservationView({ reservation }: ReservationState): ReservationStateView['reservation'] {
  if (reservation === null) return null;
  return {
    type: RESERVATION_TYPE_NAME[reservation.type],
    typeCode: RESERVATION_TYPE_CODE[reservation.type],
    scope: 'LU_SCOPE',
    holder: reservation.holder,
  };
}

export function reservationStateView(state: ReservationState): ReservationStateView {
  const { reservation } = state;
  return {
    prGeneration: state.prGeneration,
    persistThroughPowerLoss: state.persistThroughPowerLoss,
    reservationInformationLost: state.reservationInformationLost,
    spc2Holder: state.spc2Holder,
    reservation: reservationView(state),
    registrations: [...state.registrations].map(([nexusId, { nexus, key }]) => ({
      nexus: nexusId,
      initiatorPort: transportIdName(nexus.initiatorPort),
      relativeTargetPortId: nexus.relativeTargetPortId,
      key: hex(key),
      reservationHolder: reservation !== null && (reservation.holder ?? nexusId) === nexusId,
    })),
  };
}

const SERVICE_ACTION_NAME = new Map<number, string>(
  Object.entries(PR_OUT_SERVICE_ACTION).map(([name, code]) => [code, name]),
);

/** An event with names beside the codes, and reservation states as the API shows them. */
export function eventView(event: TargetEvent): object {
  switch (event.type) {
    case 'persistentReserveOut':
      return {
        ...event,
        serviceActionName: SERVICE_ACTION_NAME.get(event.serviceAction) ?? null,
        statusName: scsiStatusName(event.status),
        before: reservationStateView(event.before),
        after: reservationStateView(event.after),
      };
    case 'powerCycled':
      return {
        ...event,
        before: reservationStateView(event.before),
        after: reservationStateView(event.after),
      };
    case 'login':
    case 'loginRefused':
    case 'logout':
    case 'reservationConflict':
    case 'taskAborted':
    case 'unitAttention':
    case 'accessStateChanged':
      return event;
  }
}
