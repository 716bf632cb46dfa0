import { decodeSense, SENSE_KEY, type ReservationType } from '../../../protocol/index.js';
import { ATTENTION } from '../attention-codes.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { inquiry, reserveIn, reserveOut, requestSense, type Command } from '../command.js';
import { withControlBits } from '../control-mode-page.js';
import { check, CONFLICT, GOOD, receivedInWords } from '../expectation.js';
import { controlModePage, ownSessions, reservationType } from '../needs.js';
import { isShared, TYPE_ID, TYPES } from './service-actions/situation.js';

const SHARED_TYPES = TYPES.filter(isShared);

const clear = ({ a }: Bench): Command => reserveOut('clear', { reservationKey: a.key });

/** B has 06/2A/03 pending: A has cleared what both had registered. */
async function withPending(bench: Bench): Promise<void> {
  const { a, b } = bench;
  await bench.register(a, b);
  await a.expect(GOOD, clear(bench));
}

const released = (type: ReservationType, nuar: 0 | 1): ConformanceCase => ({
  id: `attention.release.nuar-${nuar}.${TYPE_ID[type]}`,
  title:
    nuar === 1
      ? 'With NUAR=1 nobody hears that a reservation was released'
      : 'With NUAR=0 every other registrant hears 2A/04 when a reservation is released',
  clause: 'SPC-4 5.13.11.2.2, 7.5.8',
  needs: [reservationType(type), controlModePage],
  writes: true,
  run: async (bench) => {
    const { a, b, c } = bench;
    const done = await withControlBits(bench, { noUnitAttentionOnRelease: nuar }, async () => {
      await bench.register(a, b);
      await bench.reserve(a, type);
      await a.expect(GOOD, reserveOut('release', { reservationKey: a.key, type }));
      await b.expectAttentions(...(nuar === 1 ? [] : [ATTENTION.reservationsReleased]));
      await a.expectAttentions();
      await c.expectAttentions();
    });
    if (!done) bench.skip(`NUAR of the Control mode page is ${1 - nuar} and cannot be changed`);
  },
});

/** What pending unit attention conditions do to the commands that meet them (SAM-5 5.14). */
export const ATTENTION_CASES: readonly ConformanceCase[] = [
  ...SHARED_TYPES.flatMap((type) => [released(type, 0), released(type, 1)]),
  {
    id: 'attention.inquiry-passes',
    title: 'INQUIRY neither reports a pending attention nor takes it away',
    clause: 'SAM-5 5.14',
    run: async (bench) => {
      await withPending(bench);
      await bench.b.expect(GOOD, inquiry());
      await bench.b.expectAttentions(ATTENTION.reservationsPreempted);
    },
  },
  {
    id: 'attention.request-sense',
    title: 'REQUEST SENSE returns a pending attention as its data, with GOOD, and takes it away',
    clause: 'SAM-5 5.14, SPC-4 6.39',
    run: async (bench) => {
      await withPending(bench);
      const sense = decodeSense(await bench.b.read(requestSense()));
      bench.expectEqual('sense key', sense?.key ?? -1, SENSE_KEY.unitAttention);
      bench.expectEqual(
        'additional sense code',
        (sense?.asc ?? 0) * 256 + (sense?.ascq ?? 0),
        ATTENTION.reservationsPreempted,
      );
      await bench.b.expectAttentions();
    },
  },
  {
    id: 'attention.reported-instead',
    title:
      'A pending attention is reported instead of what the command asks for, which is done when sent again',
    clause: 'SAM-5 5.14',
    run: async (bench) => {
      await withPending(bench);
      await bench.b.expect(check('unitAttention', ATTENTION.reservationsPreempted), reserveIn('readKeys'));
      await bench.b.expect(GOOD, reserveIn('readKeys'));
    },
  },
  {
    id: 'attention.before-or-after-conflict',
    title:
      'A command that meets both a pending attention and a conflict ends with one of them, and both are told',
    clause: 'SAM-5 5.14, SPC-4 5.13.1',
    needs: [reservationType('exclusiveAccess')],
    run: async (bench) => {
      const { a, b } = bench;
      await withPending(bench);
      await bench.register(a);
      await bench.reserve(a, 'exclusiveAccess');
      const first = await b.expect(
        [check('unitAttention', ATTENTION.reservationsPreempted), CONFLICT],
        bench.readBlock(),
      );
      bench.choose('a command that meets both an attention and a conflict', receivedInWords(first));
      await b.takeAttentions();
      await b.expect(CONFLICT, bench.readBlock());
    },
  },
  {
    id: 'attention.each-nexus',
    title: 'Each nexus hears once, whatever another has taken',
    clause: 'SAM-5 5.14',
    run: async (bench) => {
      const { a, b, c } = bench;
      await bench.register(a, b, c);
      await a.expect(GOOD, clear(bench));
      await b.expectAttentions(ATTENTION.reservationsPreempted);
      await b.expectAttentions();
      await c.expectAttentions(ATTENTION.reservationsPreempted);
    },
  },
  {
    id: 'attention.two-conditions',
    title: 'Two conditions are told one after the other, in the order in which they came',
    clause: 'SAM-5 5.14',
    needs: [reservationType('writeExclusiveRegistrantsOnly')],
    run: async (bench) => {
      const { a, b, facts } = bench;
      const type = 'writeExclusiveRegistrantsOnly';
      if (facts.noUnitAttentionOnRelease) bench.skip('NUAR is 1: a RELEASE tells nobody');
      await bench.register(a, b);
      await bench.reserve(a, type);
      await a.expect(GOOD, reserveOut('release', { reservationKey: a.key, type }));
      await a.expect(GOOD, clear(bench));
      await b.expectAttentions(ATTENTION.reservationsReleased, ATTENTION.reservationsPreempted);
    },
  },
  {
    id: 'attention.logical-unit-reset',
    title: 'After a LOGICAL UNIT RESET the other nexuses hear 29/xx',
    clause: 'SAM-5 6.3.3',
    needs: [ownSessions],
    run: async (bench) => {
      const { b, c } = bench;
      await b.manageTask('logicalUnitReset');
      const codes = await c.takeAttentions();
      bench.expectEqual(
        'C hears 29/xx',
        codes.some((code) => code >> 8 === 0x29),
        true,
      );
      bench.choose(
        'whether the nexus that asked for a LOGICAL UNIT RESET hears of it too',
        (await b.takeAttentions()).some((code) => code >> 8 === 0x29) ? 'yes' : 'no',
      );
    },
  },
];
