import {
  BASIC_PARAMETER_LIST_LENGTH_BYTES,
  invalidFieldInCdb,
  invalidFieldInParameterList,
  itNexusId,
  parameterListLengthError,
  PR_OUT_SERVICE_ACTION,
  type PrOutServiceAction,
} from '../../protocol/index.js';
import { flag, FLAGS_BYTE, SPEC_I_PT_BIT, type PersistentReserveOutCommand } from './command.js';
import { PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX } from './limits.js';
import {
  checkCondition,
  persistentReservationInformationLost,
  reservationConflict,
  settled,
  type Transition,
} from './outcomes.js';
import { preempt, preemptAndAbort } from './preempt.js';
import { registerAndMove } from './register-and-move.js';
import { register, registerAndIgnoreExistingKey } from './register.js';
import { replaceLostReservation } from './replace-lost.js';
import { clear, release, reserve } from './reserve-release.js';
import type {
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from './types.js';

/** How a service action is checked before it acts (SPC-4 tables 213 and 216). */
interface ServiceActionRules {
  /** The parameter list may be longer than the basic one: that of REGISTER AND MOVE ends with a TransportID. */
  readonly longList: boolean;
  /** SPEC_I_PT=1 is an invalid field; REGISTER takes it, and REGISTER AND MOVE has no such bit. */
  readonly refusesSpecIPt: boolean;
  /** The sender must be registered and give its key; else the action itself judges that. */
  readonly needsOwnKey: boolean;
  readonly act: (command: PersistentReserveOutCommand) => Transition;
}

// prettier-ignore
const RULES: Readonly<Record<PrOutServiceAction, ServiceActionRules>> = {
  register:                     { longList: false, refusesSpecIPt: false, needsOwnKey: false, act: register },
  reserve:                      { longList: false, refusesSpecIPt: true,  needsOwnKey: true,  act: reserve },
  release:                      { longList: false, refusesSpecIPt: true,  needsOwnKey: true,  act: release },
  clear:                        { longList: false, refusesSpecIPt: true,  needsOwnKey: true,  act: clear },
  preempt:                      { longList: false, refusesSpecIPt: true,  needsOwnKey: true,  act: preempt },
  preemptAndAbort:              { longList: false, refusesSpecIPt: true,  needsOwnKey: true,  act: preemptAndAbort },
  registerAndIgnoreExistingKey: { longList: false, refusesSpecIPt: true,  needsOwnKey: false, act: registerAndIgnoreExistingKey },
  registerAndMove:              { longList: true,  refusesSpecIPt: false, needsOwnKey: true,  act: registerAndMove },
  replaceLostReservation:       { longList: false, refusesSpecIPt: true,  needsOwnKey: false, act: replaceLostReservation },
};

const RULES_OF_CODE: ReadonlyMap<number, ServiceActionRules> = new Map(
  (Object.keys(RULES) as PrOutServiceAction[]).map((action) => [
    PR_OUT_SERVICE_ACTION[action],
    RULES[action],
  ]),
);

/**
 * PERSISTENT RESERVE OUT: the one transition of the machine, for live traffic, replay and exploration alike.
 *
 * A PARAMETER LIST LENGTH above `PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX` is answered without its list: the
 * caller need not collect it.
 */
export function persistentReserveOut(
  state: ReservationState,
  request: PersistentReserveOutRequest,
  context: ReservationContext,
): ReservationOutcome {
  return settled(state, judged(state, request, context));
}

/** The checks in their order: decision 7 of docs/decisions.md. */
function judged(
  state: ReservationState,
  request: PersistentReserveOutRequest,
  context: ReservationContext,
): Transition {
  const rules = RULES_OF_CODE.get(request.serviceAction);
  if (rules === undefined) return checkCondition(state, invalidFieldInCdb({ byte: 1, bit: 4 }));
  if (state.reservationInformationLost && rules !== RULES.replaceLostReservation) {
    return checkCondition(state, persistentReservationInformationLost());
  }
  // SPC-4 5.13.3: under a RESERVE(6/10) reservation this conflicts whoever asks, the one that made it included.
  if (state.spc2Holder !== null) return reservationConflict(state);

  const list = wholeParameterList(request, rules);
  if (list === undefined) return checkCondition(state, parameterListLengthError());
  if (rules.refusesSpecIPt && flag(list, FLAGS_BYTE, SPEC_I_PT_BIT)) {
    return checkCondition(state, invalidFieldInParameterList({ byte: FLAGS_BYTE, bit: SPEC_I_PT_BIT }));
  }

  const sender = itNexusId(context.nexus);
  const own = state.registrations.get(sender);
  const reservationKey = list.readBigUInt64BE(0);
  // A key of zero is never registered, so an unregistered sender cannot match.
  if (rules.needsOwnKey && reservationKey !== own?.key) return reservationConflict(state);
  const serviceActionReservationKey = list.readBigUInt64BE(8);
  return rules.act({
    state,
    request,
    context,
    sender,
    own,
    reservationKey,
    serviceActionReservationKey,
    list,
  });
}

/** The parameter list if it came whole and its length is one the service action takes (SPC-4 6.16.2). */
function wholeParameterList(
  { parameterListLength, parameterList }: PersistentReserveOutRequest,
  rules: ServiceActionRules,
): Buffer | undefined {
  if (parameterListLength < BASIC_PARAMETER_LIST_LENGTH_BYTES) return undefined;
  if (parameterListLength > PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX) return undefined;
  if (parameterList.length < parameterListLength) return undefined;
  const list = Buffer.from(parameterList.buffer, parameterList.byteOffset, parameterListLength);
  const mayBeLonger = rules.longList || flag(list, FLAGS_BYTE, SPEC_I_PT_BIT);
  return mayBeLonger || parameterListLength === BASIC_PARAMETER_LIST_LENGTH_BYTES ? list : undefined;
}
