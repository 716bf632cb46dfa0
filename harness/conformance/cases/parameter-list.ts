import {
  basicParameterList,
  encodeTransportId,
  PR_OUT_SERVICE_ACTION,
  registerAndMoveParameterList,
} from '../../../protocol/index.js';
import { UNKNOWN_KEY, type Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import { reserveOut, reserveOutRaw, type Command, type ReserveOutFields } from '../command.js';
import {
  check,
  CONFLICT,
  GOOD,
  INVALID_FIELD_IN_PARAMETER_LIST,
  PARAMETER_LIST_LENGTH_ERROR,
  receivedInWords,
  type Expected,
} from '../expectation.js';
import { reserveOutAction } from '../needs.js';
import { likelyPortId, STRANGER } from './transport-id-bytes.js';
import {
  basicListOf,
  expectNoChange,
  NEW_KEY,
  prepare,
  VALID_ACTIONS,
  validCommand,
} from './valid-actions.js';

const FLAGS_BYTE = 20;
/** Lengths of the basic parameter list that are wrong: it is 24 bytes long without SPEC_I_PT. */
const WRONG_LENGTHS = [0, 8, 23, 25, 32, 65_560] as const;

const lengths: readonly ConformanceCase[] = VALID_ACTIONS.flatMap((valid) =>
  WRONG_LENGTHS.map((lengthBytes) => ({
    id: `parameter-list.length-${lengthBytes}.${valid.id}`,
    title: `${valid.name} with a parameter list of ${lengthBytes} bytes is refused, and nothing changes`,
    clause: 'SPC-4 6.16.1',
    needs: valid.needs,
    run: async (bench) => {
      await prepare(bench);
      const list = basicListOf(valid, bench, lengthBytes);
      const { type } = valid.fields(bench);
      const sent = reserveOutRaw(PR_OUT_SERVICE_ACTION[valid.action], list, {
        name: valid.name,
        ...(type === undefined ? {} : { type }),
      });
      await expectNoChange(bench, () => bench.a.expect(PARAMETER_LIST_LENGTH_ERROR, sent));
    },
  })),
);

/** Shorter than what comes before the TransportID. */
const moveLengths: readonly ConformanceCase[] = [0, 8, 23].map((lengthBytes) => ({
  id: `parameter-list.length-${lengthBytes}.register-and-move`,
  title: `REGISTER AND MOVE with a parameter list of ${lengthBytes} bytes is refused, and nothing changes`,
  clause: 'SPC-4 6.16.1, 6.16.4',
  needs: [reserveOutAction('registerAndMove')],
  run: async (bench) => {
    await prepare(bench);
    const whole = registerAndMoveParameterList({
      reservationKey: bench.a.key,
      serviceActionReservationKey: UNKNOWN_KEY,
      relativeTargetPortId: likelyPortId(bench, 0),
      transportId: encodeTransportId(STRANGER),
    });
    const sent = reserveOutRaw(PR_OUT_SERVICE_ACTION.registerAndMove, whole.subarray(0, lengthBytes), {
      name: 'REGISTER AND MOVE',
    });
    // Which of the two the standard leaves open where the list has no room for its TransportID.
    const either = [PARAMETER_LIST_LENGTH_ERROR, INVALID_FIELD_IN_PARAMETER_LIST];
    await expectNoChange(bench, async () => {
      const received = await bench.a.expect(either, sent);
      bench.choose('REGISTER AND MOVE with a parameter list under 24 bytes', receivedInWords(received));
    });
  },
}));

const specIPt: readonly ConformanceCase[] = VALID_ACTIONS.filter(({ id }) => id !== 'register').map(
  (valid) => ({
    id: `parameter-list.spec-i-pt.${valid.id}`,
    title: `${valid.name} with SPEC_I_PT=1 is refused, and nothing changes`,
    clause: 'SPC-4 6.16.3 table 216',
    needs: valid.needs,
    run: async (bench) => {
      await prepare(bench);
      const refused = check('illegalRequest', 0x2600, { in: 'parameterList', byte: FLAGS_BYTE, bit: 3 });
      const sent = validCommand(valid, bench, { transportIds: [encodeTransportId(STRANGER)] });
      if (bench.level === 'spc3' && valid.id === 'register-and-ignore') {
        const received = await bench.a.expect([refused, GOOD], sent);
        bench.choose('SPEC_I_PT=1 in REGISTER AND IGNORE EXISTING KEY (SPC-3)', receivedInWords(received));
        return;
      }
      await expectNoChange(bench, () => bench.a.expect(refused, sent));
    },
  }),
);

/** Bits that count for service actions that register, and must be ignored elsewhere. */
const IGNORED = [
  { id: 'aptpl', words: 'APTPL', fields: { aptpl: true } },
  { id: 'all-tg-pt', words: 'ALL_TG_PT', fields: { allTgPt: true } },
] as const;

const ignored: readonly ConformanceCase[] = IGNORED.flatMap((bit) =>
  VALID_ACTIONS.filter(({ id }) => !id.startsWith('register')).map((valid) => ({
    id: `parameter-list.${bit.id}-ignored.${valid.id}`,
    title: `${valid.name} ignores ${bit.words}`,
    clause: 'SPC-4 6.16.3 table 216',
    needs: valid.needs,
    run: async (bench: Bench) => {
      await prepare(bench);
      await bench.a.expect(GOOD, validCommand(valid, bench, bit.fields));
      const { capabilities } = bench.facts;
      if (bit.id !== 'aptpl' || capabilities === undefined) return;
      const { persistThroughPowerLossActivated } = await bench.capabilities();
      bench.expectEqual(`PTPL_A after ${valid.name} with APTPL=1`, persistThroughPowerLossActivated, 0);
    },
  })),
);

/** Fields of the basic list without meaning: a device server may check them or not. */
const MEANINGLESS = [
  { id: 'reserved-bits', words: 'reserved bits', byte: 20, value: 0xf2 },
  { id: 'reserved-byte', words: 'a reserved byte', byte: 21, value: 0xff },
  { id: 'scope-specific-address', words: 'the obsolete SCOPE-SPECIFIC ADDRESS', byte: 16, value: 0xff },
  { id: 'extent-length', words: 'the obsolete EXTENT LENGTH', byte: 22, value: 0xff },
] as const;

/** The list of a REGISTER, with zeros after it up to this length. */
function registering(reservationKey: bigint, lengthBytes: number): Uint8Array {
  const list = new Uint8Array(lengthBytes);
  list.set(basicParameterList({ reservationKey, serviceActionReservationKey: NEW_KEY }));
  return list;
}

const meaningless: readonly ConformanceCase[] = MEANINGLESS.map(({ id, words, byte, value }) => ({
  id: `parameter-list.${id}`,
  title: `A list with ${words} set is taken as if they were 0, or refused as an invalid field`,
  clause: 'SPC-4 6.16.3, 3.3.9',
  run: async (bench) => {
    const list = registering(0n, 24);
    list.set([value], byte);
    const refused = check('illegalRequest', 0x2600, { in: 'parameterList', byte });
    const received = await bench.a.expect(
      [GOOD, refused],
      reserveOutRaw(PR_OUT_SERVICE_ACTION.register, list, { name: 'REGISTER' }),
    );
    bench.choose(`PERSISTENT RESERVE OUT parameter list with ${words} set`, receivedInWords(received));
  },
}));

/** Two things are wrong at once, and the standard does not say which is told: whichever, and nothing changes. */
function order(
  id: string,
  words: string,
  allowed: readonly Expected[],
  send: (bench: Bench) => Command,
): ConformanceCase {
  return {
    id: `order.${id}`,
    title: `${words}: it is refused for either reason, and nothing changes`,
    clause: 'SPC-4 5.13.7, 6.16.1, 6.16.3',
    run: async (bench) => {
      await prepare(bench);
      await expectNoChange(bench, async () => {
        const received = await bench.b.expect(allowed, send(bench));
        bench.choose(words, receivedInWords(received));
      });
    },
  };
}

const SCOPE_INVALID = check('illegalRequest', 0x2400, { in: 'cdb', byte: 2, bit: 7 });
const TYPE_INVALID = check('illegalRequest', 0x2400, { in: 'cdb', byte: 2, bit: 3 });
/** As B may send it, but for its key. */
const wrongKey = (bench: Bench, action: 'reserve' | 'release', fields: ReserveOutFields): Command =>
  reserveOut(action, { reservationKey: UNKNOWN_KEY, type: bench.anyType(), ...fields });

const orders: readonly ConformanceCase[] = [
  order(
    'wrong-key-or-length',
    'A wrong RESERVATION KEY in a parameter list that is too long',
    [CONFLICT, PARAMETER_LIST_LENGTH_ERROR],
    () => reserveOutRaw(PR_OUT_SERVICE_ACTION.register, registering(UNKNOWN_KEY, 32), { name: 'REGISTER' }),
  ),
  order(
    'wrong-key-or-spec-i-pt',
    'A wrong RESERVATION KEY and SPEC_I_PT=1 in RELEASE',
    [CONFLICT, INVALID_FIELD_IN_PARAMETER_LIST],
    (bench) => wrongKey(bench, 'release', { transportIds: [encodeTransportId(STRANGER)] }),
  ),
  order(
    'wrong-key-or-scope',
    'A wrong RESERVATION KEY and a reserved SCOPE',
    [CONFLICT, SCOPE_INVALID],
    (bench) => wrongKey(bench, 'reserve', { scope: 0xf }),
  ),
  order(
    'wrong-key-or-type',
    'A wrong RESERVATION KEY and a reserved TYPE',
    [CONFLICT, TYPE_INVALID],
    (bench) => wrongKey(bench, 'reserve', { type: 0xf }),
  ),
  order('held-or-type', 'RESERVE of a reserved TYPE while another holds', [CONFLICT, TYPE_INVALID], ({ b }) =>
    reserveOut('reserve', { reservationKey: b.key, type: 0xf }),
  ),
];

/** The parameter list of PERSISTENT RESERVE OUT: its length, its flags, and what is checked first (C1, C2). */
export const PARAMETER_LIST_CASES: readonly ConformanceCase[] = [
  ...lengths,
  ...moveLengths,
  ...specIPt,
  ...ignored,
  ...meaningless,
  ...orders,
];
