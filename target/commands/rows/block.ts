import { OPERATION_CODE as OP, SERVICE_ACTION_IN_16 } from '../../../protocol/index.js';
import { RANGE_10, RANGE_12, RANGE_16, RANGE_6, type BlockRange } from '../block-range.js';
import { readCapacity10, readCapacity16 } from '../capacity.js';
import type { CommandRow, WriteCare } from '../command.js';
import { readDefectData10, readDefectData12 } from '../defect-data.js';
import { admitUnmap, getLbaStatus, unmap } from '../provisioning.js';
import * as rw from '../read-write.js';
import {
  preventAllowColumns,
  preventAllowMediumRemoval,
  startStopColumns,
  startStopUnit,
} from '../start-stop.js';
import type { UnitDescription } from '../unit-description.js';
import { admitVerify, verify } from '../verify.js';
import * as whole from '../whole-writes.js';
import { admitWriteSame, writeSame } from '../write-same.js';
import { onMedium, row, unitOnly, type Rest } from './row.js';

const writing = (range: BlockRange, careOf: (cdb: Buffer) => WriteCare): Rest => ({
  ...onMedium,
  admit: rw.admitWrite(range),
  run: rw.write(range, careOf),
});
const verifying = (range: BlockRange): Rest => ({
  ...onMedium,
  admit: admitVerify(range),
  run: verify(range),
});
const repeating = (range: BlockRange): Rest => ({
  ...onMedium,
  admit: admitWriteSame(range),
  run: writeSame(range),
});

const onThin = { ...onMedium, presentOn: ({ thin }: UnitDescription): boolean => thin };
const onAtomic = { ...onMedium, presentOn: ({ atomicWrites }: UnitDescription): boolean => atomicWrites };

/**
 * Commands of direct access block devices (SBC-4). Columns as SBC-4 table 13 prints them: Write Exclusive; Exclusive
 * Access; registered; unregistered under Write Exclusive, under Exclusive Access of a registrants type.
 */
// prettier-ignore
export const BLOCK_ROWS: readonly CommandRow[] = [
  row('READ(6)',                OP.read6,                '1F FF FF FF 00',                               'ACAAC', { ...onMedium, run: rw.read(RANGE_6) }),
  row('WRITE(6)',               OP.write6,               '1F FF FF FF 00',                               'CCACC', writing(RANGE_6, rw.cached)),
  row('START STOP UNIT',        OP.startStopUnit,        '01 00 00 F7 00',                               'CCACC', { ...unitOnly, columnsOf: startStopColumns, run: startStopUnit }),
  row('PREVENT ALLOW MEDIUM REMOVAL', OP.preventAllowMediumRemoval, '00 00 00 03 00',                    'CCACC', { ...unitOnly, columnsOf: preventAllowColumns, run: preventAllowMediumRemoval }),
  row('READ CAPACITY(10)',      OP.readCapacity10,       '00 FF FF FF FF 00 00 00 00',                   'AAAAA', { ...onMedium, run: readCapacity10 }),
  row('READ(10)',               OP.read10,               '18 FF FF FF FF 00 FF FF 00',                   'ACAAC', { ...onMedium, run: rw.read(RANGE_10) }),
  row('WRITE(10)',              OP.write10,              '18 FF FF FF FF 00 FF FF 00',                   'CCACC', writing(RANGE_10, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(10)',   OP.writeAndVerify10,     '12 FF FF FF FF 00 FF FF 00',                   'CCACC', writing(RANGE_10, rw.byteCheck)),
  row('VERIFY(10)',             OP.verify10,             '16 FF FF FF FF 00 FF FF 00',                   'ACAAC', verifying(RANGE_10)),
  // GROUP NUMBER is taken and, without the grouping function, of no meaning.
  row('PRE-FETCH(10)',          OP.prefetch10,           '02 FF FF FF FF 1F FF FF 00',                   'ACAAC', { ...onMedium, run: rw.prefetch(RANGE_10) }),
  row('SYNCHRONIZE CACHE(10)',  OP.synchronizeCache10,   '06 FF FF FF FF 00 FF FF 00',                   'CCACC', { ...onMedium, run: rw.synchronizeCache(RANGE_10) }),
  row('READ DEFECT DATA(10)',   OP.readDefectData10,     '00 1F 00 00 00 00 FF FF 00',                   'ACAAC', { ...onMedium, run: readDefectData10 }),
  row('WRITE SAME(10)',         OP.writeSame10,          '18 FF FF FF FF 00 FF FF 00',                   'CCACC', repeating(RANGE_10)),
  row('UNMAP',                  OP.unmap,                '01 00 00 00 00 00 FF FF 00',                   'CCACC', { ...onThin, admit: admitUnmap, run: unmap }),
  row('READ(16)',               OP.read16,               '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'ACAAC', { ...onMedium, run: rw.read(RANGE_16) }),
  row('COMPARE AND WRITE',      OP.compareAndWrite,      '18 FF FF FF FF FF FF FF FF 00 00 00 FF 00 00', 'CCACC', { ...onMedium, admit: whole.admitCompareAndWrite, run: whole.compareAndWrite }),
  row('WRITE(16)',              OP.write16,              '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', writing(RANGE_16, rw.forceUnitAccess)),
  row('ORWRITE(16)',            OP.orWrite16,            '18 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', { ...onMedium, admit: whole.admitOrWrite, run: whole.orWrite }),
  row('WRITE AND VERIFY(16)',   OP.writeAndVerify16,     '12 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', writing(RANGE_16, rw.byteCheck)),
  row('VERIFY(16)',             OP.verify16,             '16 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'ACAAC', verifying(RANGE_16)),
  row('PRE-FETCH(16)',          OP.prefetch16,           '02 FF FF FF FF FF FF FF FF FF FF FF FF 1F 00', 'ACAAC', { ...onMedium, run: rw.prefetch(RANGE_16) }),
  row('SYNCHRONIZE CACHE(16)',  OP.synchronizeCache16,   '06 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', { ...onMedium, run: rw.synchronizeCache(RANGE_16) }),
  row('WRITE SAME(16)',         OP.writeSame16,          '19 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'CCACC', repeating(RANGE_16)),
  row('WRITE ATOMIC(16)',       OP.writeAtomic16,        '18 FF FF FF FF FF FF FF FF 00 00 FF FF 00 00', 'CCACC', { ...onAtomic, admit: whole.admitWriteAtomic, run: whole.writeAtomic }),
  row('READ CAPACITY(16)',      OP.serviceActionIn16,    '10 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'AAAAA', { ...onMedium, serviceAction: SERVICE_ACTION_IN_16.readCapacity16, run: readCapacity16 }),
  row('GET LBA STATUS',         OP.serviceActionIn16,    '12 FF FF FF FF FF FF FF FF FF FF FF FF 00 00', 'ACAAC', { ...onMedium, serviceAction: SERVICE_ACTION_IN_16.getLbaStatus, run: getLbaStatus }),
  row('READ(12)',               OP.read12,               '18 FF FF FF FF FF FF FF FF 00 00',             'ACAAC', { ...onMedium, run: rw.read(RANGE_12) }),
  row('WRITE(12)',              OP.write12,              '18 FF FF FF FF FF FF FF FF 00 00',             'CCACC', writing(RANGE_12, rw.forceUnitAccess)),
  row('WRITE AND VERIFY(12)',   OP.writeAndVerify12,     '12 FF FF FF FF FF FF FF FF 00 00',             'CCACC', writing(RANGE_12, rw.byteCheck)),
  row('VERIFY(12)',             OP.verify12,             '16 FF FF FF FF FF FF FF FF 00 00',             'ACAAC', verifying(RANGE_12)),
  row('READ DEFECT DATA(12)',   OP.readDefectData12,     '1F FF FF FF FF FF FF FF FF 00 00',             'ACAAC', { ...onMedium, run: readDefectData12 }),
];
