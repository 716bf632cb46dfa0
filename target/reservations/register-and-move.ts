import {
  BASIC_PARAMETER_LIST_LENGTH_BYTES,
  insufficientRegistrationResources,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  itNexusId,
  TRANSPORT_ID_LENGTH_BYTES_MIN,
  type ItNexus,
  type Sense,
} from '../../protocol/index.js';
import {
  APTPL_BIT,
  aptplProblem,
  flag,
  SERVICE_ACTION_RESERVATION_KEY_BYTE,
  type PersistentReserveOutCommand,
} from './command.js';
import { checkCondition, good, reservationConflict, type Transition } from './outcomes.js';
import { nextGeneration, withoutRegistrations } from './state.js';
import { readTransportId, samePort } from './transport-ids.js';

/** Offsets of the REGISTER AND MOVE parameter list (SPC-4 6.16.4); a test holds them to the declared layout. */
const MOVE_FLAGS_BYTE = 17;
const UNREG_BIT = 1;
const RELATIVE_TARGET_PORT_ID_BYTE = 18;
const TRANSPORT_ID_LENGTH_BYTE = 20;
const TRANSPORT_ID_BYTE = BASIC_PARAMETER_LIST_LENGTH_BYTES;

/** REGISTER AND MOVE by a registered nexus that gave its key (SPC-4 5.13.8, table 70). */
export function registerAndMove(command: PersistentReserveOutCommand): Transition {
  const { state, context, sender, serviceActionReservationKey: key, list } = command;
  const { reservation } = state;
  // Text and table 70 differ where there is no reservation to move: decision 3.
  if (reservation === null) return checkCondition(state, invalidFieldInCdb({ byte: 1, bit: 4 }));
  // An all-registrants reservation has no one holder (`holder` is null) and cannot be moved.
  if (reservation.holder !== sender) return reservationConflict(state);

  const destination = readDestination(command);
  if ('problem' in destination) return checkCondition(state, destination.problem);
  const destinationId = itNexusId(destination.nexus);
  const registered = {
    ...state,
    registrations: new Map(state.registrations).set(destinationId, { nexus: destination.nexus, key }),
    reservation: { ...reservation, holder: destinationId },
  };
  const unreg = flag(list, MOVE_FLAGS_BYTE, UNREG_BIT);
  const moved = unreg ? withoutRegistrations(registered, new Set([sender])) : registered;
  if (moved.registrations.size > context.registrationsMax) {
    return checkCondition(state, insufficientRegistrationResources());
  }
  return good({
    ...moved,
    prGeneration: nextGeneration(state.prGeneration),
    persistThroughPowerLoss: flag(list, MOVE_FLAGS_BYTE, APTPL_BIT),
  });
}

/** The nexus that is to hold the reservation, or what is wrong with its description. */
function readDestination(
  command: PersistentReserveOutCommand,
): { readonly nexus: ItNexus } | { readonly problem: Sense } {
  const { context, list } = command;
  const wrong = (byte: number, bit?: number) => ({ problem: invalidFieldInParameterList({ byte, bit }) });

  if (command.serviceActionReservationKey === 0n) return wrong(SERVICE_ACTION_RESERVATION_KEY_BYTE);
  const unsupported = aptplProblem(command, MOVE_FLAGS_BYTE);
  if (unsupported !== undefined) return { problem: unsupported };
  const relativeTargetPortId = list.readUInt16BE(RELATIVE_TARGET_PORT_ID_BYTE);
  if (!context.targetPorts.includes(relativeTargetPortId)) return wrong(RELATIVE_TARGET_PORT_ID_BYTE);
  const length = list.readUInt32BE(TRANSPORT_ID_LENGTH_BYTE);
  if (
    length < TRANSPORT_ID_LENGTH_BYTES_MIN ||
    length % 4 !== 0 ||
    TRANSPORT_ID_BYTE + length > list.length
  ) {
    return wrong(TRANSPORT_ID_LENGTH_BYTE);
  }
  const named = readTransportId(list, TRANSPORT_ID_BYTE, TRANSPORT_ID_BYTE + length, context);
  if ('problem' in named) return named;
  const [initiatorPort, ...more] = named.ports;
  // A name without ISID may stand for several ports, and one reservation cannot move to several.
  if (more.length > 0) return wrong(TRANSPORT_ID_BYTE, 7);
  if (samePort(initiatorPort, context.nexus.initiatorPort)) return wrong(TRANSPORT_ID_BYTE);
  return { nexus: { initiatorPort, relativeTargetPortId } };
}
