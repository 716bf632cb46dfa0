import {
  insufficientRegistrationResources,
  invalidFieldInParameterList,
  itNexusId,
  parameterListLengthError,
  type ItNexus,
  type ItNexusId,
  type Sense,
  type TransportId,
} from '../../protocol/index.js';
import {
  ADDITIONAL_PARAMETER_DATA_BYTE,
  ALL_TG_PT_BIT,
  APTPL_BIT,
  aptplProblem,
  flag,
  FLAGS_BYTE,
  SPEC_I_PT_BIT,
  type PersistentReserveOutCommand,
} from './command.js';
import {
  checkCondition,
  good,
  reservationConflict,
  reservationsReleased,
  type Transition,
} from './outcomes.js';
import { nextGeneration, registeredOthers, TYPE_TRAITS, withoutRegistrations } from './state.js';
import { readTransportId } from './transport-ids.js';
import type { ReservationState } from './types.js';

/** REGISTER (SPC-4 5.13.7, table 67). */
export function register(command: PersistentReserveOutCommand): Transition {
  const { state, own, reservationKey, list } = command;
  if (reservationKey !== (own?.key ?? 0n)) return reservationConflict(state);
  // Others can be registered only together with oneself: table 67, note c.
  if (own !== undefined && flag(list, FLAGS_BYTE, SPEC_I_PT_BIT)) {
    return checkCondition(state, invalidFieldInParameterList({ byte: FLAGS_BYTE, bit: SPEC_I_PT_BIT }));
  }
  // With ALL_TG_PT the request counts as received through every target port (SPC-4 6.16.3): a key that does not match
  // is a conflict there too, and then nothing changes anywhere. Decision 4.
  const elsewhere = nexusesOfSender(command).map((nexus) => state.registrations.get(itNexusId(nexus)));
  if (elsewhere.some((other) => other !== undefined && other.key !== reservationKey)) {
    return reservationConflict(state);
  }
  return registerWhateverKey(command);
}

/** REGISTER AND IGNORE EXISTING KEY (SPC-4 5.13.7, tables 68 and 69). */
export function registerAndIgnoreExistingKey(command: PersistentReserveOutCommand): Transition {
  return registerWhateverKey(command);
}

function registerWhateverKey(command: PersistentReserveOutCommand): Transition {
  const { state, serviceActionReservationKey } = command;
  const problem = aptplProblem(command, FLAGS_BYTE);
  if (problem !== undefined) return checkCondition(state, problem);
  return serviceActionReservationKey === 0n ? unregister(command) : setKeys(command);
}

/** The nexuses a registration is for, without SPEC_I_PT: one, or one at each target port. */
function nexusesOfSender({ list, context }: PersistentReserveOutCommand): ItNexus[] {
  return atTargetPorts(list, context.nexus.initiatorPort, context);
}

function atTargetPorts(
  list: Buffer,
  initiatorPort: TransportId,
  context: PersistentReserveOutCommand['context'],
): ItNexus[] {
  const ports = flag(list, FLAGS_BYTE, ALL_TG_PT_BIT)
    ? context.targetPorts
    : [context.nexus.relativeTargetPortId];
  return ports.map((relativeTargetPortId) => ({ initiatorPort, relativeTargetPortId }));
}

/** Registers or changes the key; the reservation is untouched (SPC-4 5.13.7). All or nothing. */
function setKeys(command: PersistentReserveOutCommand): Transition {
  const { state, context, serviceActionReservationKey: key, list } = command;
  const listed = flag(list, FLAGS_BYTE, SPEC_I_PT_BIT) ? listedNexuses(command) : { nexuses: [] };
  if ('problem' in listed) return checkCondition(state, listed.problem);

  const registrations = new Map(state.registrations);
  for (const nexus of [...nexusesOfSender(command), ...listed.nexuses]) {
    registrations.set(itNexusId(nexus), { nexus, key });
  }
  if (registrations.size > context.registrationsMax) {
    return checkCondition(state, insufficientRegistrationResources());
  }
  return good(counted(command, { ...state, registrations }));
}

/** Nexuses that SPEC_I_PT lists, each at the ports that ALL_TG_PT asks for (SPC-4 6.16.3). */
function listedNexuses(
  command: PersistentReserveOutCommand,
): { readonly nexuses: readonly ItNexus[] } | { readonly problem: Sense } {
  const { state, list, context } = command;
  const first = ADDITIONAL_PARAMETER_DATA_BYTE + 4;
  if (list.length < first) return { problem: parameterListLengthError() };
  const end = first + list.readUInt32BE(ADDITIONAL_PARAMETER_DATA_BYTE);
  if (end > list.length) {
    return { problem: invalidFieldInParameterList({ byte: ADDITIONAL_PARAMETER_DATA_BYTE }) };
  }
  const nexuses: ItNexus[] = [];
  for (let at = first; at < end;) {
    const named = readTransportId(list, at, end, context);
    if ('problem' in named) return named;
    const here = named.ports.flatMap((port) => atTargetPorts(list, port, context));
    // Table 67, note b: a listed nexus that is registered already. The sender itself is not; naming it adds nothing.
    if (here.some((nexus) => state.registrations.has(itNexusId(nexus)))) {
      return { problem: invalidFieldInParameterList({ byte: at }) };
    }
    nexuses.push(...here);
    at += named.lengthBytes;
  }
  return { nexuses };
}

/** SPC-4 5.13.11.2.3. */
function unregister(command: PersistentReserveOutCommand): Transition {
  const { state, sender } = command;
  const leaving = new Set<ItNexusId>(nexusesOfSender(command).map(itNexusId));
  // Nobody to unregister: only the count of requests changes. Decision 2.
  if (![...leaving].some((id) => state.registrations.has(id))) {
    return good({ ...state, prGeneration: nextGeneration(state.prGeneration) });
  }
  const after = withoutRegistrations(state, leaving);
  const released = after.reservation === null ? state.reservation : null;
  // The others share the access of a registrants-only reservation and must hear that it is gone.
  const attentions =
    released !== null && TYPE_TRAITS[released.type].admitsRegistrants
      ? registeredOthers(after, sender).map(reservationsReleased)
      : [];
  return good(counted(command, after), { attentions });
}

/** A registration that succeeded: PRGENERATION counts it once, and its APTPL holds for the logical unit. */
function counted(command: PersistentReserveOutCommand, state: ReservationState): ReservationState {
  return {
    ...state,
    prGeneration: nextGeneration(state.prGeneration),
    persistThroughPowerLoss: flag(command.list, FLAGS_BYTE, APTPL_BIT),
  };
}
