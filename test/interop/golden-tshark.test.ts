import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  type PrOutServiceAction,
  type ReservationType,
} from '../../protocol/index.js';
import {
  BASIC_LIST_FILES,
  readGoldenBytes,
  type GoldenDataIn,
  type GoldenDataOut,
  type GoldenOperationCodes,
  type GoldenSense,
  type InCommand,
} from '../golden-bytes.js';
import { iscsiCapture, type CapturedCommand } from './iscsi-capture.js';
import { describeWithPeers, runPeer } from './peer.js';

/** What tshark is to say of one frame: a field's abbreviation, and its values in order of appearance. */
type Dissection = Readonly<Record<string, readonly string[]>>;

/** A golden entry in the capture, and what its two frames are to be to tshark. */
interface Exchange extends CapturedCommand {
  readonly name: string;
  readonly command: Dissection;
  readonly answer: Dissection;
}

const bit = (value: boolean | undefined): string => (value === true ? '1' : '0');
const key = (value: bigint): string => value.toString(16).padStart(16, '0');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const typeCode = (type: ReservationType | number): number =>
  typeof type === 'number' ? type : RESERVATION_TYPE_CODE[type];

const NOT_MALFORMED: Dissection = { '_ws.malformed': [] };

/** What tshark reads of the data of each PERSISTENT RESERVE IN; fixtures/golden/README.md says what it does not. */
function inExchanges<Data>(
  entries: readonly GoldenDataIn<InCommand, Data | null>[],
  answerOf: (data: Data) => Dissection,
  answerWhenCutOf: (data: Data) => Dissection = answerOf,
): Exchange[] {
  return entries.map(({ name, cdb, dataIn, cutOf }) => ({
    name: `${cdb.fields.serviceAction}: ${name}`,
    cdb: cdb.bytes,
    dataInLength: cdb.fields.allocationLength,
    dataIn: dataIn.bytes,
    command: {
      ...NOT_MALFORMED,
      'scsi.persresvin.svcaction': [String(PR_IN_SERVICE_ACTION[cdb.fields.serviceAction])],
      'scsi.cdb.alloclen16': [String(cdb.fields.allocationLength)],
    },
    answer:
      dataIn.fields === null
        ? {}
        : cutOf === undefined
          ? { ...NOT_MALFORMED, ...answerOf(dataIn.fields) }
          : answerWhenCutOf(dataIn.fields),
  }));
}

const headerOf = (data: { prGeneration: number; additionalLength: number }): Dissection => ({
  'scsi.persresvin.generation_number': [String(data.prGeneration)],
  'scsi.persresvin.additional_length': [String(data.additionalLength)],
});

/** SCOPE and TYPE are not shown for these, which ignore them. */
const WITHOUT_SCOPE_AND_TYPE: ReadonlySet<PrOutServiceAction> = new Set([
  'register',
  'clear',
  'registerAndIgnoreExistingKey',
]);

function outExchange<List extends { reservationKey: bigint; serviceActionReservationKey: bigint }>(
  { name, cdb, dataOut }: GoldenDataOut<List>,
  listOf: (list: List) => Dissection,
): Exchange {
  const { serviceAction, scope, type, parameterListLength } = cdb.fields;
  return {
    name: `${serviceAction}: ${name}`,
    cdb: cdb.bytes,
    dataOut: dataOut.bytes,
    command: {
      ...NOT_MALFORMED,
      'scsi.persresvout.svcaction': [String(PR_OUT_SERVICE_ACTION[serviceAction])],
      'scsi.persresv.scope': WITHOUT_SCOPE_AND_TYPE.has(serviceAction) ? [] : [String(scope)],
      'scsi.persresv.type': WITHOUT_SCOPE_AND_TYPE.has(serviceAction) ? [] : [String(typeCode(type))],
      'scsi.cdb.paramlen16': [String(parameterListLength)],
      'scsi.persresv.reskey': [key(dataOut.fields.reservationKey)],
      'scsi.persresv.sareskey': [key(dataOut.fields.serviceActionReservationKey)],
      ...listOf(dataOut.fields),
    },
    answer: { 'scsi.status': ['0'] },
  };
}

function senseExchanges({ name, fields, fixed, descriptor }: GoldenSense): Exchange[] {
  const pointer = fields.fieldPointer;
  const answer: Dissection = {
    'scsi.sns.key': [String(fields.key)],
    'scsi.sns.ascascq': [String((fields.asc << 8) | fields.ascq)],
    'scsi.sns.sks.fp.cd': pointer === undefined ? [] : [bit(pointer.in === 'cdb')],
    'scsi.sns.sks.fp.bpv': pointer === undefined ? [] : [bit(pointer.bit !== undefined)],
    'scsi.sns.sks.fp.bit': pointer === undefined ? [] : [String(pointer.bit ?? 0)],
    'scsi.sns.sks.fp.field': pointer === undefined ? [] : [String(pointer.byte)],
  };
  const [clear] = readGoldenBytes('clear');
  if (clear === undefined) throw new Error('no CLEAR to answer');
  const answered = (format: string, sense: Uint8Array, errorType: number): Exchange => ({
    name: `sense, ${format}: ${name}`,
    cdb: clear.cdb.bytes,
    dataOut: clear.dataOut.bytes,
    sense,
    command: {},
    answer: { ...NOT_MALFORMED, ...answer, 'scsi.sns.errtype': [String(errorType)] },
  });
  return [
    ...(fixed === undefined ? [] : [answered('fixed', fixed, 0x70)]),
    ...(descriptor === undefined ? [] : [answered('descriptor', descriptor, 0x72)]),
  ];
}

function operationCodesAnswer({
  commands,
  timeouts = false,
  supported,
  usage,
}: GoldenOperationCodes): Dissection {
  if (supported !== undefined) {
    return {
      'scsi.report_opcodes_one.ctdp': [bit(timeouts)],
      'scsi.report_opcodes.support': [supported ? '3' : '1'],
      'scsi.report_opcodes.cdb_length': [String((usage ?? '').length / 2)],
      'scsi.report_opcodes.cdb_usage_data': usage === undefined ? [] : [usage],
    };
  }
  const listed = commands ?? [];
  const length = { 'scsi.report_opcodes.command_data_length': [String(listed.length * (timeouts ? 20 : 8))] };
  // It passes over descriptors within the last 20 bytes, as if each had its timeouts.
  if (!timeouts) return length;
  return {
    ...length,
    // The operation code of the command itself is told with its data and with its status.
    'scsi_sbc.opcode': ['163', ...listed.map((one) => String(one.operationCode)), '163'],
    'scsi.report_opcodes.service_action': listed.map((one) => String(one.serviceAction)),
    'scsi.report_opcodes.servactv': listed.map(() => '1'),
    'scsi.report_opcodes.ctdp': listed.map(() => bit(timeouts)),
    'scsi.report_opcodes.cdb_length': listed.map((one) => String(one.cdbLengthBytes)),
  };
}

const EXCHANGES: readonly Exchange[] = [
  ...inExchanges(readGoldenBytes('read-keys'), (data) => ({
    ...headerOf(data),
    'scsi.spc.resv.key': data.keys.map(key),
  })),
  ...inExchanges(
    readGoldenBytes('read-reservation'),
    (data) => ({
      ...headerOf(data),
      'scsi.spc.resv.key': data.reservation === null ? [] : [key(data.reservation.key)],
      'scsi.persresv.scope': data.reservation === null ? [] : [String(data.reservation.scope)],
      'scsi.persresv.type': data.reservation === null ? [] : [String(typeCode(data.reservation.type))],
    }),
    headerOf, // of a descriptor that was cut it tells the fields that came
  ),
  ...inExchanges(readGoldenBytes('report-capabilities'), () => ({})),
  ...inExchanges(readGoldenBytes('read-full-status'), headerOf),
  ...BASIC_LIST_FILES.flatMap((file) =>
    readGoldenBytes(file).map((entry) =>
      outExchange(entry, (list) => ({
        'scsi.persresv.control.spec_i_pt': [bit(list.transportIds !== undefined)],
        'scsi.persresv.control.all_tg_pt': [bit(list.allTgPt)],
        'scsi.persresv.control.aptpl': [bit(list.aptpl)],
      })),
    ),
  ),
  ...readGoldenBytes('register-and-move').map((entry) =>
    outExchange(entry, (list) => ({
      'scsi.persresv.control.unreg': [bit(list.unreg)],
      'scsi.persresv.control.aptpl': [bit(list.aptpl)],
      'scsi.persresv.rel_tpi': [String(list.relativeTargetPortId)],
      'scsi.persresv.transportid_len': [String(entry.dataOut.bytes.length - 24)],
      'scsi.persresv.transportid': [hex(entry.dataOut.bytes.subarray(24))],
    })),
  ),
  ...readGoldenBytes('sense').flatMap(senseExchanges),
  ...readGoldenBytes('report-supported-operation-codes').map(({ name, cdb, dataIn }) => ({
    name: `reportSupportedOperationCodes: ${name}`,
    cdb: cdb.bytes,
    dataInLength: cdb.fields.allocationLength,
    dataIn: dataIn.bytes,
    command: {
      'scsi.report_opcodes.rctd': [String(cdb.fields.returnCommandTimeoutsDescriptor)],
      'scsi.report_opcodes.options': [String(cdb.fields.reportingOptions)],
      'scsi.report_opcodes.requested_operation_code': [String(cdb.fields.requestedOperationCode)],
      'scsi.report_opcodes.requested_service_action': [String(cdb.fields.requestedServiceAction)],
      'scsi.cdb.alloclen32': [String(cdb.fields.allocationLength)],
    },
    answer: operationCodesAnswer(dataIn.fields),
  })),
];

const FIELDS = [...new Set(EXCHANGES.flatMap((one) => [one.command, one.answer]).flatMap(Object.keys))];

/** Stands where a field has no bytes. */
const NO_VALUE = '<MISSING>';

/** Numbers in decimal, flags as bits, bytes in hex: however a version of tshark prints them. */
function plain(value: string): string {
  if (value.startsWith('0x')) return String(Number(value));
  if (value === 'True' || value === 'False') return value === 'True' ? '1' : '0';
  return value;
}

const valuesOf = (column: string): string[] =>
  column
    .split('|')
    .filter((value) => value !== '' && value !== NO_VALUE)
    .map(plain);

describeWithPeers(
  'golden bytes in iSCSI PDUs',
  [{ command: 'tshark', debianPackage: 'tshark' }],
  (pathOf) => {
    /** The dissection of every frame, all of FIELDS in each. */
    let frames: Dissection[] = [];

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'fencelab-golden-'));
      try {
        const file = join(folder, 'golden.pcapng');
        await writeFile(file, iscsiCapture(EXCHANGES));
        const columns = FIELDS.flatMap((field) => ['-e', field]);
        const run = await runPeer(pathOf('tshark'), [
          ...['-r', file, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=|', ...columns],
        ]);
        expect(run.status, run.stderr).toBe(0);
        frames = run.stdout
          .split('\n')
          .slice(0, -1)
          .map((line) => {
            const values = line.split('\t');
            return Object.fromEntries(FIELDS.map((field, at) => [field, valuesOf(values[at] ?? '')]));
          });
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    const fieldsOf = (frame: Dissection | undefined, expected: Dissection): Dissection =>
      Object.fromEntries(Object.keys(expected).map((field) => [field, frame?.[field] ?? []]));

    it('are two frames for each exchange', () => {
      expect(frames.length).toBe(2 * EXCHANGES.length);
    });

    it.each(EXCHANGES.map((exchange, index) => ({ ...exchange, index })))(
      'mean to tshark what they say: $name',
      ({ index, command, answer }) => {
        expect(fieldsOf(frames[2 * index], command)).toEqual(command);
        expect(fieldsOf(frames[2 * index + 1], answer)).toEqual(answer);
      },
    );
  },
);
