import { RESERVATION_TYPE_NAME, type ReservationType } from '../../../../protocol/index.js';
import type { Actor } from '../../actor.js';
import type { Bench } from '../../bench.js';

/** How the sender of a PERSISTENT RESERVE OUT stands to the LU. */
export type Sender = 'unregistered' | 'registered' | 'holder' | 'wrong-key';

const SENDERS: readonly Sender[] = ['unregistered', 'registered', 'holder', 'wrong-key'];

/** The state a service action meets: A holds what is held, and whoever is not the sender is registered. */
export interface Situation {
  readonly sender: Sender;
  /** Null: nobody holds a reservation. */
  readonly type: ReservationType | null;
}

/** Types as case ids write them. */
export const TYPE_ID: Readonly<Record<ReservationType, string>> = {
  writeExclusive: 'we',
  exclusiveAccess: 'ea',
  writeExclusiveRegistrantsOnly: 'we-ro',
  exclusiveAccessRegistrantsOnly: 'ea-ro',
  writeExclusiveAllRegistrants: 'we-ar',
  exclusiveAccessAllRegistrants: 'ea-ar',
};

export const TYPES = Object.keys(TYPE_ID) as readonly ReservationType[];

const ALL_REGISTRANTS: ReadonlySet<ReservationType> = new Set([
  'writeExclusiveAllRegistrants',
  'exclusiveAccessAllRegistrants',
]);
const REGISTRANTS_ONLY: ReadonlySet<ReservationType> = new Set([
  'writeExclusiveRegistrantsOnly',
  'exclusiveAccessRegistrantsOnly',
]);

/** Every registered nexus holds it (SPC-4 5.13.10). */
export const isAllRegistrants = (type: ReservationType | null): boolean =>
  type !== null && ALL_REGISTRANTS.has(type);

/** Registrants share its access, and hear when it is released (SPC-4 5.13.11.2.2). */
export const isShared = (type: ReservationType | null): boolean =>
  type !== null && (ALL_REGISTRANTS.has(type) || REGISTRANTS_ONLY.has(type));

/** Every situation there is: nobody holds nothing, and under all registrants nobody is registered without holding. */
export const SITUATIONS: readonly Situation[] = [null, ...TYPES].flatMap((type) =>
  SENDERS.filter((sender) => isPossible(sender, type)).map((sender) => ({ sender, type })),
);

function isPossible(sender: Sender, type: ReservationType | null): boolean {
  if (sender === 'holder') return type !== null;
  return sender !== 'registered' || !isAllRegistrants(type);
}

/** The end of a case id: `held-we-ro.registered`, `free.holder`. */
export const situationId = ({ type, sender }: Situation): string =>
  `${type === null ? 'free' : `held-${TYPE_ID[type]}`}.${sender}`;

const SENDER_WORDS: Readonly<Record<Sender, string>> = {
  unregistered: 'a nexus that is not registered',
  registered: 'a registered nexus that does not hold the reservation',
  holder: 'the holder',
  'wrong-key': 'a registered nexus that gives a key which is not its own',
};

export const inWords = ({ sender, type }: Situation): string =>
  `${SENDER_WORDS[sender]}; ${type === null ? 'no reservation' : `${RESERVATION_TYPE_NAME[type]} is held`}`;

/** Who plays which part: A holds, B is registered, and C is registered too unless it is the one who is not. */
export interface Cast {
  readonly sender: Actor;
  /** Registered, and not the sender. */
  readonly others: readonly Actor[];
  /** Registered, neither the sender nor A. */
  readonly bystander: Actor;
}

/** Brings the LU into the situation. Throws CaseFailure where even that does not go as it should. */
export async function bringAbout(bench: Bench, { sender, type }: Situation): Promise<Cast> {
  const { a, b, c } = bench;
  const registered = sender === 'unregistered' ? [a, b] : [a, b, c];
  await bench.register(...registered);
  if (type !== null) await bench.reserve(a, type);
  const who = sender === 'unregistered' ? c : sender === 'holder' ? a : b;
  return {
    sender: who,
    others: registered.filter((one) => one !== who),
    bystander: sender === 'unregistered' ? b : c,
  };
}
