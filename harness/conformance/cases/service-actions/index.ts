import type { Actor } from '../../actor.js';
import type { Bench } from '../../bench.js';
import type { ConformanceCase } from '../../case.js';
import { GOOD, receivedInWords } from '../../expectation.js';
import { reservationType } from '../../needs.js';
import { ACTIONS, type Action, type Change } from './action.js';
import {
  bringAbout,
  inWords,
  isAllRegistrants,
  otherType,
  SITUATIONS,
  situationId,
  type Cast,
  type Situation,
} from './situation.js';

/** Every service action of PERSISTENT RESERVE OUT in every situation: its status, and all that it changes. */
export const SERVICE_ACTION_CASES: readonly ConformanceCase[] = ACTIONS.flatMap((action) =>
  SITUATIONS.map((situation) => caseOf(action, situation)),
);

function caseOf(action: Action, situation: Situation): ConformanceCase {
  const fragile = action.fragile?.(situation);
  const held = situation.type === null ? [] : [reservationType(situation.type)];
  return {
    id: `${action.id}.${situationId(situation)}`,
    title: `${action.name} by ${inWords(situation)}`,
    clause: action.clause,
    needs: [...action.needs, ...held, reservationType(otherType(situation.type ?? 'writeExclusive'))],
    ...(fragile === undefined ? {} : { fragile }),
    run: (bench) => tryAction(bench, action, situation),
  };
}

async function tryAction(bench: Bench, action: Action, situation: Situation): Promise<void> {
  const cast = await bringAbout(bench, situation);
  await bench.settle();
  // The sender of a service action never hears of it.
  bench.reader = cast.sender;
  const due = action.due(cast, situation, bench);
  const sent = action.command(cast, situation, bench);
  if ('expected' in due) {
    await bench.expectGeneration(0, async () => {
      const received = await cast.sender.expect(due.expected, sent);
      if (due.question !== undefined) bench.choose(due.question, receivedInWords(received));
    });
    await expectChange(bench, cast, situation, { generation: 0 });
    return;
  }
  await bench.expectGeneration(due.change.generation, () => cast.sender.expect(GOOD, sent));
  await expectChange(bench, cast, situation, due.change);
}

/** What is registered and reserved, and who hears what. */
async function expectChange(bench: Bench, cast: Cast, situation: Situation, change: Change): Promise<void> {
  const keys = keysAfter(cast, situation, change);
  await bench.expectKeys(...keys.values());
  await bench.expectReservation(reservationAfter(bench, keys, situation, change));
  for (const actor of bench.actors) {
    const code = change.attentions?.get(actor);
    await actor.expectAttentions(...(code === undefined ? [] : [code]));
  }
}

function keysAfter({ sender, others }: Cast, situation: Situation, change: Change): Map<Actor, bigint> {
  const {
    senderKey = situation.sender === 'unregistered' ? null : sender.key,
    gone = [],
    otherKeys,
  } = change;
  const keys = new Map<Actor, bigint>();
  if (senderKey !== null) keys.set(sender, senderKey);
  for (const other of others) {
    if (!gone.includes(other)) keys.set(other, otherKeys?.get(other) ?? other.key);
  }
  return keys;
}

function reservationAfter(
  { a }: Bench,
  keys: ReadonlyMap<Actor, bigint>,
  { type }: Situation,
  change: Change,
): Parameters<Bench['expectReservation']>[0] {
  const before = type === null ? null : { holder: a, type };
  const held = change.reservation === undefined ? before : change.reservation;
  if (held === null) return null;
  // SPC-4 6.15.3: 0 under an all-registrants type.
  return { key: isAllRegistrants(held.type) ? 0n : (keys.get(held.holder) ?? 0n), type: held.type };
}
