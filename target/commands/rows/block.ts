import { OPERATION_CODE as OP, SERVICE_ACTION_IN_16 } from '../../../protocol/index.js';
import { readCapacity10, readCapacity16 } from '../capacity.js';
import type { CommandRow, WriteCare } from '../command.js';
import * as rw from '../read-write.js';
import {
  preventAllowColumns,
  preventAllowMediumRemoval,
  startStopColumns,
  startStopUnit,
} from '../start-stop.js';
import { onMedium, row, unitOnly, type Rest } from './row.js';

const writing = (range: rw.BlockRange, careOf: (cdb: Buffer) => WriteCare): Rest => ({
  ...onMedium,
  admit: rw.admitWrite(range),
  run: rw.write(range, careOf),
});

/**
 * Commands of direct access block devices (SBC-4). Columns as SBC-4 table 13 prints them: Write Exclusive; Exclusive
 * Access; registered; unregistered under Write Exclusive, under Exclusive Access of a registrants type.
 */
// prettier-ignore
export const BLOCK_ROWS: readonly CommandRow[] = [
  row('READ(6)',                OP.read6,                '1F FF FF FF 00',                               'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_6) }),
  row('WRITE(6)',               OP.write6,               '1F FF FF FF 00',                               'CCACC', writing(rw.RANGE_6, rw.cached)),
  row('START STOP UNIT',        OP.startStopUnit,        '01 00 00 F7 00',                               'CCACC', { ...unitOnly, columnsOf: startStopColumns, run: startStopUnit }),
  row('PREVENT ALLOW MEDIUM REMOVAL', OP.preventAllowMediumRemoval, '00 00 00 03 00',                    'CCACC', { ...unitOnly, columnsOf: preventAllowColumns, run: preventAllowMediumRemoval }),
  row('READ CAPACITY(10)',      OP.readCapacity10,       '00 FF FF FF FF 00 00 00 00',                   'AAAAA', { ...onMedium, run: readCapacity10 }),
  row('READ(10)',               OP.read10,               '18 FF FF FF FF 00 FF FF 00',                   'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_10) }),
  row('WRITE(10)',              OP.write10,              '18 FF FF FF FF 00 FF FF 00',                   'CCACC', writing(rw.RANGE_10, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(10)',   OP.writeAndVerify10,     '12 FF FF FF FF 00 FF FF 00',                   'CCACC', writing(rw.RANGE_10, rw.byteCheck)),
  row('SYNCHRONIZE CACHE(10)',  OP.synchronizeCache10,   '06 FF FF FF FF 00 FF FF 00',                   'CCACC', { ...onMedium, run: rw.synchronizeCache(rw.RANGE_10) }),
  row('READ(16)',               OP.read16,               '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_16) }),
  row('WRITE(16)',              OP.write16,              '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', writing(rw.RANGE_16, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(16)',   OP.writeAndVerify16,     '12 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', writing(rw.RANGE_16, rw.byteCheck)),
  row('SYNCHRONIZE CACHE(16)',  OP.synchronizeCache16,   '06 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', { ...onMedium, run: rw.synchronizeCache(rw.RANGE_16) }),
  row('READ CAPACITY(16)',      OP.serviceActionIn16,    '10 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'AAAAA', { ...onMedium, serviceAction: SERVICE_ACTION_IN_16.readCapacity16, run: readCapacity16 }),
  row('READ(12)',               OP.read12,               '18 FF FF FF FF FF FF FF FF 00 00',             'ACAAC', { ...onMedium, run: rw.read(rw.RANGE_12) }),
  row('WRITE(12)',              OP.write12,              '18 FF FF FF FF FF FF FF FF 00 00',             'CCACC', writing(rw.RANGE_12, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(12)',   OP.writeAndVerify12,     '12 FF FF FF FF FF FF FF FF 00 00',             'CCACC', writing(rw.RANGE_12, rw.byteCheck)),
];
