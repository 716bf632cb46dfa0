import type { ReplayCommand } from './plan.js';

/** Exit statuses of sg3_utils (sg3_utils(8)) that say that a command was not carried out, or never sent. */
const NOT_CARRIED_OUT: ReadonlySet<number> = new Set([2, 6, 15, 26, 27, 28]);
/** 50 and the error number of the system, up to 46. */
const SYSTEM_ERROR = { first: 50, last: 96 } as const;

/**
 * Whether the log says that a command did nothing: the device could not be opened, or the command ended with a unit
 * attention, BUSY or the like. Who meets an attention depends on all that a node sends, of which a log has only a part.
 */
export function didNothing(recordedExitStatus: number | undefined): boolean {
  if (recordedExitStatus === undefined) return false;
  return (
    NOT_CARRIED_OUT.has(recordedExitStatus) ||
    (recordedExitStatus >= SYSTEM_ERROR.first && recordedExitStatus <= SYSTEM_ERROR.last)
  );
}

/** The key that the reservation has if the command made its sender the holder; undefined where it cannot do so. */
export function keyIfHolder({ options }: ReplayCommand): bigint | undefined {
  switch (options?.action.serviceAction) {
    case 'reserve':
    case 'preempt':
    case 'preemptAndAbort':
      // READ RESERVATION tells key 0 for the types that all registrants hold (SPC-4 6.15.3.3).
      return options.type === 7 || options.type === 8 ? 0n : options.reservationKey;
    case 'replaceLostReservation':
      return options.serviceActionReservationKey;
    default:
      return undefined;
  }
}

/** The key whose registrations a command removes; undefined where it is none that does. */
export function keyToPreempt({ options }: ReplayCommand): bigint | undefined {
  const action = options?.action.serviceAction;
  return action === 'preempt' || action === 'preemptAndAbort'
    ? options?.serviceActionReservationKey
    : undefined;
}

/** A command by which a node gives up what it has: it releases, or takes its own registration back. */
export function givesUp(command: ReplayCommand): boolean {
  return command.options?.action.serviceAction === 'release' || unregisters(command);
}

export function registers(command: ReplayCommand): boolean {
  return (keyToRegister(command) ?? 0n) !== 0n;
}

export function unregisters(command: ReplayCommand): boolean {
  return keyToRegister(command) === 0n;
}

function keyToRegister({ options }: ReplayCommand): bigint | undefined {
  const action = options?.action.serviceAction;
  return action === 'register' || action === 'registerAndIgnoreExistingKey'
    ? options?.serviceActionReservationKey
    : undefined;
}
