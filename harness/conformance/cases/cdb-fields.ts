import { PR_IN_SERVICE_ACTION, PR_OUT_SERVICE_ACTION } from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveIn, reserveOut, reserveOutRaw, type Command, type ReserveOutFields } from '../command.js';
import { check, GOOD, INVALID_RELEASE, receivedInWords, type Expected } from '../expectation.js';
import { reservationType, reserveOutAction, type Need } from '../needs.js';
import { expectNoChange, prepare, VALID_ACTIONS, validCommand } from './valid-actions.js';

const CLAUSE = 'SPC-4 6.15.3.3, 6.15.3.4, 6.16.1';
const hex = (code: number): string => code.toString(16).toUpperCase();
const idOf = (code: number): string => code.toString(16).padStart(2, '0');

const SCOPE_INVALID = check('illegalRequest', 0x2400, { in: 'cdb', byte: 2, bit: 7 });
const TYPE_INVALID = check('illegalRequest', 0x2400, { in: 'cdb', byte: 2, bit: 3 });
const SERVICE_ACTION_INVALID = check('illegalRequest', 0x2400, { in: 'cdb', byte: 1, bit: 4 });

/** 1 and 2 are obsolete, 3 to Fh reserved. */
const BAD_SCOPES = [0x1, 0x2, 0x3, 0xf] as const;
/** 0, 2 and 4 are obsolete, 9 to Fh reserved. */
const BAD_TYPES = [0x0, 0x2, 0x4, 0x9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf] as const;

/** A service action for which SCOPE and TYPE count, in a state in which it would be GOOD. */
interface Counting {
  readonly id: string;
  readonly words: string;
  readonly needs: readonly Need[];
  readonly prepare: (bench: Bench) => Promise<void>;
  /** B sends it. */
  readonly command: (bench: Bench, fields: ReserveOutFields) => Command;
}

const preempting = (action: 'preempt' | 'preemptAndAbort', id: string, name: string): readonly Counting[] => [
  {
    id: `${id}.holder`,
    words: `${name} of the holder's key`,
    needs: [reserveOutAction(action)],
    prepare,
    command: ({ a, b }, fields) =>
      reserveOut(action, { reservationKey: b.key, serviceActionReservationKey: a.key, ...fields }),
  },
  {
    id: `${id}.all-registrants`,
    words: `${name} of key 0 under a reservation of all registrants`,
    needs: [reserveOutAction(action), reservationType('writeExclusiveAllRegistrants')],
    prepare: async (bench) => {
      await bench.register(bench.a, bench.b);
      await bench.reserve(bench.a, 'writeExclusiveAllRegistrants');
    },
    command: ({ b }, fields) => reserveOut(action, { reservationKey: b.key, ...fields }),
  },
];

const COUNTING: readonly Counting[] = [
  {
    id: 'reserve',
    words: 'RESERVE',
    needs: [],
    prepare: (bench) => bench.register(bench.b),
    command: ({ b }, fields) => reserveOut('reserve', { reservationKey: b.key, ...fields }),
  },
  ...preempting('preempt', 'preempt', 'PREEMPT'),
  ...preempting('preemptAndAbort', 'preempt-and-abort', 'PREEMPT AND ABORT'),
];

function refusing(counting: Counting, field: 'scope' | 'type', code: number): ConformanceCase {
  return {
    id: `cdb.${field}-${hex(code).toLowerCase()}.${counting.id}`,
    title: `${counting.words} with ${field.toUpperCase()} ${hex(code)}h is refused, and nothing changes`,
    clause: CLAUSE,
    needs: counting.needs,
    run: async (bench) => {
      await counting.prepare(bench);
      const sent = counting.command(
        bench,
        field === 'scope' ? { scope: code, type: bench.anyType() } : { type: code },
      );
      await expectNoChange(bench, () =>
        bench.b.expect(field === 'scope' ? SCOPE_INVALID : TYPE_INVALID, sent),
      );
    },
  };
}

const counted: readonly ConformanceCase[] = COUNTING.flatMap((counting) => [
  ...BAD_SCOPES.map((code) => refusing(counting, 'scope', code)),
  ...BAD_TYPES.map((code) => refusing(counting, 'type', code)),
]);

/** RELEASE by the holder of what cannot be held: not implemented, and not what is held. */
const releases: readonly ConformanceCase[] = (
  [
    ['scope', 0x1],
    ['scope', 0xf],
    ['type', 0x0],
    ['type', 0xf],
  ] as const
).map(([field, code]) => ({
  id: `cdb.${field}-${hex(code).toLowerCase()}.release`,
  title: `RELEASE by the holder with ${field.toUpperCase()} ${hex(code)}h is refused, and the reservation stays`,
  clause: `${CLAUSE}, 5.13.11.2.2`,
  run: async (bench) => {
    await prepare(bench);
    const fields = field === 'scope' ? { scope: code, type: bench.anyType() } : { type: code };
    const sent = reserveOut('release', { reservationKey: bench.a.key, ...fields });
    const allowed: readonly Expected[] = [INVALID_RELEASE, field === 'scope' ? SCOPE_INVALID : TYPE_INVALID];
    await expectNoChange(bench, async () => {
      const received = await bench.a.expect(allowed, sent);
      bench.choose(`RELEASE with a ${field.toUpperCase()} that does not exist`, receivedInWords(received));
    });
  },
}));

/** Where they do not count; the key that VALID_ACTIONS preempt is not the holder's. */
const ignored: readonly ConformanceCase[] = VALID_ACTIONS.filter(
  ({ id }) => id !== 'reserve' && id !== 'release',
).map((valid) => ({
  id: `cdb.scope-and-type-ignored.${valid.id}`,
  title: `${valid.name} ${valid.id.startsWith('preempt') ? 'of the key of one who holds nothing ' : ''}ignores SCOPE and TYPE`,
  clause: 'SPC-4 6.16.3 table 216, 5.13.11.2.4',
  needs: valid.needs,
  run: async (bench) => {
    await prepare(bench);
    await bench.a.expect(GOOD, validCommand(valid, bench, { scope: 0xf, type: 0xf }));
  },
}));

const codes = (first: number): readonly number[] =>
  Array.from({ length: 0x20 - first }, (_, at) => first + at);

const reserved: readonly ConformanceCase[] = [
  ...codes(PR_OUT_SERVICE_ACTION.replaceLostReservation + 1).map((code): ConformanceCase => ({
    id: `cdb.reserved-service-action.out-${idOf(code)}`,
    title: `PERSISTENT RESERVE OUT with the reserved service action ${hex(code)}h is refused, whoever sends it`,
    clause: 'SPC-4 6.16.2 table 213',
    run: async (bench) => {
      const list = new Uint8Array(24);
      await bench.a.expect(SERVICE_ACTION_INVALID, reserveOutRaw(code, list));
      await prepare(bench);
      await expectNoChange(bench, () => bench.a.expect(SERVICE_ACTION_INVALID, reserveOutRaw(code, list)));
      // A reservation says nothing of what is no command at all.
      await expectNoChange(bench, () => bench.c.expect(SERVICE_ACTION_INVALID, reserveOutRaw(code, list)));
    },
  })),
  ...codes(PR_IN_SERVICE_ACTION.readFullStatus + 1).map((code): ConformanceCase => ({
    id: `cdb.reserved-service-action.in-${idOf(code)}`,
    title: `PERSISTENT RESERVE IN with the reserved service action ${hex(code)}h is refused`,
    clause: 'SPC-4 6.15.1 table 201',
    run: async ({ a }) => {
      await a.expect(SERVICE_ACTION_INVALID, reserveIn(code));
    },
  })),
];

/** The bits of each CDB that are reserved, by byte. */
const RESERVED_BITS = [
  {
    id: 'out',
    name: 'PERSISTENT RESERVE OUT',
    bytes: [
      [1, 0xe0],
      [3, 0xff],
      [4, 0xff],
    ],
  },
  {
    id: 'in',
    name: 'PERSISTENT RESERVE IN',
    bytes: [
      [1, 0xe0],
      [2, 0xff],
      [3, 0xff],
      [4, 0xff],
      [5, 0xff],
      [6, 0xff],
    ],
  },
] as const;

const reservedBits: readonly ConformanceCase[] = RESERVED_BITS.flatMap(({ id, name, bytes }) =>
  bytes.map(([byte, bits]) => ({
    id: `cdb.reserved-bits.${id}-byte-${byte}`,
    title: `${name} with the reserved bits of byte ${byte} set is taken as if they were 0, or refused`,
    clause: 'SPC-4 3.3.9, 6.15.1, 6.16.1',
    run: async (bench) => {
      const { a } = bench;
      const proper =
        id === 'in' ? reserveIn('readKeys') : reserveOut('register', { serviceActionReservationKey: a.key });
      const cdb = Uint8Array.from(proper.cdb);
      cdb[byte] = (cdb[byte] ?? 0) | bits;
      const refused = check('illegalRequest', 0x2400, { in: 'cdb', byte });
      const received = await a.expect([GOOD, refused], { ...proper, cdb });
      bench.choose(
        `${name} with the reserved bits of byte ${byte} of its CDB set`,
        receivedInWords(received),
      );
    },
  })),
);

/** SCOPE, TYPE and SERVICE ACTION of PERSISTENT RESERVE IN and OUT, and bits without meaning (C1, C2). */
export const CDB_FIELD_CASES: readonly ConformanceCase[] = [
  ...counted,
  ...releases,
  ...ignored,
  ...reserved,
  ...reservedBits,
];
