import {
  encodeTransportId,
  RESERVATION_TYPE_NAME,
  type PrOutServiceAction,
  type ReportCapabilitiesData,
} from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase } from '../case.js';
import {
  registerAndMove,
  reserveIn,
  reserveOut,
  testUnitReady,
  type Command,
  type ReserveOutFields,
} from '../command.js';
import {
  check,
  GOOD,
  INVALID_FIELD_IN_CDB,
  INVALID_RELEASE,
  LET_THROUGH,
  receivedInWords,
  type Expected,
} from '../expectation.js';
import { ownSessions, reserveInAction, reserveOutAction, type Need } from '../needs.js';
import { claimsType } from '../facts.js';
import { bytesOf, portId } from './transport-id-bytes.js';
import { NEW_KEY } from './valid-actions.js';
import { TYPE_ID, TYPES } from './service-actions/situation.js';

const CLAUSE = 'SPC-4 6.15.4';
const FLAGS_BYTE = 20;
const needsCapabilities: Need = reserveInAction('reportCapabilities');

/** Bits of a parameter list, each with the capability that a device server must claim to take it. */
const OPTIONS: readonly {
  readonly id: string;
  readonly words: string;
  readonly capability: keyof ReportCapabilitiesData;
  readonly bit: number;
  readonly actions: readonly PrOutServiceAction[];
  /** Undefined: the suite cannot ask for it here. */
  readonly fields: (bench: Bench) => ReserveOutFields | undefined;
}[] = [
  {
    id: 'aptpl',
    words: 'APTPL=1 as PTPL_C says',
    capability: 'persistThroughPowerLossCapable',
    bit: 0,
    actions: ['register', 'registerAndIgnoreExistingKey'],
    fields: () => ({ aptpl: true }),
  },
  {
    id: 'all-tg-pt',
    words: 'ALL_TG_PT=1 as ATP_C says',
    capability: 'allTargetPortsCapable',
    bit: 2,
    actions: ['register', 'registerAndIgnoreExistingKey'],
    fields: () => ({ allTgPt: true }),
  },
  {
    id: 'spec-i-pt',
    words: 'SPEC_I_PT=1 as SIP_C says',
    capability: 'specifyInitiatorPortsCapable',
    bit: 3,
    actions: ['register'],
    fields: ({ b }) =>
      b.transportId === undefined ? undefined : { transportIds: [encodeTransportId(b.transportId)] },
  },
];

/** GOOD where it is claimed; an invalid field of the parameter list, and nobody registered, where it is not. */
async function tryClaim(bench: Bench, claimed: boolean, refused: Expected, sent: Command): Promise<void> {
  await bench.a.expect(claimed ? GOOD : refused, sent);
  bench.expectEqual('registered', (await bench.keys()).length > 0, claimed);
}

const options: readonly ConformanceCase[] = OPTIONS.flatMap(
  ({ id, words, capability, bit, actions, fields }) =>
    actions.map((action) => ({
      id: `capabilities.${id}.${action === 'register' ? 'register' : 'register-and-ignore'}`,
      title: `${action === 'register' ? 'REGISTER' : 'REGISTER AND IGNORE EXISTING KEY'} takes or refuses ${words}`,
      clause: `${CLAUSE}, 6.16.3`,
      needs: [needsCapabilities],
      run: async (bench: Bench) => {
        const claimed = bench.facts.capabilities?.[capability] === 1;
        const refused = check('illegalRequest', 0x2600, { in: 'parameterList', byte: FLAGS_BYTE, bit });
        const given = fields(bench) ?? bench.skip('the TransportIDs of the initiators are not known');
        const sent = reserveOut(action, { serviceActionReservationKey: NEW_KEY, ...given });
        await tryClaim(bench, claimed, refused, sent);
      },
    })),
);

const aptplOfMove: ConformanceCase = {
  id: 'capabilities.aptpl.register-and-move',
  title: 'REGISTER AND MOVE takes or refuses APTPL=1 as PTPL_C says',
  clause: `${CLAUSE}, 6.16.4`,
  needs: [needsCapabilities, ownSessions, reserveOutAction('registerAndMove')],
  run: async (bench) => {
    const { a, b, facts } = bench;
    await bench.register(a, b);
    const type = bench.anyType();
    await bench.reserve(a, type);
    const claimed = facts.capabilities?.persistThroughPowerLossCapable === 1;
    const refused = check('illegalRequest', 0x2600, { in: 'parameterList', byte: 17, bit: 0 });
    const sent = registerAndMove({
      reservationKey: a.key,
      serviceActionReservationKey: b.key,
      aptpl: true,
      relativeTargetPortId: portId(bench, 0),
      transportId: bytesOf(b),
    });
    await a.expect(claimed ? GOOD : refused, sent);
    const { persistThroughPowerLossActivated } = await bench.capabilities();
    bench.expectEqual('PTPL_A', persistThroughPowerLossActivated, claimed ? 1 : 0);
    await bench.expectReservation({ key: claimed ? b.key : a.key, type });
  },
};

/** RESERVE of each type against its bit of the PERSISTENT RESERVATION TYPE MASK. */
const types: readonly ConformanceCase[] = TYPES.map((type) => ({
  id: `capabilities.type.${TYPE_ID[type]}`,
  title: `RESERVE takes ${RESERVATION_TYPE_NAME[type]} exactly where the type mask has it`,
  clause: `${CLAUSE}, 6.15.3.4`,
  needs: [needsCapabilities],
  run: async (bench) => {
    const { a, facts } = bench;
    await bench.register(a);
    const { capabilities } = facts;
    const sent = reserveOut('reserve', { reservationKey: a.key, type });
    if (capabilities?.typeMaskValid !== 1) {
      const received = await a.expect([GOOD, INVALID_FIELD_IN_CDB], sent);
      bench.choose(`RESERVE of ${RESERVATION_TYPE_NAME[type]} with TMV=0`, receivedInWords(received));
      return;
    }
    const claimed = capabilities[type] === 1;
    await a.expect(claimed ? GOOD : INVALID_FIELD_IN_CDB, sent);
    await bench.expectReservation(claimed ? { key: TYPE_ID[type].endsWith('-ar') ? 0n : a.key, type } : null);
  },
}));

const others: readonly ConformanceCase[] = [
  {
    id: 'capabilities.replace-lost-reservation',
    title: 'REPLACE LOST RESERVATION is there where RLR_C is 1, and no valid service action where it is 0',
    clause: `${CLAUSE}, 5.13.11.3`,
    needs: [needsCapabilities],
    run: async (bench) => {
      const { a, facts } = bench;
      const claimed = facts.capabilities?.replaceLostReservationCapable === 1;
      const sent = reserveOut('replaceLostReservation', {
        serviceActionReservationKey: a.key,
        type: bench.anyType(),
      });
      await a.expect(claimed ? INVALID_RELEASE : INVALID_FIELD_IN_CDB, sent);
      await bench.expectRegistered();
    },
  },
  {
    id: 'capabilities.format',
    title: 'REPORT CAPABILITIES has LENGTH 8, no reserved bit set, and no reserved value of ALLOW COMMANDS',
    clause: `${CLAUSE} table 208`,
    needs: [needsCapabilities],
    run: async (bench) => {
      const data = await bench.a.read(reserveIn('reportCapabilities'));
      bench.expectEqual('bytes received', data.length, 8);
      bench.expectEqual('LENGTH', Buffer.from(data).readUInt16BE(0), 8);
      const reserved = [0, 0, 0x62, 0x0e, 0x15, 0xfe, 0xff, 0xff];
      const set = data.map((byte, at) => byte & (reserved[at] ?? 0));
      bench.expectBytes('reserved bits', set, new Uint8Array(8));
      bench.expectEqual('ALLOW COMMANDS is reserved', (((data[3] ?? 0) >> 4) & 7) > 4, false);
    },
  },
  {
    id: 'capabilities.type-mask-valid',
    title: 'Where TMV is 1 the type mask has a type',
    clause: `${CLAUSE} table 209`,
    needs: [needsCapabilities],
    run: async (bench) => {
      const { typeMaskValid, ...capabilities } = await bench.capabilities();
      bench.choose('TMV', String(typeMaskValid));
      const claimed = TYPES.some((type) => capabilities[type] === 1);
      bench.expectEqual('a type in a valid mask', typeMaskValid === 0 || claimed, true);
    },
  },
  {
    id: 'capabilities.persist-through-power-loss-activated',
    title: 'PTPL_A is 0 where the last APTPL was 0, and wherever PTPL_C is 0',
    clause: CLAUSE,
    needs: [needsCapabilities],
    run: async (bench) => {
      await bench.register(bench.a);
      const { persistThroughPowerLossActivated } = await bench.capabilities();
      bench.expectEqual('PTPL_A', persistThroughPowerLossActivated, 0);
    },
  },
  {
    id: 'capabilities.allow-commands',
    title: 'TEST UNIT READY passes every reservation where ALLOW COMMANDS says so',
    clause: `${CLAUSE} table 208`,
    needs: [needsCapabilities],
    run: async (bench) => {
      const { a, b, facts } = bench;
      const { allowCommands = 0 } = facts.capabilities ?? {};
      if (allowCommands === 0) bench.skip('ALLOW COMMANDS is 0: it says nothing');
      for (const type of TYPES.filter((one) => claimsType(facts, one))) {
        await bench.register(a);
        await bench.reserve(a, type);
        await b.expect(LET_THROUGH, testUnitReady());
        await a.expect(GOOD, reserveOut('clear', { reservationKey: a.key }));
      }
    },
  },
];

/** What REPORT CAPABILITIES claims, held against what the device server does (C7). */
export const CAPABILITY_CASES: readonly ConformanceCase[] = [...others, ...types, ...options, aptplOfMove];
