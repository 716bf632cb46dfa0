import {
  decodeReadFullStatus,
  persistentReserveInHeaderLayout,
  RESERVATION_TYPE_CODE,
  type PrInServiceAction,
} from '../../../protocol/index.js';
import { hexKey, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { ALLOCATION_LENGTH, reserveIn, reserveOut } from '../command.js';
import { GOOD } from '../expectation.js';
import { reservationType, reserveInAction, type Need } from '../needs.js';
import { isAllRegistrants, TYPE_ID, TYPES } from './service-actions/situation.js';

const HEADER_BYTES = persistentReserveInHeaderLayout.lengthBytes;

/** Each PERSISTENT RESERVE IN service action, as case ids and people write it. */
const READS: readonly {
  readonly id: string;
  readonly action: PrInServiceAction;
  readonly name: string;
  readonly clause: string;
}[] = [
  { id: 'read-keys', action: 'readKeys', name: 'READ KEYS', clause: 'SPC-4 6.15.2' },
  {
    id: 'read-reservation',
    action: 'readReservation',
    name: 'READ RESERVATION',
    clause: 'SPC-4 6.15.3',
  },
  {
    id: 'report-capabilities',
    action: 'reportCapabilities',
    name: 'REPORT CAPABILITIES',
    clause: 'SPC-4 6.15.4',
  },
  {
    id: 'read-full-status',
    action: 'readFullStatus',
    name: 'READ FULL STATUS',
    clause: 'SPC-4 6.15.5',
  },
];

type Read = (typeof READS)[number];

const needsOf = ({ action }: Read): readonly Need[] => [reserveInAction(action)];

/** Three nexuses are registered, two with one key, and one holds a reservation. */
async function withRegistrations(bench: Bench): Promise<void> {
  const { a, b, c } = bench;
  await bench.register(a, b);
  await c.expect(GOOD, reserveOut('register', { serviceActionReservationKey: b.key }));
  await bench.reserve(a, bench.anyType());
}

/** The data whole; that they are is checked by their own cases. */
const whole = (bench: Bench, { action }: Read): Promise<Uint8Array> => bench.a.read(reserveIn(action));

/** ALLOCATION LENGTHs by what they cut, from the length of the whole data. */
const CUTS: readonly {
  readonly id: string;
  readonly words: string;
  readonly lengths: (fullBytes: number) => readonly number[];
}[] = [
  { id: 'nothing', words: 'ALLOCATION LENGTH 0', lengths: () => [0] },
  { id: 'in-header', words: 'every ALLOCATION LENGTH under 8', lengths: () => range(1, HEADER_BYTES) },
  {
    id: 'after-header',
    words: 'every ALLOCATION LENGTH from 8 to the whole',
    lengths: (fullBytes) => range(HEADER_BYTES, fullBytes + 1),
  },
  {
    id: 'beyond',
    words: 'an ALLOCATION LENGTH beyond what there is',
    lengths: (fullBytes) => [fullBytes + 1, fullBytes + 256, 0xffff],
  },
];

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);

const cuts: readonly ConformanceCase[] = READS.flatMap((read) =>
  CUTS.map(({ id, words, lengths }) => ({
    id: `prin.${read.id}.cut.${id}`,
    title: `${read.name} with ${words} is GOOD and cut there: its own length is that of the whole`,
    clause: `${read.clause}, 4.2.5.6`,
    needs: needsOf(read),
    run: async (bench) => {
      await withRegistrations(bench);
      const data = await whole(bench, read);
      for (const length of lengths(data.length)) {
        const cut = await bench.a.read(reserveIn(read.action, length));
        bench.expectBytes(
          `${read.name} with ALLOCATION LENGTH ${length}`,
          cut,
          data.subarray(0, Math.min(length, data.length)),
        );
      }
    },
  })),
);

/** The initiator expects another length than it allows the data (RFC 7143 11.4.5). */
const residuals: readonly ConformanceCase[] = READS.flatMap((read) => [
  {
    id: `prin.${read.id}.residual-underflow`,
    title: `${read.name} says how much of the expected length it does not use`,
    clause: 'RFC 7143 11.4.5.1',
    needs: needsOf(read),
    run: async (bench) => {
      await withRegistrations(bench);
      const data = await whole(bench, read);
      for (const length of [HEADER_BYTES, data.length, data.length + 100]) {
        const sent = { ...reserveIn(read.action, length), dataInLength: length + 100 };
        const received = await bench.a.expect(GOOD, sent);
        if (!('result' in received)) return;
        const used = Math.min(length, data.length);
        bench.expectEqual('residual count', received.result.residual, length + 100 - used);
        bench.expectBytes('the data', received.result.dataIn, data.subarray(0, used));
      }
    },
  },
  {
    id: `prin.${read.id}.residual-overflow`,
    title: `${read.name} says how much there was beyond the expected length`,
    clause: 'RFC 7143 11.4.5.1',
    needs: [
      ...needsOf(read),
      (_, { ownsSessions }) =>
        ownsSessions ? undefined : 'a command line gives one length only: an iscsi:// URL is needed',
    ],
    run: async (bench) => {
      await withRegistrations(bench);
      const data = await whole(bench, read);
      // Half of REPORT CAPABILITIES; the header of the others.
      const expectedBytes = data.length / 2 < HEADER_BYTES ? data.length / 2 : HEADER_BYTES;
      const sent = { ...reserveIn(read.action), dataInLength: expectedBytes };
      const received = await bench.a.expect(GOOD, sent);
      if (!('result' in received)) return;
      bench.expectEqual('residual count', received.result.residual, expectedBytes - data.length);
      bench.expectBytes('the data', received.result.dataIn, data.subarray(0, expectedBytes));
    },
  },
]);

/** Who is registered, with whose keys. */
const REGISTRATIONS: readonly {
  readonly id: string;
  readonly words: string;
  readonly keys: (bench: Bench) => readonly bigint[];
}[] = [
  { id: 'empty', words: 'nobody is registered', keys: () => [] },
  { id: 'one', words: 'one nexus is registered', keys: ({ a }) => [a.key] },
  { id: 'several', words: 'three nexuses are registered', keys: ({ a, b, c }) => [a.key, b.key, c.key] },
  {
    id: 'duplicate',
    words: 'three nexuses are registered, two with one key',
    keys: ({ a, b }) => [a.key, b.key, b.key],
  },
];

async function registerKeys(bench: Bench, keys: readonly bigint[]): Promise<void> {
  for (const [at, key] of keys.entries()) {
    await bench.actors[at]?.expect(GOOD, reserveOut('register', { serviceActionReservationKey: key }));
  }
}

const u32 = (bytes: Uint8Array, at: number): number => Buffer.from(bytes).readUInt32BE(at);

/** The header and the length of the whole data. */
function expectHeader(bench: Bench, name: string, data: Uint8Array, bodyBytes: number): void {
  bench.expectEqual(`${name}: bytes received`, data.length, HEADER_BYTES + bodyBytes);
  bench.expectEqual(`${name}: ADDITIONAL LENGTH`, u32(data, 4), bodyBytes);
}

const keys: readonly ConformanceCase[] = REGISTRATIONS.map((one) => ({
  id: `prin.read-keys.${one.id}`,
  title: `READ KEYS has a key for each registered nexus: ${one.words}`,
  clause: 'SPC-4 6.15.2',
  run: async (bench) => {
    const expected = one.keys(bench);
    await registerKeys(bench, expected);
    const data = await bench.a.read(reserveIn('readKeys'));
    expectHeader(bench, 'READ KEYS', data, 8 * expected.length);
    await bench.expectKeys(...expected);
    const other = await bench.a.read(reserveIn('readReservation'));
    bench.expectEqual('PRGENERATION of READ RESERVATION', u32(other, 0), u32(data, 0));
  },
}));

const reservations: readonly ConformanceCase[] = [
  {
    id: 'prin.read-reservation.none',
    title: 'READ RESERVATION has only its header where no reservation is held',
    clause: 'SPC-4 6.15.3.1',
    run: async (bench) => {
      await bench.register(bench.a);
      expectHeader(bench, 'READ RESERVATION', await bench.a.read(reserveIn('readReservation')), 0);
    },
  },
  ...TYPES.map((type): ConformanceCase => ({
    id: `prin.read-reservation.${TYPE_ID[type]}`,
    title: `READ RESERVATION has the ${isAllRegistrants(type) ? 'key 0' : "holder's key"}, scope and type of what is held`,
    clause: 'SPC-4 6.15.3.2',
    needs: [reservationType(type)],
    run: async (bench) => {
      const { a, b } = bench;
      await bench.register(a, b);
      await bench.reserve(a, type);
      const data = await b.read(reserveIn('readReservation'));
      expectHeader(bench, 'READ RESERVATION', data, 16);
      const key = Buffer.from(data).readBigUInt64BE(8);
      bench.expectEqual('RESERVATION KEY', hexKey(key), hexKey(isAllRegistrants(type) ? 0n : a.key));
      bench.expectEqual('byte 20, reserved', data[20] ?? -1, 0);
      bench.expectEqual('SCOPE and TYPE', data[21] ?? -1, RESERVATION_TYPE_CODE[type]);
    },
  })),
];

/** Who holds, and what it says of each registration. */
const statuses: readonly ConformanceCase[] = [null, ...TYPES].map((type) => ({
  id: `prin.read-full-status.${type === null ? 'free' : TYPE_ID[type]}`,
  title: `READ FULL STATUS tells who is registered, and who of them holds ${type === null ? 'nothing' : 'what is held'}`,
  clause: 'SPC-4 6.15.5',
  needs: [reserveInAction('readFullStatus'), ...(type === null ? [] : [reservationType(type)])],
  run: async (bench) => {
    const { a, b } = bench;
    await bench.register(a, b);
    if (type !== null) await bench.reserve(a, type);
    const data = await b.read(reserveIn('readFullStatus'));
    const found = decodeReadFullStatus(data);
    bench.expectEqual('READ FULL STATUS is cut', found?.cut ?? true, false);
    const descriptors = found?.descriptors ?? [];
    const bytes = descriptors.reduce((sum, { transportIdBytes }) => sum + 24 + transportIdBytes.length, 0);
    expectHeader(bench, 'READ FULL STATUS', data, bytes);
    bench.expectEqual('descriptors', descriptors.length, 2);
    for (const actor of [a, b]) {
      const one = descriptors.find(({ key }) => key === actor.key);
      const holds = type !== null && (actor === a || isAllRegistrants(type));
      bench.expectEqual(`R_HOLDER of ${actor.label}`, one?.rHolder ?? 'no descriptor', holds);
      if (type === null || !holds) continue;
      bench.expectEqual(`SCOPE of ${actor.label}`, one?.scope ?? -1, 0);
      bench.expectEqual(`TYPE of ${actor.label}`, one?.type ?? -1, RESERVATION_TYPE_CODE[type]);
    }
  },
}));

const fullStatusOfNobody: ConformanceCase = {
  id: 'prin.read-full-status.empty',
  title: 'READ FULL STATUS has only its header where nobody is registered',
  clause: 'SPC-4 6.15.5',
  needs: [reserveInAction('readFullStatus')],
  run: async (bench) => {
    expectHeader(bench, 'READ FULL STATUS', await bench.a.read(reserveIn('readFullStatus')), 0);
  },
};

const fullStatusOfMany: ConformanceCase = {
  id: 'prin.read-full-status.duplicate',
  title: 'READ FULL STATUS has a descriptor for each registered nexus, also where two have one key',
  clause: 'SPC-4 6.15.5',
  needs: [reserveInAction('readFullStatus')],
  run: async (bench) => {
    await withRegistrations(bench);
    const found = (await bench.fullStatus()).map(({ key }) => hexKey(key));
    const { a, b } = bench;
    const expected = [a.key, b.key, b.key].map(hexKey);
    bench.expectEqual('keys of READ FULL STATUS', found.sort().join(' '), expected.sort().join(' '));
  },
};

/** An unregistered nexus may read whatever is reserved. */
const forAll: readonly ConformanceCase[] = READS.map((read) => ({
  id: `prin.${read.id}.unregistered`,
  title: `${read.name} tells a nexus that is not registered what it tells a registered one`,
  clause: `${read.clause}, 5.13.1 table 65`,
  needs: [...needsOf(read), reservationType('exclusiveAccess')],
  run: async (bench) => {
    const { a, b } = bench;
    await bench.register(a);
    await bench.reserve(a, 'exclusiveAccess');
    const [toA, toB] = [await a.read(reserveIn(read.action)), await b.read(reserveIn(read.action))];
    bench.expectBytes(read.name, toB, toA);
    bench.expectEqual(`${read.name}: bytes`, toA.length <= ALLOCATION_LENGTH && toA.length >= 8, true);
  },
}));

/** What PERSISTENT RESERVE IN returns, whole and cut at every length (C7). */
export const PR_IN_DATA_CASES: readonly ConformanceCase[] = [
  ...keys,
  ...reservations,
  fullStatusOfNobody,
  ...statuses,
  fullStatusOfMany,
  ...forAll,
  ...cuts,
  ...residuals,
];
