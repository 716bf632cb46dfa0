import type { Actor } from '../../actor.js';
import type { Bench } from '../../bench.js';
import type { ConformanceCase } from '../../case.js';
import { GOOD, receivedInWords } from '../../expectation.js';
import { reservationType } from '../../needs.js';
import { ACTIONS } from './action.js';
import type { Action, Change } from './due.js';
import {
  bringAbout,
  inWords,
  isAllRegistrants,
  SITUATIONS,
  situationId,
  type Cast,
  type Situation,
} from './situation.js';

/** Every service action of PERSISTENT RESERVE OUT in every situation: its status, and all that it changes. */
export const SERVICE_ACTION_CASES: readonly ConformanceCase[] = ACTIONS.flatMap((action) =>
  SITUATIONS.filter((situation) => isTried(action, situation)).map((situation) => caseOf(action, situation)),
);

function isTried({ senders, types }: Action, { sender, type }: Situation): boolean {
  if (senders?.includes(sender) === false) return false;
  return types === undefined || (type !== null && types.includes(type));
}

function caseOf(action: Action, situation: Situation): ConformanceCase {
  const fragile = action.fragile?.(situation);
  const held = situation.type === null ? [] : [reservationType(situation.type)];
  return {
    id: `${action.id}.${situationId(situation)}`,
    title: `${action.name} by ${inWords(situation)}`,
    clause: action.clause,
    needs: [...action.needs, ...held],
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
  await expectCounted(bench, due.change.generation, () => cast.sender.expect(GOOD, sent));
  await expectChange(bench, cast, situation, due.change);
}

/**
 * SPC-4 6.15.2 counts requests, and table 67 has the device server "do nothing" where there is nobody to unregister: one or
 * the other.
 */
async function expectCounted(
  bench: Bench,
  rise: number | 'open',
  work: () => Promise<unknown>,
): Promise<void> {
  if (rise !== 'open') return bench.expectGeneration(rise, work);
  const before = await bench.generation();
  await work();
  const risen = ((await bench.generation()) - before) >>> 0;
  bench.choose('PRGENERATION after a REGISTER of no key by a nexus that has none', `rises by ${risen}`);
  bench.expectEqual('PRGENERATION rises by 0 or 1', risen <= 1, true);
}

/** What is registered and reserved, and who hears what. */
async function expectChange(bench: Bench, cast: Cast, situation: Situation, change: Change): Promise<void> {
  const keys = keysAfter(cast, situation, change);
  await bench.expectKeys(...keys.values());
  await bench.expectReservation(reservationAfter(bench, keys, situation, change));
  for (const actor of bench.actors) {
    const code = change.attentions?.get(actor);
    if (code === undefined && isPortOfOneTold(actor, change)) continue;
    await actor.expectAttentions(...(code === undefined ? [] : [code]));
  }
}

/** "The initiator port associated with" a nexus may be told at every target port (SPC-4 5.13.11.2). */
const isPortOfOneTold = ({ port }: Actor, { attentions = new Map() }: Change): boolean =>
  [...attentions.keys()].some((told) => told.port.iscsiName === port.iscsiName);

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
