import { MAINTENANCE_IN, MAINTENANCE_OUT, OPERATION_CODE as OP } from '../../../protocol/index.js';
import type { CommandRow } from '../command.js';
import { inquiry } from '../inquiry.js';
import { admitModeSelect10, admitModeSelect6, modeSelect10, modeSelect6 } from '../mode-select.js';
import { modeSense10, modeSense6 } from '../mode-sense.js';
import { reportSupportedOperationCodes } from '../supported-operation-codes.js';
import { reportSupportedTaskManagement } from '../supported-task-management.js';
import {
  admitSetTargetPortGroups,
  reportTargetPortGroups,
  setTargetPortGroups,
} from '../target-port-groups.js';
import { reportLuns, requestSense } from '../unit-reports.js';
import { onMedium, row, unitOnly } from './row.js';

/**
 * Commands of every device type (SPC-4). Columns as SPC-4 tables 65 and 66 print them: Write Exclusive; Exclusive
 * Access; registered; unregistered under Write Exclusive, under Exclusive Access of a registrants type.
 */
// prettier-ignore
export const PRIMARY_ROWS: readonly CommandRow[] = [
  row('TEST UNIT READY',        OP.testUnitReady,        '00 00 00 00 00',                               'AAAAA', { ...onMedium, run: () => 'good' }),
  row('REQUEST SENSE',          OP.requestSense,         '01 00 00 FF 00',                               'AAAAA', { ...unitOnly, accessibleIn: 'every', run: requestSense }),
  row('INQUIRY',                OP.inquiry,              '01 FF FF FF 00',                               'AAAAA', { ...unitOnly, accessibleIn: 'every', run: inquiry }),
  row('MODE SELECT(6)',         OP.modeSelect6,          '11 00 00 FF 00',                               'CCACC', { ...unitOnly, accessibleIn: 'standby', admit: admitModeSelect6, run: modeSelect6 }),
  row('RESERVE(6)',             OP.reserve6,             '00 00 00 00 00',                               'S',     { ...unitOnly, run: (task, unit) => unit.reserve(task) }),
  row('RELEASE(6)',             OP.release6,             '00 00 00 00 00',                               'S',     { ...unitOnly, run: (task, unit) => unit.release(task) }),
  row('MODE SENSE(6)',          OP.modeSense6,           '08 FF FF FF 00',                               'ACAAC', { ...unitOnly, accessibleIn: 'standby', run: modeSense6 }),
  row('MODE SELECT(10)',        OP.modeSelect10,         '11 00 00 00 00 00 FF FF 00',                   'CCACC', { ...unitOnly, accessibleIn: 'standby', admit: admitModeSelect10, run: modeSelect10 }),
  row('RESERVE(10)',            OP.reserve10,            '00 00 00 00 00 00 00 00 00',                   'S',     { ...unitOnly, run: (task, unit) => unit.reserve(task) }),
  row('RELEASE(10)',            OP.release10,            '00 00 00 00 00 00 00 00 00',                   'S',     { ...unitOnly, run: (task, unit) => unit.release(task) }),
  row('MODE SENSE(10)',         OP.modeSense10,          '18 FF FF 00 00 00 FF FF 00',                   'ACAAC', { ...unitOnly, accessibleIn: 'standby', run: modeSense10 }),
  row('REPORT LUNS',            OP.reportLuns,           '00 FF 00 00 00 FF FF FF FF 00 00',             'AAAAA', { ...unitOnly, accessibleIn: 'every', run: reportLuns }),
  row('REPORT TARGET PORT GROUPS', OP.maintenanceIn,     'EA 00 00 00 00 FF FF FF FF 00 00',             'AAAAA', { ...unitOnly, accessibleIn: 'every', serviceAction: MAINTENANCE_IN.reportTargetPortGroups, run: reportTargetPortGroups }),
  row('SET TARGET PORT GROUPS', OP.maintenanceOut,       '0A 00 00 00 00 FF FF FF FF 00 00',             'CCACC', { ...unitOnly, accessibleIn: 'settled', serviceAction: MAINTENANCE_OUT.setTargetPortGroups, admit: admitSetTargetPortGroups, run: setTargetPortGroups }),
  row('REPORT SUPPORTED OPERATION CODES', OP.maintenanceIn, '0C 87 FF FF FF FF FF FF FF 00 00',          'ACAAC', { ...unitOnly, serviceAction: MAINTENANCE_IN.reportSupportedOperationCodes, run: reportSupportedOperationCodes }),
  row('REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS', OP.maintenanceIn, '0D 80 00 00 00 FF FF FF FF 00 00',          'ACAAC', { ...unitOnly, serviceAction: MAINTENANCE_IN.reportSupportedTaskManagementFunctions, run: reportSupportedTaskManagement }),
];
