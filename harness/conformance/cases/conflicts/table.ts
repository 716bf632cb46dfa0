import {
  compareAndWriteCdb,
  getLbaStatusCdb,
  extendedCopyCdb,
  inquiryCdb,
  MAINTENANCE_IN,
  MAINTENANCE_OUT,
  modeSelect10Cdb,
  modeSelect6Cdb,
  modeSense10Cdb,
  modeSense6Cdb,
  MODE_PAGE,
  OPERATION_CODE as OP,
  orWrite16Cdb,
  prefetch10Cdb,
  prefetch16Cdb,
  preventAllowMediumRemovalCdb,
  read10Cdb,
  read12Cdb,
  read16Cdb,
  read6Cdb,
  readCapacity10Cdb,
  readCapacity16Cdb,
  readDefectData10Cdb,
  readDefectData12Cdb,
  reportLunsCdb,
  reportSupportedOperationCodesCdb,
  reportTargetPortGroupsCdb,
  requestSenseCdb,
  RECEIVE_COPY_RESULTS,
  receiveCopyResultsCdb,
  SANITIZE_SERVICE_ACTION,
  sanitizeCdb,
  SERVICE_ACTION_IN_16,
  setTargetPortGroupsCdb,
  startStopUnitCdb,
  synchronizeCache10Cdb,
  synchronizeCache16Cdb,
  testUnitReadyCdb,
  unmapCdb,
  verify10Cdb,
  verify12Cdb,
  verify16Cdb,
  write10Cdb,
  write12Cdb,
  write16Cdb,
  write6Cdb,
  writeAndVerify10Cdb,
  writeAndVerify12Cdb,
  writeAndVerify16Cdb,
  writeAtomic16Cdb,
  writeSame10Cdb,
  writeSame16Cdb,
} from '../../../../protocol/index.js';

import type { Command } from '../../command.js';

/** What a command of the table is sent with, on a LU with blocks of this length. */
export interface TriedCommand {
  readonly cdb: Uint8Array;
  readonly dataInLength?: number;
  /** Data-Out: as many blocks as were read before, so that the data stay as they were. */
  readonly blocksOut?: number;
  /** Data-Out is these blocks twice: to compare with, and to write. */
  readonly comparedFirst?: true;
}

/**
 * The columns of SPC-4 tables 65-66 and SBC-4 table 13, in this order: Write Exclusive; Exclusive Access; registered
 * under a registrants-only or all-registrants type; unregistered under Write Exclusive of these; under Exclusive Access of
 * these. A: allowed, C: conflict.
 */
export type Columns = `${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}${'A' | 'C'}`;

/** One row of the table: a command, as a suite can try it without doing harm. */
export interface ConflictRow {
  /** As it stands in case ids. */
  readonly id: string;
  readonly name: string;
  readonly operationCode: number;
  readonly serviceAction?: number;
  readonly columns: Columns;
  /**
   * Devices of SPC-2 and SPC-3 may answer a conflict where this says allowed: from this ALLOW COMMANDS on they say that
   * they do not (SPC-4 table 208), under Write Exclusive or under any type.
   */
  readonly allowCommandsMin?: number;
  /** Many targets do without it: not tried where the target does not list it. */
  readonly optional?: true;
  /** It changes data, or would if the reservation let it. */
  readonly writes?: true;
  /** Some targets want more than nothing from it: what it ends with behind the reservation is not asked. */
  readonly endsAnyHow?: true;
  /** Not sent by a nexus that the reservation lets through: it would stop the unit, or worse. */
  readonly refusedOnly?: true;
  /** Sent afterwards by who sent it and by the holder, for targets that let it through where they should not. */
  readonly undoing?: Command;
  readonly command: (blockLengthBytes: number) => TriedCommand;
}

const ALLOCATION_LENGTH = 252;
const reads = (cdb: Uint8Array) => (): TriedCommand => ({ cdb, dataInLength: ALLOCATION_LENGTH });
const readsBlock =
  (cdb: Uint8Array) =>
  (blockLengthBytes: number): TriedCommand => ({
    cdb,
    dataInLength: blockLengthBytes,
  });
const writesBlock = (cdb: Uint8Array) => (): TriedCommand => ({ cdb, blocksOut: 1 });
const comparesBlock = (cdb: Uint8Array) => (): TriedCommand => ({ cdb, blocksOut: 1, comparedFirst: true });
const transfersNothing = (cdb: Uint8Array) => (): TriedCommand => ({ cdb });

const allocationLength = ALLOCATION_LENGTH;
const one = { transferLength: 1 };
const oneVerified = { verificationLength: 1 };
const oneFetched = { prefetchLength: 1 };
const oneRepeated = { numberOfBlocks: 1 };
const caching = { pageCode: MODE_PAGE.caching, disableBlockDescriptors: 1 };

const ALLOW: Command = {
  name: 'PREVENT ALLOW MEDIUM REMOVAL, PREVENT=0',
  cdb: preventAllowMediumRemovalCdb({ prevent: 0 }),
};
const START: Command = { name: 'START STOP UNIT, START=1', cdb: startStopUnitCdb({ start: 1 }) };

/** SANITIZE is never sent with what a target could begin: a target that checks its list first answers 05/24/00. */
// prettier-ignore
export const CONFLICT_ROWS: readonly ConflictRow[] = [
  { id: 'inquiry',                    name: 'INQUIRY',                             operationCode: OP.inquiry,              columns: 'AAAAA', command: reads(inquiryCdb({ allocationLength })) },
  { id: 'report-luns',                name: 'REPORT LUNS',                         operationCode: OP.reportLuns,           columns: 'AAAAA', command: reads(reportLunsCdb({ allocationLength })) },
  { id: 'request-sense',              name: 'REQUEST SENSE',                       operationCode: OP.requestSense,         columns: 'AAAAA', command: reads(requestSenseCdb({ allocationLength })) },
  { id: 'report-target-port-groups',  name: 'REPORT TARGET PORT GROUPS',           operationCode: OP.maintenanceIn,        columns: 'AAAAA', serviceAction: MAINTENANCE_IN.reportTargetPortGroups, command: reads(reportTargetPortGroupsCdb({ allocationLength })) },
  { id: 'read-capacity-10',           name: 'READ CAPACITY(10)',                   operationCode: OP.readCapacity10,       columns: 'AAAAA', command: reads(readCapacity10Cdb()) },
  { id: 'read-capacity-16',           name: 'READ CAPACITY(16)',                   operationCode: OP.serviceActionIn16,    columns: 'AAAAA', serviceAction: SERVICE_ACTION_IN_16.readCapacity16, command: reads(readCapacity16Cdb({ allocationLength: 32 })) },
  { id: 'start-unit',                 name: 'START STOP UNIT, START=1',            operationCode: OP.startStopUnit,        columns: 'AAAAA', command: transfersNothing(startStopUnitCdb({ start: 1 })) },
  { id: 'allow-medium-removal',       name: 'PREVENT ALLOW MEDIUM REMOVAL, PREVENT=0', operationCode: OP.preventAllowMediumRemoval, columns: 'AAAAA', command: transfersNothing(preventAllowMediumRemovalCdb()) },
  { id: 'test-unit-ready',            name: 'TEST UNIT READY',                     operationCode: OP.testUnitReady,        columns: 'AAAAA', allowCommandsMin: 1, command: transfersNothing(testUnitReadyCdb()) },
  { id: 'read-6',                     name: 'READ(6)',                             operationCode: OP.read6,                columns: 'ACAAC', command: readsBlock(read6Cdb(one)) },
  { id: 'read-10',                    name: 'READ(10)',                            operationCode: OP.read10,               columns: 'ACAAC', command: readsBlock(read10Cdb(one)) },
  { id: 'read-12',                    name: 'READ(12)',                            operationCode: OP.read12,               columns: 'ACAAC', command: readsBlock(read12Cdb(one)) },
  { id: 'read-16',                    name: 'READ(16)',                            operationCode: OP.read16,               columns: 'ACAAC', command: readsBlock(read16Cdb(one)) },
  { id: 'verify-10',                  name: 'VERIFY(10)',                          operationCode: OP.verify10,             columns: 'ACAAC', optional: true, command: transfersNothing(verify10Cdb(oneVerified)) },
  { id: 'verify-12',                  name: 'VERIFY(12)',                          operationCode: OP.verify12,             columns: 'ACAAC', optional: true, command: transfersNothing(verify12Cdb(oneVerified)) },
  { id: 'verify-16',                  name: 'VERIFY(16)',                          operationCode: OP.verify16,             columns: 'ACAAC', optional: true, command: transfersNothing(verify16Cdb(oneVerified)) },
  { id: 'pre-fetch-10',               name: 'PRE-FETCH(10)',                       operationCode: OP.prefetch10,           columns: 'ACAAC', optional: true, endsAnyHow: true, command: transfersNothing(prefetch10Cdb(oneFetched)) },
  { id: 'pre-fetch-16',               name: 'PRE-FETCH(16)',                       operationCode: OP.prefetch16,           columns: 'ACAAC', optional: true, endsAnyHow: true, command: transfersNothing(prefetch16Cdb(oneFetched)) },
  { id: 'get-lba-status',             name: 'GET LBA STATUS',                      operationCode: OP.serviceActionIn16,    columns: 'ACAAC', serviceAction: SERVICE_ACTION_IN_16.getLbaStatus, optional: true, command: reads(getLbaStatusCdb({ allocationLength: 24 })) },
  { id: 'read-defect-data-10',        name: 'READ DEFECT DATA(10)',                operationCode: OP.readDefectData10,     columns: 'ACAAC', allowCommandsMin: 3, optional: true, endsAnyHow: true, command: reads(readDefectData10Cdb({ allocationLength: 4 })) },
  { id: 'read-defect-data-12',        name: 'READ DEFECT DATA(12)',                operationCode: OP.readDefectData12,     columns: 'ACAAC', allowCommandsMin: 3, optional: true, endsAnyHow: true, command: reads(readDefectData12Cdb({ allocationLength: 8 })) },
  { id: 'mode-sense-6',               name: 'MODE SENSE(6)',                       operationCode: OP.modeSense6,           columns: 'ACAAC', allowCommandsMin: 3, command: reads(modeSense6Cdb({ ...caching, allocationLength })) },
  { id: 'mode-sense-10',              name: 'MODE SENSE(10)',                      operationCode: OP.modeSense10,          columns: 'ACAAC', allowCommandsMin: 3, command: reads(modeSense10Cdb({ ...caching, allocationLength })) },
  { id: 'report-supported-operation-codes', name: 'REPORT SUPPORTED OPERATION CODES', operationCode: OP.maintenanceIn,     columns: 'ACAAC', serviceAction: MAINTENANCE_IN.reportSupportedOperationCodes, allowCommandsMin: 3, command: reads(reportSupportedOperationCodesCdb({ allocationLength })) },
  { id: 'set-target-port-groups',     name: 'SET TARGET PORT GROUPS, empty list',  operationCode: OP.maintenanceOut,       columns: 'CCACC', serviceAction: MAINTENANCE_OUT.setTargetPortGroups, command: transfersNothing(setTargetPortGroupsCdb({})) },
  { id: 'write-6',                    name: 'WRITE(6)',                            operationCode: OP.write6,               columns: 'CCACC', writes: true, command: writesBlock(write6Cdb(one)) },
  { id: 'write-10',                   name: 'WRITE(10)',                           operationCode: OP.write10,              columns: 'CCACC', writes: true, command: writesBlock(write10Cdb(one)) },
  { id: 'write-10-of-nothing',        name: 'WRITE(10) of 0 blocks',               operationCode: OP.write10,              columns: 'CCACC', command: transfersNothing(write10Cdb()) },
  { id: 'write-12',                   name: 'WRITE(12)',                           operationCode: OP.write12,              columns: 'CCACC', writes: true, command: writesBlock(write12Cdb(one)) },
  { id: 'write-16',                   name: 'WRITE(16)',                           operationCode: OP.write16,              columns: 'CCACC', writes: true, command: writesBlock(write16Cdb(one)) },
  { id: 'write-and-verify-10',        name: 'WRITE AND VERIFY(10)',                operationCode: OP.writeAndVerify10,     columns: 'CCACC', writes: true, command: writesBlock(writeAndVerify10Cdb(one)) },
  { id: 'write-and-verify-12',        name: 'WRITE AND VERIFY(12)',                operationCode: OP.writeAndVerify12,     columns: 'CCACC', writes: true, command: writesBlock(writeAndVerify12Cdb(one)) },
  { id: 'write-and-verify-16',        name: 'WRITE AND VERIFY(16)',                operationCode: OP.writeAndVerify16,     columns: 'CCACC', writes: true, command: writesBlock(writeAndVerify16Cdb(one)) },
  { id: 'write-same-10',              name: 'WRITE SAME(10)',                      operationCode: OP.writeSame10,          columns: 'CCACC', optional: true, writes: true, command: writesBlock(writeSame10Cdb(oneRepeated)) },
  { id: 'write-same-16',              name: 'WRITE SAME(16)',                      operationCode: OP.writeSame16,          columns: 'CCACC', optional: true, writes: true, command: writesBlock(writeSame16Cdb(oneRepeated)) },
  { id: 'unmap-of-nothing',           name: 'UNMAP of 0 blocks',                   operationCode: OP.unmap,                columns: 'CCACC', optional: true, command: transfersNothing(unmapCdb()) },
  { id: 'compare-and-write',          name: 'COMPARE AND WRITE',                   operationCode: OP.compareAndWrite,      columns: 'CCACC', optional: true, writes: true, command: comparesBlock(compareAndWriteCdb(oneRepeated)) },
  { id: 'orwrite-16',                 name: 'ORWRITE(16)',                         operationCode: OP.orWrite16,            columns: 'CCACC', optional: true, writes: true, command: writesBlock(orWrite16Cdb(one)) },
  { id: 'write-atomic-16-of-nothing', name: 'WRITE ATOMIC(16) of 0 blocks',        operationCode: OP.writeAtomic16,        columns: 'CCACC', optional: true, command: transfersNothing(writeAtomic16Cdb()) },
  { id: 'synchronize-cache-10',       name: 'SYNCHRONIZE CACHE(10)',               operationCode: OP.synchronizeCache10,   columns: 'CCACC', command: transfersNothing(synchronizeCache10Cdb({ numberOfBlocks: 1 })) },
  { id: 'synchronize-cache-16',       name: 'SYNCHRONIZE CACHE(16)',               operationCode: OP.synchronizeCache16,   columns: 'CCACC', command: transfersNothing(synchronizeCache16Cdb({ numberOfBlocks: 1 })) },
  { id: 'mode-select-6',              name: 'MODE SELECT(6) of nothing',           operationCode: OP.modeSelect6,          columns: 'CCACC', endsAnyHow: true, command: transfersNothing(modeSelect6Cdb({ pageFormat: 1 })) },
  { id: 'mode-select-10',             name: 'MODE SELECT(10) of nothing',          operationCode: OP.modeSelect10,         columns: 'CCACC', endsAnyHow: true, command: transfersNothing(modeSelect10Cdb({ pageFormat: 1 })) },
  { id: 'prevent-medium-removal',     name: 'PREVENT ALLOW MEDIUM REMOVAL, PREVENT=1', operationCode: OP.preventAllowMediumRemoval, columns: 'CCACC', refusedOnly: true, undoing: ALLOW, command: transfersNothing(preventAllowMediumRemovalCdb({ prevent: 1 })) },
  { id: 'extended-copy',              name: 'EXTENDED COPY(LID1) of nothing',      operationCode: OP.extendedCopy,         columns: 'CCACC', serviceAction: 0x00, endsAnyHow: true, command: transfersNothing(extendedCopyCdb({})) },
  { id: 'receive-copy-operating-parameters', name: 'RECEIVE COPY OPERATING PARAMETERS', operationCode: OP.receiveCopyResults, columns: 'AAAAA', serviceAction: RECEIVE_COPY_RESULTS.operatingParameters, allowCommandsMin: 4, command: reads(receiveCopyResultsCdb({ serviceAction: RECEIVE_COPY_RESULTS.operatingParameters, allocationLength })) },
  { id: 'sanitize-overwrite',         name: 'SANITIZE, OVERWRITE with no list',    operationCode: OP.sanitize,             columns: 'CCACC', serviceAction: SANITIZE_SERVICE_ACTION.overwrite, writes: true, refusedOnly: true, command: transfersNothing(sanitizeCdb({ serviceAction: SANITIZE_SERVICE_ACTION.overwrite })) },
  { id: 'stop-unit',                  name: 'START STOP UNIT, START=0',            operationCode: OP.startStopUnit,        columns: 'CCACC', writes: true, refusedOnly: true, undoing: START, command: transfersNothing(startStopUnitCdb({ start: 0 })) },
];
