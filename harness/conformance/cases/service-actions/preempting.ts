import type { Actor } from '../../actor.js';
import { ATTENTION } from '../../attention-codes.js';
import { UNKNOWN_KEY, type Bench } from '../../bench.js';
import { reserveOut } from '../../command.js';
import { CONFLICT, INVALID_FIELD_IN_PARAMETER_LIST } from '../../expectation.js';
import { reserveOutAction } from '../../needs.js';
import { byRegistered, conflict, good, holds, keyOf, otherType, tell, type Action, type Due } from './due.js';
import { isAllRegistrants, TYPES, type Cast, type Situation } from './situation.js';

/** PREEMPT and PREEMPT AND ABORT differ in what they abort, which other cases try. */
export function preempting(
  action: 'preempt' | 'preemptAndAbort',
  id: string,
  name: string,
): readonly Action[] {
  const clause = 'SPC-4 5.13.11.2.4, 5.13.11.2.5 and table 72';
  const needs = [reserveOutAction(action)];
  const of =
    (key: (cast: Cast, bench: Bench) => bigint): Action['command'] =>
    (cast, situation, bench) =>
      reserveOut(action, {
        reservationKey: keyOf(cast, situation),
        serviceActionReservationKey: key(cast, bench),
        type: otherType(situation, bench),
      });
  /** The sender takes the reservation; those with the key are gone, and who stays hears that the type changed. */
  const taking = (
    { sender, others }: Cast,
    situation: Situation,
    bench: Bench,
    gone: readonly Actor[],
  ): Due =>
    good({
      gone,
      reservation: { holder: sender, type: otherType(situation, bench) },
      attentions: new Map(
        others.map((other) => [
          other,
          gone.includes(other) ? ATTENTION.registrationsPreempted : ATTENTION.reservationsReleased,
        ]),
      ),
      generation: 1,
    });
  const removing = (gone: readonly Actor[]): Due =>
    good({ gone, attentions: tell(gone, ATTENTION.registrationsPreempted), generation: 1 });
  return [
    {
      id: `${id}.bystander`,
      name: `${name} of the key of one who does not hold alone`,
      clause,
      needs,
      command: of(({ bystander }) => bystander.key),
      due: byRegistered(({ bystander }) => removing([bystander])),
    },
    {
      id: `${id}.holder`,
      name: `${name} of the key of A, which holds what is held`,
      clause,
      needs,
      command: of((_, { a }) => a.key),
      due: byRegistered((cast, situation, bench) => {
        const { a } = bench;
        const alone = situation.type !== null && !isAllRegistrants(situation.type);
        if (cast.sender !== a) return alone ? taking(cast, situation, bench, [a]) : removing([a]);
        return alone ? taking(cast, situation, bench, []) : good({ senderKey: null, generation: 1 });
      }),
    },
    {
      id: `${id}.same-type`,
      name: `${name} of the key of A, which holds what is held, with the type that is held`,
      clause,
      needs,
      senders: ['registered', 'holder'],
      types: TYPES.filter((type) => !isAllRegistrants(type)),
      command: (cast, situation, { a }) =>
        reserveOut(action, {
          reservationKey: keyOf(cast, situation),
          serviceActionReservationKey: a.key,
          ...(situation.type === null ? {} : { type: situation.type }),
        }),
      // Who stays keeps what it had, and hears nothing.
      due: ({ sender }, { type }, { a }) => {
        const gone = sender === a ? [] : [a];
        return good({
          gone,
          ...(type === null ? {} : { reservation: { holder: sender, type } }),
          attentions: tell(gone, ATTENTION.registrationsPreempted),
          generation: 1,
        });
      },
    },
    {
      id: `${id}.own-key`,
      name: `${name} of the sender's own key`,
      clause,
      needs,
      command: of(({ sender }) => sender.key),
      due: byRegistered((cast, situation, bench) =>
        holds(situation) && !isAllRegistrants(situation.type)
          ? taking(cast, situation, bench, [])
          : good({ senderKey: null, generation: 1 }),
      ),
    },
    {
      id: `${id}.unknown-key`,
      name: `${name} of a key that nobody has`,
      clause,
      needs,
      command: of(() => UNKNOWN_KEY),
      due: byRegistered(() => conflict),
    },
    {
      id: `${id}.zero`,
      name: `${name} of key 0`,
      clause,
      needs,
      command: of(() => 0n),
      due: byRegistered((cast, situation, bench) => {
        if (isAllRegistrants(situation.type)) return taking(cast, situation, bench, cast.others);
        if (situation.type !== null) return { expected: INVALID_FIELD_IN_PARAMETER_LIST };
        return {
          expected: [CONFLICT, INVALID_FIELD_IN_PARAMETER_LIST],
          question: `${name} with SERVICE ACTION RESERVATION KEY 0 and no reservation`,
        };
      }),
    },
  ];
}
