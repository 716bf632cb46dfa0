import { BASIC_PARAMETER_LIST_LENGTH_BYTES, type PrOutServiceAction } from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import { reserveIn, reserveOut, type Command, type ReserveOutFields } from '../command.js';
import { reserveOutAction, type Need } from '../needs.js';

/** A key that nobody has registered before. */
export const NEW_KEY = 0x66656e6300000cffn;

/** A service action as A may send it, so that it would be GOOD: a case makes one thing of it wrong. */
export interface ValidAction {
  /** The end of a case id. */
  readonly id: string;
  readonly action: PrOutServiceAction;
  readonly name: string;
  readonly needs: readonly Need[];
  readonly fields: (bench: Bench) => ReserveOutFields;
}

const byA = (bench: Bench): ReserveOutFields => ({ reservationKey: bench.a.key });
const ofB = (bench: Bench): ReserveOutFields => ({
  ...byA(bench),
  serviceActionReservationKey: bench.b.key,
  type: bench.anyType(),
});

/** Every service action that has the basic parameter list and can succeed where nothing was lost. */
// prettier-ignore
export const VALID_ACTIONS: readonly ValidAction[] = [
  { id: 'register', action: 'register', name: 'REGISTER', needs: [],
    fields: (bench) => ({ ...byA(bench), serviceActionReservationKey: NEW_KEY }) },
  { id: 'register-and-ignore', action: 'registerAndIgnoreExistingKey', name: 'REGISTER AND IGNORE EXISTING KEY', needs: [],
    fields: () => ({ serviceActionReservationKey: NEW_KEY }) },
  { id: 'reserve', action: 'reserve', name: 'RESERVE', needs: [], fields: (bench) => ({ ...byA(bench), type: bench.anyType() }) },
  { id: 'release', action: 'release', name: 'RELEASE', needs: [], fields: (bench) => ({ ...byA(bench), type: bench.anyType() }) },
  { id: 'clear', action: 'clear', name: 'CLEAR', needs: [], fields: byA },
  { id: 'preempt', action: 'preempt', name: 'PREEMPT', needs: [reserveOutAction('preempt')], fields: ofB },
  { id: 'preempt-and-abort', action: 'preemptAndAbort', name: 'PREEMPT AND ABORT',
    needs: [reserveOutAction('preemptAndAbort')], fields: ofB },
];

/** A and B are registered, and A holds a reservation. */
export async function prepare(bench: Bench): Promise<void> {
  await bench.register(bench.a, bench.b);
  await bench.reserve(bench.a, bench.anyType());
}

/** The command as it is valid, with one thing about it changed. */
export function validCommand(
  valid: Pick<ValidAction, 'action' | 'fields'>,
  bench: Bench,
  changed: ReserveOutFields = {},
): Command {
  return reserveOut(valid.action, { ...valid.fields(bench), ...changed });
}

/** The basic parameter list of the valid command, its first bytes only or with zeros after it. */
export function basicListOf(valid: ValidAction, bench: Bench, lengthBytes: number): Uint8Array {
  const list = new Uint8Array(lengthBytes);
  const { dataOut = list } = validCommand(valid, bench);
  list.set(dataOut.subarray(0, Math.min(lengthBytes, BASIC_PARAMETER_LIST_LENGTH_BYTES)));
  return list;
}

/** Runs what must change nothing: not who is registered, what is reserved, nor PRGENERATION. Throws CaseFailure. */
export async function expectNoChange(bench: Bench, work: () => Promise<unknown>): Promise<void> {
  const before = await stateOf(bench);
  await work();
  const after = await stateOf(bench);
  bench.expectBytes('READ KEYS after it', after.keys, before.keys);
  bench.expectBytes('READ RESERVATION after it', after.reservation, before.reservation);
}

async function stateOf({ reader }: Bench): Promise<{ keys: Uint8Array; reservation: Uint8Array }> {
  return {
    keys: await reader.read(reserveIn('readKeys')),
    reservation: await reader.read(reserveIn('readReservation')),
  };
}
