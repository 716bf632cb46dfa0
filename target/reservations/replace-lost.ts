import { invalidFieldInParameterList, invalidReleaseOfPersistentReservation } from '../../protocol/index.js';
import {
  APTPL_BIT,
  aptplProblem,
  flag,
  FLAGS_BYTE,
  readScopeAndType,
  SERVICE_ACTION_RESERVATION_KEY_BYTE,
  type PersistentReserveOutCommand,
} from './command.js';
import { checkCondition, good, reservationConflict, type Transition } from './outcomes.js';
import { initialState, relationOf, reservationOf } from './state.js';

/** REPLACE LOST RESERVATION (SPC-4 5.13.11.3). ALL_TG_PT is ignored: decision 6. */
export function replaceLostReservation(command: PersistentReserveOutCommand): Transition {
  const { state, context, sender, serviceActionReservationKey: key } = command;
  if (!state.reservationInformationLost) {
    // SPC-4 table 66: under a reservation an unregistered nexus conflicts, unless the loss was detected.
    return relationOf(state, sender) === 'unregistered'
      ? reservationConflict(state)
      : checkCondition(state, invalidReleaseOfPersistentReservation());
  }
  if (command.reservationKey !== 0n) return checkCondition(state, invalidFieldInParameterList({ byte: 0 }));
  const asked = readScopeAndType(command.request);
  if ('problem' in asked) return checkCondition(state, asked.problem);
  if (key === 0n) {
    return checkCondition(state, invalidFieldInParameterList({ byte: SERVICE_ACTION_RESERVATION_KEY_BYTE }));
  }
  const unsupported = aptplProblem(command, FLAGS_BYTE);
  if (unsupported !== undefined) return checkCondition(state, unsupported);
  return good({
    ...initialState(),
    registrations: new Map([[sender, { nexus: context.nexus, key }]]),
    reservation: reservationOf(asked.type, sender),
    persistThroughPowerLoss: flag(command.list, FLAGS_BYTE, APTPL_BIT),
  });
}
