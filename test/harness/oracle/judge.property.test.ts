import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../harness/oracle/judge.js';
import type { HistoryEvent, VerdictWord, WriteIdentity } from '../../../harness/oracle/types.js';
import { World } from './world.js';

const PACKAGE = { name: 'pkg1', exclusive: true, luns: [0] } as const;

/** What a generated run is made of: incarnation 1 before and after incarnation 2 takes over. */
type Act =
  | { readonly act: 'write'; readonly kind: 'slot' | 'shared'; readonly index: number; readonly fate: Fate }
  | { readonly act: 'landPending' };
/** Honest: lands and is acknowledged. Lost: acknowledged, never lands. Refused: neither. Pending: may land later. */
type Fate = 'honest' | 'lost' | 'refused' | 'pending';

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('write' as const),
      kind: fc.constantFrom('slot' as const, 'shared' as const),
      index: fc.nat(3),
      fate: fc.constantFrom<Fate>('honest', 'honest', 'honest', 'refused', 'pending', 'lost'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'landPending' as const }) },
);

interface Run {
  readonly before: readonly Act[];
  readonly after: readonly (Act & { readonly incarnation: 1 | 2 })[];
}
const run: fc.Arbitrary<Run> = fc.record({
  before: fc.array(act, { maxLength: 8 }),
  after: fc.array(
    fc
      .tuple(act, fc.constantFrom(1 as const, 2 as const))
      .map(([one, incarnation]) => ({ ...one, incarnation })),
    { maxLength: 8 },
  ),
});

/**
 * The dumb twin: it plays the run and watches the medium itself, which no oracle can. It remembers who last wrote each
 * block, and at which of three moments the content was what: no history, no sequence numbers, no takeovers.
 */
class Twin {
  readonly world = new World();
  readonly #pending: WriteIdentity[] = [];
  readonly #content = new Map<string, WriteIdentity>();
  readonly #acknowledged: WriteIdentity[] = [];
  #atTakeover: Map<string, WriteIdentity> | undefined;
  #lost = false;
  #zombieWasAcknowledged = false;

  play({ before, after }: Run): VerdictWord {
    for (const one of before) this.#do(one, 1);
    this.#lost ||= this.#somethingIsMissing();
    this.world.fence(2, [1]);
    this.world.recover(2);
    this.#atTakeover = new Map(this.#content);
    for (const one of after) this.#do(one, one.incarnation);
    this.#lost ||= this.#somethingIsMissing();
    this.world.finish();
    if (this.#acknowledged.length === 0) return this.#zombieChangedSomething() ? 'UNSAFE' : 'INCONCLUSIVE';
    return this.#lost || this.#zombieChangedSomething() || this.#zombieWasAcknowledged ? 'UNSAFE' : 'SAFE';
  }

  #do(one: Act, incarnation: 1 | 2): void {
    if (one.act === 'landPending') {
      for (const write of this.#pending.splice(0)) this.#land(write);
      return;
    }
    const write = this.world.issue(incarnation, one.kind, one.index);
    if (one.fate === 'pending') this.#pending.push(write);
    if (one.fate === 'honest') this.#land(write);
    if (one.fate === 'refused') this.world.refuse(write);
    if (one.fate !== 'honest' && one.fate !== 'lost') return;
    this.world.acknowledge(write);
    this.#acknowledged.push(write);
    if (this.#atTakeover === undefined) return;
    if (incarnation === 1) this.#zombieWasAcknowledged = true;
  }

  #land(write: WriteIdentity): void {
    this.world.land(write);
    this.#content.set(String(write.lba), write);
  }

  /** Of each block, the last acknowledged write of the youngest incarnation must be there or be overwritten since. */
  #somethingIsMissing(): boolean {
    return this.#acknowledged.some((write) => {
      const content = this.#content.get(String(write.lba));
      if (content === undefined) return true;
      return (
        content.incarnation < write.incarnation ||
        (content.incarnation === write.incarnation && content.sequence < write.sequence)
      );
    });
  }

  #zombieChangedSomething(): boolean {
    return [...this.#content].some(
      ([lba, write]) => write.incarnation === 1 && this.#atTakeover?.get(lba) !== write,
    );
  }
}

describe('the oracle against a twin that watches the medium', () => {
  it('gives the same verdict for every run of a failover', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(run, (one) => {
        const twin = new Twin();
        const expected = twin.play(one);
        const { verdict } = judge([PACKAGE], twin.world.history);
        expect(verdict).toBe(expected);
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      }),
      { numRuns: 2000 },
    );
    // A generator that never made one of the verdicts would prove nothing about it.
    expect([...seen.keys()].sort()).toEqual(['INCONCLUSIVE', 'SAFE', 'UNSAFE']);
  });

  it('does not depend on when the runner learned of the acknowledgement of a write that recovery saw', () => {
    fc.assert(
      fc.property(run, fc.nat(40), (one, delay) => {
        const honest = {
          ...one,
          before: one.before.map((each) => ('fate' in each ? { ...each, fate: 'honest' as const } : each)),
        };
        const twin = new Twin();
        twin.play(honest);
        const { history } = twin.world;
        expect(judge([PACKAGE], laterNews(history, delay)).verdict).toBe(judge([PACKAGE], history).verdict);
      }),
    );
  });
});

/** The same history with the acknowledgements of incarnation 1 learned `delay` events later, in their order. */
function laterNews(history: readonly HistoryEvent[], delay: number): HistoryEvent[] {
  const isNews = (event: HistoryEvent): boolean =>
    event.type === 'writeAcknowledged' && event.write.incarnation === 1;
  return history
    .map((event, index) => ({ event, place: isNews(event) ? index + delay + 0.5 : index }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}
