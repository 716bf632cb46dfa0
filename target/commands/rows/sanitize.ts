import { OPERATION_CODE as OP, SANITIZE_SERVICE_ACTION as ACTION } from '../../../protocol/index.js';
import type { CommandRow } from '../command.js';
import { admitOverwrite, erase, exitFailureMode, overwrite } from '../sanitize.js';
import type { UnitDescription } from '../unit-description.js';
import { onMedium, row } from './row.js';

const presentOn = ({ sanitizeSeconds }: UnitDescription): boolean => sanitizeSeconds !== null;
/** Blocks that are erased are deallocated, and iscsi-test-cu wants LBPME=1 where they can be erased. */
const erasable = { presentOn: (unit: UnitDescription): boolean => presentOn(unit) && unit.thin };

/** SANITIZE (SBC-4), a row for each service action. Columns as SBC-4 table 13 prints them. */
// prettier-ignore
export const SANITIZE_ROWS: readonly CommandRow[] = [
  row('SANITIZE, OVERWRITE',           OP.sanitize, 'A1 00 00 00 00 00 FF FF 00', 'CCACC', { ...onMedium, presentOn, serviceAction: ACTION.overwrite, admit: admitOverwrite, run: overwrite }),
  row('SANITIZE, BLOCK ERASE',         OP.sanitize, 'A2 00 00 00 00 00 FF FF 00', 'CCACC', { ...onMedium, ...erasable, serviceAction: ACTION.blockErase, run: erase }),
  row('SANITIZE, CRYPTOGRAPHIC ERASE', OP.sanitize, 'A3 00 00 00 00 00 FF FF 00', 'CCACC', { ...onMedium, ...erasable, serviceAction: ACTION.cryptographicErase, run: erase }),
  row('SANITIZE, EXIT FAILURE MODE',   OP.sanitize, 'BF 00 00 00 00 00 FF FF 00', 'CCACC', { ...onMedium, presentOn, serviceAction: ACTION.exitFailureMode, run: exitFailureMode }),
];
