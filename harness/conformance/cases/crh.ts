import { OPERATION_CODE, type ReservationType } from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import {
  inquiry,
  modeSense6,
  release10,
  release6,
  reportLuns,
  requestSense,
  reserve10,
  reserve6,
  reserveIn,
  reserveOut,
  testUnitReady,
  type Command,
} from '../command.js';
import { CONFLICT, GOOD, type Expected } from '../expectation.js';
import {
  command,
  ownSessions,
  reservationType,
  reserveInAction,
  replaceLostReservation,
  type Need,
} from '../needs.js';
import { isAllRegistrants, isShared, TYPE_ID, TYPES } from './service-actions/situation.js';

const CLAUSE = 'SPC-4 5.13.3';

/** The commands of SPC-2, as case ids write them. */
const COMMANDS: readonly { readonly id: string; readonly make: () => Command; readonly need: Need }[] = [
  { id: 'reserve-6', make: reserve6, need: command('RESERVE(6)', OPERATION_CODE.reserve6) },
  { id: 'release-6', make: release6, need: command('RELEASE(6)', OPERATION_CODE.release6) },
  { id: 'reserve-10', make: reserve10, need: command('RESERVE(10)', OPERATION_CODE.reserve10) },
  { id: 'release-10', make: release10, need: command('RELEASE(10)', OPERATION_CODE.release10) },
];

const NEEDS: readonly Need[] = COMMANDS.slice(0, 2).map(({ need }) => need);

type Sender = 'holder' | 'registered' | 'unregistered';

const WORDS: Readonly<Record<Sender, string>> = {
  holder: 'the holder',
  registered: 'a registered nexus that does not hold it',
  unregistered: 'a nexus that is not registered',
};

/** Whom the compatible handling lets through, where a device server has it (CRH=1). */
const isCompatible = (sender: Sender, type: ReservationType | null): boolean =>
  type !== null && (sender === 'holder' || (sender === 'registered' && isShared(type)));

function isPossible(sender: Sender, type: ReservationType | null): boolean {
  if (sender === 'holder') return type !== null;
  return sender !== 'registered' || !isAllRegistrants(type);
}

/** While somebody is registered: GOOD without effect where CRH=1 admits it, else a conflict. */
const whileRegistered: readonly ConformanceCase[] = COMMANDS.flatMap(({ id, make, need }) =>
  [null, ...TYPES].flatMap((type) =>
    (['holder', 'registered', 'unregistered'] as const)
      .filter((sender) => isPossible(sender, type))
      .map((sender): ConformanceCase => {
        const state = type === null ? 'free' : `held-${TYPE_ID[type]}`;
        const outcome = isCompatible(sender, type) ? 'is GOOD without effect where CRH=1, else' : 'meets';
        return {
          id: `crh.${id}.${state}.${sender}`,
          title: `${make().name} by ${WORDS[sender]} ${outcome} a conflict while somebody is registered`,
          clause: `${CLAUSE}, 6.15.4`,
          needs: [need, ...(type === null ? [] : [reservationType(type)])],
          run: (bench) => tryWhileRegistered(bench, make(), type, sender),
        };
      }),
  ),
);

async function tryWhileRegistered(
  bench: Bench,
  sent: Command,
  type: ReservationType | null,
  sender: Sender,
): Promise<void> {
  const { a, b, c } = bench;
  await bench.register(a, b);
  if (type !== null) await bench.reserve(a, type);
  const who = { holder: a, registered: b, unregistered: c }[sender];
  const handled = bench.facts.capabilities?.compatibleReservationHandling === 1 && isCompatible(sender, type);
  await bench.expectGeneration(0, () => who.expect(handled ? GOOD : CONFLICT, sent));
  // Under a reservation of SPC-2 these would meet a conflict.
  await bench.expectRegistered(a, b);
  await bench.expectReservation(type === null ? null : { key: isAllRegistrants(type) ? 0n : a.key, type });
  for (const actor of [a, b, c]) await actor.expectAttentions();
}

/** Under a reservation of SPC-2 that A holds: what each may do. */
function reserved(
  id: string,
  title: string,
  expected: { readonly a?: Expected; readonly b?: Expected },
  send: (bench: Bench) => Command,
  needs: readonly Need[] = [],
): ConformanceCase {
  return {
    id: `crh.reserved.${id}`,
    title,
    clause: `${CLAUSE}, SPC-2 5.5.1`,
    needs: [...NEEDS, ...needs],
    run: async (bench) => {
      const { a, b } = bench;
      await a.expect(GOOD, reserve6());
      if (expected.b !== undefined) await b.expect(expected.b, send(bench));
      if (expected.a !== undefined) await a.expect(expected.a, send(bench));
      // It is still A's.
      await b.expect(CONFLICT, testUnitReady());
      await a.expect(GOOD, testUnitReady());
    },
  };
}

const BOTH_CONFLICT = { a: CONFLICT, b: CONFLICT };
const ONLY_A = { a: GOOD, b: CONFLICT };
const BOTH_GOOD = { a: GOOD, b: GOOD };

const underReservation: readonly ConformanceCase[] = [
  ...(['readKeys', 'readReservation', 'reportCapabilities', 'readFullStatus'] as const).map((action) =>
    reserved(
      `pr-in.${action.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      `${reserveIn(action).name} conflicts under RESERVE(6), whoever sends it`,
      BOTH_CONFLICT,
      () => reserveIn(action),
      [reserveInAction(action)],
    ),
  ),
  reserved(
    'pr-out.register',
    'PERSISTENT RESERVE OUT, REGISTER conflicts under RESERVE(6), whoever sends it',
    BOTH_CONFLICT,
    ({ c }) => reserveOut('register', { serviceActionReservationKey: c.key }),
  ),
  reserved(
    'pr-out.register-and-ignore',
    'PERSISTENT RESERVE OUT, REGISTER AND IGNORE EXISTING KEY conflicts under RESERVE(6), whoever sends it',
    BOTH_CONFLICT,
    ({ c }) => reserveOut('registerAndIgnoreExistingKey', { serviceActionReservationKey: c.key }),
  ),
  reserved(
    'pr-out.replace-lost',
    'PERSISTENT RESERVE OUT, REPLACE LOST RESERVATION conflicts under RESERVE(6), whoever sends it',
    BOTH_CONFLICT,
    ({ c }) => reserveOut('replaceLostReservation', { serviceActionReservationKey: c.key, type: 1 }),
    [replaceLostReservation],
  ),
  reserved('read', 'READ(10) under RESERVE(6) conflicts for others', ONLY_A, (bench) => bench.readBlock()),
  reserved(
    'mode-sense',
    'MODE SENSE(6) under RESERVE(6) conflicts for others',
    ONLY_A,
    () => modeSense6(0x3f),
    [command('MODE SENSE(6)', OPERATION_CODE.modeSense6)],
  ),
  reserved('reserve', 'RESERVE(6) again is GOOD for who has it, and conflicts for others', ONLY_A, reserve6),
  reserved('inquiry', 'INQUIRY is for all under RESERVE(6)', BOTH_GOOD, inquiry),
  reserved('report-luns', 'REPORT LUNS is for all under RESERVE(6)', BOTH_GOOD, reportLuns, [
    command('REPORT LUNS', OPERATION_CODE.reportLuns),
  ]),
  reserved('request-sense', 'REQUEST SENSE is for all under RESERVE(6)', BOTH_GOOD, requestSense),
  reserved('release', 'RELEASE(6) by another is GOOD and releases nothing', { b: GOOD }, release6),
];

/** How a reservation of SPC-2 ends. */
const ENDS: readonly {
  readonly id: string;
  readonly words: string;
  readonly needs: readonly Need[];
  readonly end: (bench: Bench) => Promise<unknown>;
}[] = [
  { id: 'release-6', words: 'RELEASE(6)', needs: [], end: ({ a }) => a.expect(GOOD, release6()) },
  {
    id: 'release-10',
    words: 'RELEASE(10)',
    needs: [command('RELEASE(10)', OPERATION_CODE.release10)],
    end: ({ a }) => a.expect(GOOD, release10()),
  },
  { id: 'logout', words: 'logout', needs: [ownSessions], end: ({ a }) => a.relogin() },
  {
    id: 'connection-loss',
    words: 'the loss of the connection, once the nexus is there again',
    needs: [ownSessions],
    end: ({ a }) => a.relogin({ after: 'connectionLoss' }),
  },
  {
    id: 'logical-unit-reset',
    words: 'a LOGICAL UNIT RESET by another',
    needs: [ownSessions],
    end: ({ b }) => b.manageTask('logicalUnitReset'),
  },
];

const ending: readonly ConformanceCase[] = ENDS.map(({ id, words, needs, end }) => ({
  id: `crh.ends.${id}`,
  title: `A reservation of RESERVE(6) ends with ${words}: another may reserve then`,
  clause: `${CLAUSE}, SPC-2 7.21`,
  needs: [...NEEDS, ...needs],
  run: async (bench) => {
    const { a, b } = bench;
    await a.expect(GOOD, reserve6());
    await b.expect(CONFLICT, testUnitReady());
    await end(bench);
    await b.expect(GOOD, testUnitReady());
    await b.expect(GOOD, reserve6());
    await a.expect(CONFLICT, testUnitReady());
  },
}));

const alone: readonly ConformanceCase[] = [
  {
    id: 'crh.reserve-10-is-reserve-6',
    title: 'RESERVE(10) makes the reservation that RELEASE(6) ends',
    clause: `${CLAUSE}, SPC-2 5.5.1`,
    needs: COMMANDS.map(({ need }) => need),
    run: async ({ a, b }) => {
      await a.expect(GOOD, reserve10());
      await b.expect(CONFLICT, reserve6());
      await a.expect(GOOD, release6());
      await b.expect(GOOD, reserve10());
    },
  },
  {
    id: 'crh.release-without-reservation',
    title: 'RELEASE(6) where nothing is reserved is GOOD',
    clause: 'SPC-2 7.11',
    needs: NEEDS,
    run: async ({ a }) => {
      await a.expect(GOOD, release6());
    },
  },
  {
    id: 'crh.register-after-release',
    title: 'After RELEASE(6) registrations are taken again',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a } = bench;
      await a.expect(GOOD, reserve6());
      await a.expect(CONFLICT, reserveOut('register', { serviceActionReservationKey: a.key }));
      await a.expect(GOOD, release6());
      await bench.register(a);
      await bench.expectRegistered(a);
    },
  },
  {
    id: 'crh.reserve-after-unregister',
    title: 'RESERVE(6) reserves again once nobody is registered',
    clause: CLAUSE,
    needs: NEEDS,
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a);
      await b.expect(CONFLICT, reserve6());
      await a.expect(GOOD, reserveOut('register', { reservationKey: a.key }));
      await b.expect(GOOD, reserve6());
      await a.expect(CONFLICT, testUnitReady());
    },
  },
];

/** RESERVE and RELEASE of SPC-2 beside persistent reservations (C8). */
export const CRH_CASES: readonly ConformanceCase[] = [
  ...whileRegistered,
  ...underReservation,
  ...ending,
  ...alone,
].map((one) => ({ ...one, run: (bench) => releasedAfter(bench, one.run) }));

/** Where PERSISTENT RESERVE IN does not conflict, nothing else tells that RESERVE(6) has left something behind. */
async function releasedAfter(bench: Bench, run: ConformanceCase['run']): Promise<void> {
  try {
    await run(bench);
  } finally {
    for (const actor of bench.actors) await actor.send(release6());
  }
}
