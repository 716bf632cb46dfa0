import type { ReservationType } from '../../../../protocol/index.js';
import type { Actor } from '../../actor.js';
import { UNKNOWN_KEY, type Bench } from '../../bench.js';
import type { Command } from '../../command.js';
import { CONFLICT, type Expected } from '../../expectation.js';
import type { Need } from '../../needs.js';
import type { Cast, Sender, Situation } from './situation.js';

/** A key that a service action registers anew. */
export const NEW_KEY = 0x66656e6300000bffn;

/** What a service action leads to where it is GOOD. */
export interface Change {
  /** The sender's key afterwards; null: it is not registered. Absent: as before. */
  readonly senderKey?: bigint | null;
  /** Others whose keys are changed. */
  readonly otherKeys?: ReadonlyMap<Actor, bigint>;
  /** Others who are not registered any more. */
  readonly gone?: readonly Actor[];
  /** Absent: as before. */
  readonly reservation?: { readonly holder: Actor; readonly type: ReservationType } | null;
  /** Who hears what; everybody else hears nothing. */
  readonly attentions?: ReadonlyMap<Actor, number>;
  /** How much PRGENERATION rises; `open`: not at all or by 1. */
  readonly generation: number | 'open';
}

/** What must come of a service action: its status, and where that is GOOD what has changed. */
export type Due =
  | { readonly expected: Expected | readonly Expected[]; readonly question?: string }
  | { readonly change: Change };

/** One way to use a service action, in every situation. */
export interface Action {
  /** The beginning of a case id. */
  readonly id: string;
  readonly name: string;
  readonly clause: string;
  readonly needs: readonly Need[];
  /** Who sends it; everybody unless given. */
  readonly senders?: readonly Sender[];
  /** What is held; anything, and nothing, unless given. */
  readonly types?: readonly ReservationType[];
  /** Which target it is known to kill in this situation. */
  readonly fragile?: (situation: Situation) => string | undefined;
  readonly command: (cast: Cast, situation: Situation, bench: Bench) => Command;
  readonly due: (cast: Cast, situation: Situation, bench: Bench) => Due;
}

/** A type that is not held; and where nothing is held, not the one that other cases ask for. */
export const otherType = ({ type }: Situation, bench: Bench): ReservationType =>
  bench.anyType(type ?? bench.anyType());

export const conflict: Due = { expected: CONFLICT };
export const good = (change: Change): Due => ({ change });
export const nothing = (generation: Change['generation']): Due => good({ generation });

/** RESERVATION KEY as the sender gives it. */
export const keyOf = ({ sender }: Cast, { sender: how }: Situation): bigint =>
  how === 'unregistered' ? 0n : how === 'wrong-key' ? UNKNOWN_KEY : sender.key;

/** Most service actions: who is not registered, or gives another key, meets a conflict (SPC-4 6.16.3). */
export const byRegistered =
  (due: Action['due']): Action['due'] =>
  (cast, situation, bench) =>
    situation.sender === 'unregistered' || situation.sender === 'wrong-key'
      ? conflict
      : due(cast, situation, bench);

export const holds = ({ sender, type }: Situation): boolean => sender === 'holder' && type !== null;
export const tell = (actors: readonly Actor[], code: number): ReadonlyMap<Actor, number> =>
  new Map(actors.map((actor) => [actor, code]));
