import { describe, expect, it } from 'vitest';
import {
  itNexusId,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  type PrOutServiceAction,
} from '../../../protocol/index.js';
import {
  initialState,
  logicalUnitReset,
  nexusLost,
  persistentReserveOut,
  release,
  reserve,
  restored,
} from '../../../target/reservations/index.js';
import type {
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from '../../../target/reservations/types.js';
import { contextOf, idOf, move, nexus, request, textOf, transportIdOf } from './notation.js';
import { twin, type TwinRequest, type TwinState } from './twin.js';

const names = ['a', 'b', 'c'];
const ids = names.map(idOf);
const keys = [0, 1, 2, 3];
const typeCodes = [1, 3, 5, 6, 7, 8];
const contexts: ReservationContext[] = names.map((name) => contextOf(name, { targetPorts: [1] }));

interface Try {
  readonly twin: TwinRequest;
  readonly sent: ReturnType<typeof request>;
  readonly context: ReservationContext;
}

function everyRequest(): Try[] {
  const tries: Try[] = [];
  contexts.forEach((context, from) => {
    const add = (action: PrOutServiceAction, rk: number, sark: number, type: number): void => {
      tries.push({
        twin: { from, action: PR_OUT_SERVICE_ACTION[action], rk, sark, type, to: -1, unreg: false },
        sent: request(action, { rk, sark, type }),
        context,
      });
    };
    for (const rk of keys) {
      add('clear', rk, 0, 0);
      for (const type of [...typeCodes, 4]) {
        add('reserve', rk, 0, type);
        add('release', rk, 0, type);
      }
      for (const sark of keys) {
        add('register', rk, sark, 0);
        if (rk < 2) add('registerAndIgnoreExistingKey', rk, sark, 0);
        for (const type of [...typeCodes, 4]) {
          add('preempt', rk, sark, type);
        }
        // It differs from PREEMPT in what it aborts alone.
        for (const type of [1, 8, 4]) add('preemptAndAbort', rk, sark, type);
        if (rk < 2) for (const type of [1, 6, 8, 4]) add('replaceLostReservation', rk, sark, type);
        for (const to of [0, 1, 2]) {
          for (const unreg of [false, true]) {
            tries.push({
              twin: { from, action: 7, rk, sark, type: 0, to, unreg },
              sent: move({ rk, sark, unreg }, transportIdOf(names[to] ?? '')),
              context,
            });
          }
        }
      }
    }
  });
  return tries;
}

/** What decides about the future: PRGENERATION and the order of registration do not. */
function twinOf(state: ReservationState): TwinState {
  const { reservation } = state;
  return {
    keys: ids.map((id) => Number(state.registrations.get(id)?.key ?? 0n)),
    type: reservation === null ? 0 : RESERVATION_TYPE_CODE[reservation.type],
    holder: reservation?.holder == null ? -1 : ids.indexOf(reservation.holder),
    spc2: state.spc2Holder === null ? -1 : ids.indexOf(state.spc2Holder),
    lost: state.reservationInformationLost,
  };
}

const fingerprint = (state: TwinState): string =>
  `${state.keys.join(',')} ${state.type}:${state.holder} ${state.spc2} ${String(state.lost)}`;

function answerOf({ status, sense }: ReservationOutcome): string {
  if (sense !== undefined)
    return [sense.key, sense.asc, sense.ascq].map((code) => code.toString(16)).join('/');
  return status === 0 ? 'GOOD' : 'RC';
}

function attentionsOf({ attentions }: ReservationOutcome): number[] {
  const codes = ids.map(() => 0);
  for (const { nexus: id, asc, ascq } of attentions) {
    const at = ids.indexOf(id);
    // One attention a nexus, all of ASC 2Ah.
    if (asc !== 0x2a || codes[at] !== 0) throw new Error('an attention too many');
    codes[at] = ascq;
  }
  return codes;
}

/** What is true of every state that can be reached. */
function assertPossible(state: ReservationState): void {
  const { registrations, reservation, spc2Holder } = state;
  const wrong: string[] = [];
  for (const [id, { nexus: registered, key }] of registrations) {
    if (key === 0n) wrong.push('a key of zero');
    if (itNexusId(registered) !== id) wrong.push('a registration under another name');
  }
  if (reservation !== null) {
    if (registrations.size === 0) wrong.push('a reservation without registrants');
    const allRegistrants = reservation.type.endsWith('AllRegistrants');
    if (allRegistrants !== (reservation.holder === null)) wrong.push('a holder that does not fit the type');
    if (reservation.holder !== null && !registrations.has(reservation.holder))
      wrong.push('an unregistered holder');
  }
  if (spc2Holder !== null && registrations.size > 0) wrong.push('RESERVE(6/10) beside registrations');
  if (state.reservationInformationLost && (registrations.size > 0 || reservation !== null)) {
    wrong.push('lost, and yet there');
  }
  if (wrong.length > 0) throw new Error(`${textOf(state)}: ${wrong.join(', ')}`);
}

function assertOutcome(
  before: ReservationState,
  twinBefore: TwinState,
  tried: Try,
  outcome: ReservationOutcome,
): TwinState {
  const expected = twin(twinBefore, tried.twin);
  const found = {
    answer: answerOf(outcome),
    // Most requests are refused: then there is nothing to compare.
    state: outcome.state === before ? twinBefore : twinOf(outcome.state),
    counted: outcome.state.prGeneration === before.prGeneration + 1,
    attentions: attentionsOf(outcome),
    abort: outcome.abort.map((id) => ids.indexOf(id)).sort(),
  };
  const same =
    found.answer === expected.answer &&
    found.counted === expected.counted &&
    (found.state === expected.state || fingerprint(found.state) === fingerprint(expected.state)) &&
    found.attentions.every((code, at) => code === expected.attentions[at]) &&
    found.abort.length === expected.abort.length &&
    found.abort.every((index, at) => index === expected.abort[at]);
  // Comparing so is many times faster than toEqual, which then tells the difference.
  if (!same) {
    expect({ before: textOf(before), tried: tried.twin, ...found }).toEqual({
      before: textOf(before),
      tried: tried.twin,
      ...expected,
    });
  }
  if (outcome.status !== 0 && outcome.state !== before)
    throw new Error('a command that failed changed the state');
  const sender = itNexusId(tried.context.nexus);
  for (const { nexus: told } of outcome.attentions) {
    if (told === sender) throw new Error('an attention for the sender');
    if (!before.registrations.has(told)) throw new Error('an attention for an unregistered nexus');
  }
  return found.state;
}

describe('every state that three nexuses with three keys can reach, and every request in it', () => {
  it('agrees with the twin and keeps the invariants', { timeout: 120_000 }, () => {
    const tries = everyRequest();
    const lost = restored({ kind: 'lost' });
    const queue: ReservationState[] = [initialState(), lost];
    const seen = new Set(queue.map((state) => fingerprint(twinOf(state))));
    const visit = (state: ReservationState, asTwin = twinOf(state)): void => {
      const mark = fingerprint(asTwin);
      if (seen.has(mark)) return;
      seen.add(mark);
      assertPossible(state);
      queue.push({ ...state, prGeneration: 0 });
    };
    let transitions = 0;
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      const asTwin = twinOf(state);
      for (const tried of tries) {
        const outcome = persistentReserveOut(state, tried.sent, tried.context);
        const after = assertOutcome(state, asTwin, tried, outcome);
        if (outcome.state !== state) visit(outcome.state, after);
        transitions += 1;
      }
      for (const id of ids) {
        visit(reserve(state, id).state);
        visit(release(state, id).state);
        visit(nexusLost(state, id));
      }
      visit(logicalUnitReset(state));
    }
    // 766 states of registrations and reservation; three of RESERVE(6/10); the one of lost information.
    expect(seen.size).toBe(766 + 3 + 1);
    expect(transitions).toBe(770 * tries.length);
    expect(contexts.map(({ nexus: one }) => one)).toEqual(names.map(nexus));
  });
});
