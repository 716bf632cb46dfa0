import {
  invalidFieldInCdb,
  MAINTENANCE_IN,
  OPERATION_CODE as OP,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  SERVICE_ACTION_IN_16,
  type Sense,
} from '../../protocol/index.js';
import { readCapacity10, readCapacity16 } from './capacity.js';
import type { CommandRow, CommandTable, WriteCare } from './command.js';
import { inquiry } from './inquiry.js';
import { admitModeSelect10, admitModeSelect6, modeSelect10, modeSelect6 } from './mode-select.js';
import { modeSense10, modeSense6 } from './mode-sense.js';
import { admitPersistentReserveOut } from './persistent-reserve.js';
import * as rw from './read-write.js';
import { startStopColumns, startStopUnit } from './start-stop.js';
import { reportSupportedOperationCodes } from './supported-operation-codes.js';
import { reportLuns, reportTargetPortGroups, requestSense } from './unit-reports.js';

/** CDB usage data, each byte in hexadecimal, after the operation code. */
const usage = (text: string): number[] => text.split(' ').map((byte) => Number.parseInt(byte, 16));

// prettier-ignore
const PR_IN_ROWS: readonly CommandRow[] = [
  persistentReserveIn('READ KEYS', PR_IN_SERVICE_ACTION.readKeys),
  persistentReserveIn('READ RESERVATION', PR_IN_SERVICE_ACTION.readReservation),
  persistentReserveIn('REPORT CAPABILITIES', PR_IN_SERVICE_ACTION.reportCapabilities),
  persistentReserveIn('READ FULL STATUS', PR_IN_SERVICE_ACTION.readFullStatus),
];

// prettier-ignore
const PR_OUT_ROWS: readonly CommandRow[] = [
  persistentReserveOut('REGISTER', PR_OUT_SERVICE_ACTION.register),
  persistentReserveOut('RESERVE', PR_OUT_SERVICE_ACTION.reserve),
  persistentReserveOut('RELEASE', PR_OUT_SERVICE_ACTION.release),
  persistentReserveOut('CLEAR', PR_OUT_SERVICE_ACTION.clear),
  persistentReserveOut('PREEMPT', PR_OUT_SERVICE_ACTION.preempt),
  persistentReserveOut('PREEMPT AND ABORT', PR_OUT_SERVICE_ACTION.preemptAndAbort),
  persistentReserveOut('REGISTER AND IGNORE EXISTING KEY', PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey),
  persistentReserveOut('REGISTER AND MOVE', PR_OUT_SERVICE_ACTION.registerAndMove),
  persistentReserveOut('REPLACE LOST RESERVATION', PR_OUT_SERVICE_ACTION.replaceLostReservation),
];

function persistentReserveIn(name: string, serviceAction: number): CommandRow {
  return {
    operationCode: OP.persistentReserveIn,
    serviceAction,
    name: `PERSISTENT RESERVE IN, ${name}`,
    usage: [OP.persistentReserveIn, serviceAction, ...usage('00 00 00 00 00 FF FF 00')],
    direction: 'in',
    columns: 'S',
    needsMedium: false,
    run: (task, unit) => unit.persistentReserveIn(task),
  };
}

/** SCOPE and TYPE are evaluated by some service actions and ignored by others: the machine knows which. */
function persistentReserveOut(name: string, serviceAction: number): CommandRow {
  return {
    operationCode: OP.persistentReserveOut,
    serviceAction,
    name: `PERSISTENT RESERVE OUT, ${name}`,
    usage: [OP.persistentReserveOut, serviceAction, ...usage('FF 00 00 FF FF FF FF 00')],
    direction: 'out',
    columns: 'S',
    needsMedium: false,
    admit: admitPersistentReserveOut,
    run: (task, unit) => unit.persistentReserveOut(task),
  };
}

type Rest = Pick<CommandRow, 'run' | 'needsMedium'> & Partial<CommandRow>;

function row(
  name: string,
  operationCode: number,
  usageAfterCode: string,
  direction: CommandRow['direction'],
  columns: CommandRow['columns'],
  rest: Rest,
): CommandRow {
  return {
    name,
    operationCode,
    usage: [operationCode, ...usage(usageAfterCode)],
    direction,
    columns,
    ...rest,
  };
}

const unitOnly = { needsMedium: false } as const;
const onMedium = { needsMedium: true } as const;
const writing = (range: rw.BlockRange, careOf: (cdb: Buffer) => WriteCare): Rest => ({
  ...onMedium,
  admit: rw.admitWrite(range),
  run: rw.write(range, careOf),
});

/**
 * Every command there is. Columns as SPC-4 tables 65-66 and SBC-4 table 13 print them: Write Exclusive; Exclusive
 * Access; registered; unregistered under Write Exclusive, under Exclusive Access of a registrants type.
 */
// prettier-ignore
export const COMMAND_ROWS: readonly CommandRow[] = [
  row('TEST UNIT READY',        OP.testUnitReady,        '00 00 00 00 00',                               'none', 'AAAAA', { ...onMedium, run: () => 'good' }),
  row('REQUEST SENSE',          OP.requestSense,         '01 00 00 FF 00',                               'in',   'AAAAA', { ...unitOnly, run: requestSense }),
  row('READ(6)',                OP.read6,                '1F FF FF FF 00',                               'in',   'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_6) }),
  row('WRITE(6)',               OP.write6,               '1F FF FF FF 00',                               'out',  'CCACC', writing(rw.RANGE_6, rw.cached)),
  row('INQUIRY',                OP.inquiry,              '01 FF FF FF 00',                               'in',   'AAAAA', { ...unitOnly, run: inquiry }),
  row('MODE SELECT(6)',         OP.modeSelect6,          '11 00 00 FF 00',                               'out',  'CCACC', { ...unitOnly, admit: admitModeSelect6, run: modeSelect6 }),
  row('RESERVE(6)',             OP.reserve6,             '00 00 00 00 00',                               'none', 'S',     { ...unitOnly, run: (task, unit) => unit.reserve(task) }),
  row('RELEASE(6)',             OP.release6,             '00 00 00 00 00',                               'none', 'S',     { ...unitOnly, run: (task, unit) => unit.release(task) }),
  row('MODE SENSE(6)',          OP.modeSense6,           '08 FF FF FF 00',                               'in',   'ACAAC', { ...unitOnly, run: modeSense6 }),
  row('START STOP UNIT',        OP.startStopUnit,        '01 00 00 F7 00',                               'none', 'CCACC', { ...unitOnly, columnsOf: startStopColumns, run: startStopUnit }),
  row('READ CAPACITY(10)',      OP.readCapacity10,       '00 FF FF FF FF 00 00 00 00',                   'in',   'AAAAA', { ...onMedium, run: readCapacity10 }),
  row('READ(10)',               OP.read10,               '18 FF FF FF FF 00 FF FF 00',                   'in',   'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_10) }),
  row('WRITE(10)',              OP.write10,              '18 FF FF FF FF 00 FF FF 00',                   'out',  'CCACC', writing(rw.RANGE_10, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(10)',   OP.writeAndVerify10,     '12 FF FF FF FF 00 FF FF 00',                   'out',  'CCACC', writing(rw.RANGE_10, rw.byteCheck)),
  row('SYNCHRONIZE CACHE(10)',  OP.synchronizeCache10,   '02 FF FF FF FF 00 FF FF 00',                   'none', 'CCACC', { ...onMedium, run: rw.synchronizeCache(rw.RANGE_10) }),
  row('MODE SELECT(10)',        OP.modeSelect10,         '11 00 00 00 00 00 FF FF 00',                   'out',  'CCACC', { ...unitOnly, admit: admitModeSelect10, run: modeSelect10 }),
  row('RESERVE(10)',            OP.reserve10,            '00 00 00 00 00 00 00 00 00',                   'none', 'S',     { ...unitOnly, run: (task, unit) => unit.reserve(task) }),
  row('RELEASE(10)',            OP.release10,            '00 00 00 00 00 00 00 00 00',                   'none', 'S',     { ...unitOnly, run: (task, unit) => unit.release(task) }),
  row('MODE SENSE(10)',         OP.modeSense10,          '18 FF FF 00 00 00 FF FF 00',                   'in',   'ACAAC', { ...unitOnly, run: modeSense10 }),
  ...PR_IN_ROWS,
  ...PR_OUT_ROWS,
  row('READ(16)',               OP.read16,               '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'in',   'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_16) }),
  row('WRITE(16)',              OP.write16,              '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'out',  'CCACC', writing(rw.RANGE_16, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(16)',   OP.writeAndVerify16,     '12 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'out',  'CCACC', writing(rw.RANGE_16, rw.byteCheck)),
  row('SYNCHRONIZE CACHE(16)',  OP.synchronizeCache16,   '02 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'none', 'CCACC', { ...onMedium, run: rw.synchronizeCache(rw.RANGE_16) }),
  row('READ CAPACITY(16)',      OP.serviceActionIn16,    '10 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'in',   'AAAAA', { ...onMedium, serviceAction: SERVICE_ACTION_IN_16.readCapacity16, run: readCapacity16 }),
  row('REPORT LUNS',            OP.reportLuns,           '00 FF 00 00 00 FF FF FF FF 00 00',             'in',   'AAAAA', { ...unitOnly, run: reportLuns }),
  row('REPORT TARGET PORT GROUPS', OP.maintenanceIn,     'EA 00 00 00 00 FF FF FF FF 00 00',             'in',   'AAAAA', { ...unitOnly, serviceAction: MAINTENANCE_IN.reportTargetPortGroups, run: reportTargetPortGroups }),
  row('REPORT SUPPORTED OPERATION CODES', OP.maintenanceIn, '0C 87 FF FF FF FF FF FF FF 00 00',          'in',   'ACAAC', { ...unitOnly, serviceAction: MAINTENANCE_IN.reportSupportedOperationCodes, run: reportSupportedOperationCodes }),
  row('READ(12)',               OP.read12,               '18 FF FF FF FF FF FF FF FF 00 00',             'in',   'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_12) }),
  row('WRITE(12)',              OP.write12,              '18 FF FF FF FF FF FF FF FF 00 00',             'out',  'CCACC', writing(rw.RANGE_12, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(12)',   OP.writeAndVerify12,     '12 FF FF FF FF FF FF FF FF 00 00',             'out',  'CCACC', writing(rw.RANGE_12, rw.byteCheck)),
];

/** The table of these rows; `nopr` leaves out PERSISTENT RESERVE IN and OUT. */
export function commandTable(
  rows: readonly CommandRow[],
  { nopr }: { readonly nopr: boolean },
): CommandTable {
  return new DispatchTable(nopr ? rows.filter((one) => !isPersistentReserve(one.operationCode)) : rows);
}

const isPersistentReserve = (operationCode: number): boolean =>
  operationCode === OP.persistentReserveIn || operationCode === OP.persistentReserveOut;

const SERVICE_ACTIONS = 32;

class DispatchTable implements CommandTable {
  readonly rows: readonly CommandRow[];
  /** By operation code: the row, or rows by service action. */
  readonly #byCode: (CommandRow | (CommandRow | undefined)[] | undefined)[] = new Array<undefined>(256).fill(
    undefined,
  );

  constructor(rows: readonly CommandRow[]) {
    this.rows = rows;
    for (const one of rows) {
      if (one.serviceAction === undefined) {
        this.#byCode[one.operationCode] = one;
        continue;
      }
      const there = this.#byCode[one.operationCode];
      const actions = Array.isArray(there)
        ? there
        : new Array<CommandRow | undefined>(SERVICE_ACTIONS).fill(undefined);
      actions[one.serviceAction] = one;
      this.#byCode[one.operationCode] = actions;
    }
  }

  find(cdb: Uint8Array): CommandRow | 'operationCode' | 'serviceAction' {
    const found = this.#byCode[cdb[0] as number];
    if (found === undefined) return 'operationCode';
    if (!Array.isArray(found)) return found;
    return found[(cdb[1] as number) & 0x1f] ?? 'serviceAction';
  }

  rowsOf(operationCode: number): readonly CommandRow[] {
    return this.rows.filter((one) => one.operationCode === operationCode);
  }
}

/** The first bit of a CDB that its command does not evaluate and that is set nevertheless (SPC-4 4.5.2.4.2). */
export function reservedBitProblem(row: CommandRow, cdb: Uint8Array): Sense | null {
  const { usage: evaluated } = row;
  for (let byte = 1; byte < evaluated.length; byte++) {
    const wrong = (cdb[byte] as number) & ~(evaluated[byte] as number);
    if (wrong !== 0) return invalidFieldInCdb({ byte, bit: 31 - Math.clz32(wrong) });
  }
  return null;
}
