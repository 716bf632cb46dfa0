import { OPERATION_CODE as OP, RECEIVE_COPY_RESULTS } from '../../../protocol/index.js';
import type { CommandRow } from '../command.js';
import {
  admitExtendedCopy,
  extendedCopy,
  receiveCopyOperatingParameters,
  receiveCopyStatus,
} from '../extended-copy.js';
import { row, unitOnly } from './row.js';

/** Third-party copy (SPC-4). Columns as SPC-4 table 65 prints them. */
// prettier-ignore
export const EXTENDED_COPY_ROWS: readonly CommandRow[] = [
  row('EXTENDED COPY(LID1)',               OP.extendedCopy,       '00 00 00 00 00 00 00 00 00 FF FF FF FF 00 00', 'CCACC', { ...unitOnly, serviceAction: 0x00, admit: admitExtendedCopy, run: extendedCopy }),
  row('RECEIVE COPY STATUS(LID1)',         OP.receiveCopyResults, '00 FF 00 00 00 00 00 00 00 FF FF FF FF 00 00', 'AAAAA', { ...unitOnly, serviceAction: RECEIVE_COPY_RESULTS.copyStatus, run: receiveCopyStatus }),
  row('RECEIVE COPY OPERATING PARAMETERS', OP.receiveCopyResults, '03 00 00 00 00 00 00 00 00 FF FF FF FF 00 00', 'AAAAA', { ...unitOnly, serviceAction: RECEIVE_COPY_RESULTS.operatingParameters, run: receiveCopyOperatingParameters }),
];
