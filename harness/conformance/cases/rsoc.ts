import {
  commandDescriptorLayout,
  commandTimeoutsLayout,
  decodeAllCommands,
  encodeTransportId,
  oneCommandHeaderLayout,
  OPERATION_CODE,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  registerAndMoveParameterList,
  REPORTING_OPTIONS,
  reportSupportedOperationCodesCdb,
  SUPPORT,
} from '../../../protocol/index.js';
import type { Bench } from '../bench.js';
import type { ConformanceCase, Level } from '../case.js';
import { reserveIn, reserveOutRaw, type Command } from '../command.js';
import {
  CONFLICT,
  GOOD,
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETER_LIST,
  INVALID_RELEASE,
} from '../expectation.js';
import { commandCode } from '../facts.js';
import type { Need } from '../needs.js';
import { likelyPortId, STRANGER } from './transport-id-bytes.js';
import { prepare } from './valid-actions.js';

const CLAUSE = 'SPC-4 6.35';
const LIST_BYTES = 0x4000;

const IN = OPERATION_CODE.persistentReserveIn;
const OUT = OPERATION_CODE.persistentReserveOut;
/** Reserved in PERSISTENT RESERVE IN and OUT alike. */
const NO_SERVICE_ACTION = 0x1f;
/** Of no command in any standard. */
const NO_OPERATION_CODE = 0x0d;
/** REPORTING OPTIONS 011b and RCTD are of SPC-4. */
const SINCE_SPC4: readonly Level[] = ['spc4', 'spc5'];

const hex = (code: number): string => code.toString(16).padStart(2, '0');

const lists: Need = ({ commands }) =>
  commands === undefined ? 'the target has no REPORT SUPPORTED OPERATION CODES' : undefined;

interface Asked {
  readonly reportingOptions: number;
  readonly requestedOperationCode?: number;
  readonly requestedServiceAction?: number;
  readonly returnCommandTimeoutsDescriptor?: number;
}

const ask = (asked: Asked, allocationLength = LIST_BYTES): Command => ({
  name: 'REPORT SUPPORTED OPERATION CODES',
  cdb: reportSupportedOperationCodesCdb({ ...asked, allocationLength }),
  dataInLength: allocationLength,
});

const ALL: Asked = { reportingOptions: REPORTING_OPTIONS.all };

/** Every service action of PERSISTENT RESERVE IN and OUT. */
const SERVICE_ACTIONS = [
  ...Object.values(PR_IN_SERVICE_ACTION).map((serviceAction) => ({ operationCode: IN, serviceAction })),
  ...Object.values(PR_OUT_SERVICE_ACTION).map((serviceAction) => ({ operationCode: OUT, serviceAction })),
];

/** What a device server that has the service action does not refuse as an invalid field of the CDB. */
function tryOut(bench: Bench, operationCode: number, serviceAction: number): Command {
  if (operationCode === IN) return reserveIn(serviceAction);
  const isMove = serviceAction === PR_OUT_SERVICE_ACTION.registerAndMove;
  const list = isMove
    ? registerAndMoveParameterList({
        reservationKey: bench.b.key,
        serviceActionReservationKey: bench.b.key,
        relativeTargetPortId: likelyPortId(bench, 0),
        transportId: encodeTransportId(STRANGER),
      })
    : new Uint8Array(24);
  return reserveOutRaw(serviceAction, list, { type: bench.anyType() });
}

/** A service action that is listed works, and one that is not is refused. */
const behaviour: readonly ConformanceCase[] = SERVICE_ACTIONS.map(({ operationCode, serviceAction }) => {
  const code = commandCode(operationCode, serviceAction);
  return {
    id: `rsoc.behaviour.${hex(operationCode)}-${hex(serviceAction)}`,
    title: `${code} is listed exactly where the device server has it`,
    clause: CLAUSE,
    needs: [lists],
    run: async (bench) => {
      const { commands } = bench.facts;
      if (commands?.has(commandCode(operationCode)) === true) {
        bench.skip(`${commandCode(operationCode)}h is listed without its service actions`);
      }
      await prepare(bench);
      const sent = tryOut(bench, operationCode, serviceAction);
      // B is registered and does not hold: a conflict, or GOOD, tells that the service action is there.
      const { b } = bench;
      const there = [GOOD, CONFLICT, INVALID_RELEASE];
      // Whether the list or its sender is looked at first is open; the list names nobody that the device server knows.
      if (serviceAction === PR_OUT_SERVICE_ACTION.registerAndMove)
        there.push(INVALID_FIELD_IN_PARAMETER_LIST);
      await b.expect(commands?.has(code) === true ? there : INVALID_FIELD_IN_CDB, sent);
    },
  };
});

const list: readonly ConformanceCase[] = [
  {
    id: 'rsoc.all.length',
    title: 'The list of all commands is as long as it says, in whole descriptors',
    clause: `${CLAUSE}.2`,
    needs: [lists],
    run: async (bench) => {
      const data = await bench.a.read(ask(ALL));
      bench.expectEqual('COMMAND DATA LENGTH', Buffer.from(data).readUInt32BE(0), data.length - 4);
      const found = decodeAllCommands(data);
      bench.expectEqual(
        'bytes of its descriptors',
        found.length * commandDescriptorLayout.lengthBytes,
        data.length - 4,
      );
    },
  },
  {
    id: 'rsoc.all.once',
    title: 'No command is listed twice',
    clause: `${CLAUSE}.2`,
    needs: [lists],
    run: async (bench) => {
      const found = decodeAllCommands(await bench.a.read(ask(ALL)));
      const codes = found.map(({ operationCode, serviceAction }) =>
        commandCode(operationCode, serviceAction),
      );
      const twice = codes.filter((code, index) => codes.indexOf(code) !== index);
      bench.expectEqual('commands listed twice', twice.join(' '), '');
    },
  },
  ...[IN, OUT].map((operationCode): ConformanceCase => ({
    id: `rsoc.all.service-actions.${hex(operationCode)}`,
    title: `${commandCode(operationCode)}h is listed by service action (SERVACTV=1), with its CDB of 10 bytes`,
    clause: `${CLAUSE}.2`,
    needs: [lists],
    run: async (bench) => {
      const found = decodeAllCommands(await bench.a.read(ask(ALL)));
      const ours = found.filter((one) => one.operationCode === operationCode);
      bench.expectEqual('its descriptors are there', ours.length > 0, true);
      for (const { serviceAction, cdbLengthBytes } of ours) {
        const code = commandCode(operationCode, serviceAction);
        bench.expectEqual(`SERVACTV of ${code}`, serviceAction === undefined ? 0 : 1, 1);
        bench.expectEqual(`CDB LENGTH of ${code}`, cdbLengthBytes, 10);
      }
    },
  })),
  {
    id: 'rsoc.all.reserved-service-actions',
    title: 'No reserved service action of PERSISTENT RESERVE IN or OUT is listed',
    clause: `${CLAUSE}.2, 6.15.1 table 201, 6.16.2 table 213`,
    needs: [lists],
    run: async (bench) => {
      const known = new Set(SERVICE_ACTIONS.map((one) => commandCode(one.operationCode, one.serviceAction)));
      const found = decodeAllCommands(await bench.a.read(ask(ALL)))
        .filter(
          ({ operationCode, serviceAction }) =>
            (operationCode === IN || operationCode === OUT) && serviceAction !== undefined,
        )
        .map(({ operationCode, serviceAction }) => commandCode(operationCode, serviceAction));
      bench.expectEqual('reserved ones listed', found.filter((code) => !known.has(code)).join(' '), '');
    },
  },
  {
    id: 'rsoc.all.mandatory',
    title:
      'The commands that every device server has are listed, and REPORT SUPPORTED OPERATION CODES itself',
    clause: `${CLAUSE}.2`,
    needs: [lists],
    run: (bench) => {
      // REPORT LUNS need be answered on LUN 0 or a well-known LUN only.
      const missing = ['00', '03', '12', 'A3/0C'].filter((code) => bench.facts.commands?.has(code) !== true);
      bench.expectEqual('commands not listed', missing.join(' '), '');
      return Promise.resolve();
    },
  },
  {
    id: 'rsoc.all.timeouts',
    title:
      'With RCTD=1 each descriptor has a timeouts descriptor of 10 bytes behind it, and with RCTD=0 none has',
    clause: `${CLAUSE}.2, 6.35.4`,
    needs: [lists],
    levels: SINCE_SPC4,
    run: async (bench) => {
      const without = decodeAllCommands(await bench.a.read(ask(ALL)));
      const data = await bench.a.read(ask({ ...ALL, returnCommandTimeoutsDescriptor: 1 }));
      const found = decodeAllCommands(data);
      bench.expectEqual('commands with RCTD=1', found.length, without.length);
      const each = commandDescriptorLayout.lengthBytes + commandTimeoutsLayout.lengthBytes;
      bench.expectEqual('bytes with RCTD=1', data.length, 4 + each * found.length);
      for (let at = 4 + commandDescriptorLayout.lengthBytes; at < data.length; at += each) {
        bench.expectEqual(
          'DESCRIPTOR LENGTH of timeouts',
          commandTimeoutsLayout.decode(data, at).descriptorLength,
          10,
        );
      }
    },
  },
  {
    id: 'rsoc.all.cut',
    title: 'The list is cut at ALLOCATION LENGTH, and COMMAND DATA LENGTH is that of the whole',
    clause: `${CLAUSE}.2, 4.2.5.6`,
    needs: [lists],
    run: async (bench) => {
      const data = await bench.a.read(ask(ALL));
      for (const length of [0, 1, 4, 7, 12, data.length - 1, data.length + 1]) {
        const cut = await bench.a.read(ask(ALL, length));
        bench.expectBytes(`ALLOCATION LENGTH ${length}`, cut, data.subarray(0, length));
      }
    },
  },
];

/** Where a command is asked for by an option that is not for it. */
function refused(id: string, words: string, asked: Asked, levels?: readonly Level[]): ConformanceCase {
  return {
    id: `rsoc.refused.${id}`,
    title: `${words} is refused`,
    clause: `${CLAUSE}.1`,
    needs: [lists],
    ...(levels === undefined ? {} : { levels }),
    run: async ({ a }) => {
      await a.expect(INVALID_FIELD_IN_CDB, ask(asked));
    },
  };
}

/** What one command is reported as. */
function reported(
  id: string,
  words: string,
  asked: Asked,
  support: number,
  levels?: readonly Level[],
): ConformanceCase {
  return {
    id: `rsoc.one.${id}`,
    title: `${words} is reported with SUPPORT ${support.toString(2).padStart(3, '0')}b`,
    clause: `${CLAUSE}.3`,
    needs: [lists],
    ...(levels === undefined ? {} : { levels }),
    run: async (bench) => {
      const data = await bench.a.read(ask(asked));
      bench.expectEqual('SUPPORT', oneCommandHeaderLayout.decode(data).support, support);
    },
  };
}

const { one, oneWithServiceAction, oneEitherWay } = REPORTING_OPTIONS;
const turOf = (reportingOptions: number, requestedServiceAction = 0): Asked => ({
  reportingOptions,
  requestedOperationCode: OPERATION_CODE.testUnitReady,
  requestedServiceAction,
});
const outOf = (reportingOptions: number, requestedServiceAction: number): Asked => ({
  reportingOptions,
  requestedOperationCode: OUT,
  requestedServiceAction,
});
const nothingOf = (reportingOptions: number): Asked => ({
  reportingOptions,
  requestedOperationCode: NO_OPERATION_CODE,
});

const options: readonly ConformanceCase[] = [
  refused('001b-of-5e', 'Option 001b on PERSISTENT RESERVE IN, which has service actions,', {
    reportingOptions: one,
    requestedOperationCode: IN,
  }),
  refused('001b-of-5f', 'Option 001b on PERSISTENT RESERVE OUT, which has service actions,', outOf(one, 0)),
  refused('010b-of-00', 'Option 010b on TEST UNIT READY, which has none,', turOf(oneWithServiceAction)),
  ...[4, 5, 6, 7].map((option) =>
    refused(`option-${option}`, `Reserved option ${option.toString(2).padStart(3, '0')}b`, turOf(option)),
  ),
  reported('001b-of-00', 'TEST UNIT READY by option 001b', turOf(one), SUPPORT.asStandardized),
  reported(
    '001b-of-none',
    'An operation code of no command by option 001b',
    nothingOf(one),
    SUPPORT.notSupported,
  ),
  reported(
    '010b-of-5f-00',
    'REGISTER by option 010b',
    outOf(oneWithServiceAction, 0),
    SUPPORT.asStandardized,
  ),
  reported(
    '010b-of-5f-1f',
    'A reserved service action by option 010b',
    outOf(oneWithServiceAction, NO_SERVICE_ACTION),
    SUPPORT.notSupported,
  ),
  reported(
    '011b-of-00',
    'TEST UNIT READY by option 011b',
    turOf(oneEitherWay),
    SUPPORT.asStandardized,
    SINCE_SPC4,
  ),
  reported(
    '011b-of-00-01',
    'TEST UNIT READY with a service action by option 011b',
    turOf(oneEitherWay, 1),
    SUPPORT.notSupported,
    SINCE_SPC4,
  ),
  reported(
    '011b-of-5f-00',
    'REGISTER by option 011b',
    outOf(oneEitherWay, 0),
    SUPPORT.asStandardized,
    SINCE_SPC4,
  ),
  reported(
    '011b-of-5f-1f',
    'A reserved service action by option 011b',
    outOf(oneEitherWay, NO_SERVICE_ACTION),
    SUPPORT.notSupported,
    SINCE_SPC4,
  ),
  reported(
    '011b-of-none',
    'An operation code of no command by option 011b',
    nothingOf(oneEitherWay),
    SUPPORT.notSupported,
    SINCE_SPC4,
  ),
];

/** Bits that every device server evaluates, by byte: a length, and SCOPE and TYPE where they count. */
function evaluatedBits(operationCode: number, serviceAction: number): readonly (readonly [number, number])[] {
  const length = [
    [7, 0xff],
    [8, 0xff],
  ] as const;
  if (operationCode === IN) return length;
  const counts: readonly number[] = [
    PR_OUT_SERVICE_ACTION.reserve,
    PR_OUT_SERVICE_ACTION.release,
    PR_OUT_SERVICE_ACTION.preempt,
    PR_OUT_SERVICE_ACTION.preemptAndAbort,
  ];
  return counts.includes(serviceAction) ? [[2, 0xff], ...length] : length;
}

/** Reported one by one: as in the list, with the usage data of its CDB. */
const usage: readonly ConformanceCase[] = SERVICE_ACTIONS.map(({ operationCode, serviceAction }) => {
  const code = commandCode(operationCode, serviceAction);
  return {
    id: `rsoc.usage.${hex(operationCode)}-${hex(serviceAction)}`,
    title: `${code} is reported alone as in the list, with the bits of its CDB that are evaluated`,
    clause: `${CLAUSE}.3`,
    needs: [lists],
    run: async (bench) => {
      const { commands } = bench.facts;
      if (commands?.has(commandCode(operationCode)) === true) {
        bench.skip(`${commandCode(operationCode)}h is listed without its service actions`);
      }
      const data = await bench.a.read(
        ask({
          reportingOptions: oneWithServiceAction,
          requestedOperationCode: operationCode,
          requestedServiceAction: serviceAction,
        }),
      );
      const { support, cdbSize, commandTimeoutsDescriptorPresent } = oneCommandHeaderLayout.decode(data);
      if (commands?.has(code) !== true) {
        bench.expectEqual('SUPPORT', support, SUPPORT.notSupported);
        return;
      }
      bench.expectEqual('SUPPORT', support, SUPPORT.asStandardized);
      bench.expectEqual('CTDP with RCTD=0', commandTimeoutsDescriptorPresent, 0);
      bench.expectEqual('CDB SIZE', cdbSize, 10);
      const bits = data.subarray(oneCommandHeaderLayout.lengthBytes);
      bench.expectEqual('bytes of CDB USAGE DATA', bits.length, 10);
      bench.expectEqual('byte 0 of CDB USAGE DATA', bits[0] ?? -1, operationCode);
      bench.expectEqual('SERVICE ACTION in CDB USAGE DATA', (bits[1] ?? -1) & 0x1f, serviceAction);
      for (const [byte, mask] of evaluatedBits(operationCode, serviceAction)) {
        bench.expectEqual(`byte ${byte} of CDB USAGE DATA`, (bits[byte] ?? 0) & mask, mask);
      }
    },
  };
});

/** REPORT SUPPORTED OPERATION CODES: its forms, and whether what it says is so (C11). */
export const RSOC_CASES: readonly ConformanceCase[] = [...list, ...behaviour, ...options, ...usage];
