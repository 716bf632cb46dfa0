import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itNexusId, PR_OUT_SERVICE_ACTION } from '../../../protocol/index.js';
import {
  durablePartOf,
  initialState,
  persistentReserveOut,
  restored,
} from '../../../target/reservations/index.js';
import type { PersistentReserveOutRequest, ReservationState } from '../../../target/reservations/types.js';
import { contextOf, iscsiTransportId, move, request, textOf, transportIdOf } from './notation.js';

const REGISTRATIONS_MAX = 6;
const names = ['a', 'b', 'c', 'a2', 'b2', 'c2'];
const key = fc.integer({ min: 0, max: 3 });
const type = fc.constantFrom(1, 3, 5, 6, 7, 8, 8, 5, 0, 0xf);
const transportIds = fc.array(
  fc.constantFrom(
    ...['a', 'b', 'c', 'd'].map(transportIdOf),
    iscsiTransportId(0x05, 'iqn.2026-11.org.example:c'),
    iscsiTransportId(0x45, 'no isid'),
  ),
  { maxLength: 3 },
);

const basic = fc
  .record({
    action: fc.constantFrom(0, 0, 0, 1, 1, 2, 3, 4, 4, 5, 6, 6, 8, 9),
    rk: key,
    sark: key,
    type,
    scope: fc.constantFrom(0, 0, 0, 0, 1),
    aptpl: fc.boolean(),
    allTgPt: fc.boolean(),
    specIPt: fc.option(transportIds, { nil: undefined, freq: 3 }),
  })
  .map(({ action, specIPt, ...fields }) =>
    request(action, specIPt === undefined ? fields : { ...fields, specIPt }),
  );
const moves = fc
  .record({
    fields: fc.record({
      rk: key,
      sark: key,
      unreg: fc.boolean(),
      aptpl: fc.boolean(),
      port: fc.integer({ min: 1, max: 3 }),
    }),
    to: fc.constantFrom('a', 'b', 'c', 'd'),
  })
  .map(({ fields, to }) => move(fields, transportIdOf(to)));
const noise = fc
  .record({ action: fc.nat(31), length: fc.nat(80), list: fc.uint8Array({ maxLength: 80 }) })
  .map(({ action, length, list }) => request(action, { length, list }));

type Step = { from: string; sent: PersistentReserveOutRequest } | 'powerLoss' | 'informationLost';
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ from: fc.constantFrom(...names), sent: basic }) },
  { weight: 8, arbitrary: fc.record({ from: fc.constantFrom(...names), sent: moves }) },
  { weight: 3, arbitrary: fc.record({ from: fc.constantFrom(...names), sent: noise }) },
  { weight: 2, arbitrary: fc.constant('powerLoss' as const) },
  { weight: 1, arbitrary: fc.constant('informationLost' as const) },
);

/** The shell, as far as it matters here: what it would find on its disk after power loss. */
interface Run {
  state: ReservationState;
  stored: ReservationState;
}

const durableText = (state: ReservationState): string => textOf(restored(durablePartOf(state)));
const counted = new Set<number>(
  (
    [
      'register',
      'registerAndIgnoreExistingKey',
      'clear',
      'preempt',
      'preemptAndAbort',
      'registerAndMove',
    ] as const
  ).map((name) => PR_OUT_SERVICE_ACTION[name]),
);

function take(run: Run, from: string, sent: PersistentReserveOutRequest): void {
  const before = run.state;
  const textBefore = textOf(before);
  const context = contextOf(from, {
    registrationsMax: REGISTRATIONS_MAX,
    initiatorPortsOf: (name) => (name.endsWith(':c') ? [0x00023d000063n, 9n] : []),
  });
  const outcome = persistentReserveOut(before, sent, context);
  const { state: after } = outcome;
  const sender = itNexusId(context.nexus);

  expect(textOf(before)).toBe(textBefore);
  if (outcome.persist) run.stored = after;
  // What is stored is always what should survive: no change of it goes unnoticed.
  expect(durableText(run.stored)).toBe(durableText(after));
  expect(outcome.persist || durableText(before) === durableText(after)).toBe(true);

  if (outcome.status !== 0) {
    expect(after).toBe(before);
    expect([outcome.attentions, outcome.abort, outcome.persist]).toEqual([[], [], false]);
  } else if (sent.serviceAction !== PR_OUT_SERVICE_ACTION.replaceLostReservation) {
    expect(after.prGeneration - before.prGeneration).toBe(counted.has(sent.serviceAction) ? 1 : 0);
  }
  expect(after.registrations.size).toBeLessThanOrEqual(REGISTRATIONS_MAX);
  for (const [id, { nexus, key: registered }] of after.registrations) {
    expect(id).toBe(itNexusId(nexus));
    expect(registered).not.toBe(0n);
  }
  const { reservation } = after;
  if (reservation !== null) {
    if (reservation.holder === null) expect(after.registrations.size).toBeGreaterThan(0);
    else expect(after.registrations.has(reservation.holder)).toBe(true);
  }
  const told = outcome.attentions.map(({ nexus }) => nexus);
  expect(new Set(told).size).toBe(told.length);
  expect(told).not.toContain(sender);
  for (const id of [...told, ...outcome.abort]) expect(before.registrations.has(id)).toBe(true);
  run.state = after;
}

describe('any sequence of requests with SPEC_I_PT, ALL_TG_PT, APTPL and power loss', () => {
  it('keeps the invariants, and what is stored is what should survive', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run: Run = { state: initialState(), stored: initialState() };
        for (const one of steps) {
          if (one === 'powerLoss') {
            run.state = restored(durablePartOf(run.stored));
            expect(run.state.prGeneration).toBe(0);
          } else if (one === 'informationLost') {
            run.state = restored({ kind: 'lost' });
            run.stored = run.state;
          } else {
            take(run, one.from, one.sent);
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
