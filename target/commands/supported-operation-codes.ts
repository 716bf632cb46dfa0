import {
  encodeAllCommands,
  encodeOneCommand,
  invalidFieldInCdb,
  REPORTING_OPTIONS,
  reportSupportedOperationCodesCdbLayout,
  type LayoutValue,
  type Sense,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandRow, CommandTable, CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';

type Cdb = LayoutValue<typeof reportSupportedOperationCodesCdbLayout>;

/** REPORT SUPPORTED OPERATION CODES (SPC-4 6.35): the table, told. */
export function reportSupportedOperationCodes(task: Task, { commands }: CommandUnit): Verdict {
  const cdb = reportSupportedOperationCodesCdbLayout.decode(task.cdb);
  const data =
    cdb.reportingOptions === REPORTING_OPTIONS.all ? allCommands(cdb, commands) : oneCommand(cdb, commands);
  return data instanceof Uint8Array ? answerWith(task, data, cdb.allocationLength) : data;
}

function allCommands(cdb: Cdb, commands: CommandTable): Uint8Array {
  const supported = commands.rows.map((row) => ({
    operationCode: row.operationCode,
    serviceAction: row.serviceAction,
    cdbLengthBytes: row.usage.length,
  }));
  return encodeAllCommands(supported, cdb.returnCommandTimeoutsDescriptor === 1);
}

function oneCommand(cdb: Cdb, commands: CommandTable): Uint8Array | Sense {
  const rows = commands.rowsOf(cdb.requestedOperationCode);
  const row = rows.find((one) => (one.serviceAction ?? 0) === cdb.requestedServiceAction);
  const found = chosen(cdb.reportingOptions, rows, row);
  if (found === 'invalid') {
    return invalidFieldInCdb({
      byte: reportSupportedOperationCodesCdbLayout.offsetOf('reportingOptions'),
      bit: 2,
    });
  }
  const usage = found === undefined ? undefined : Uint8Array.from(found.usage);
  return encodeOneCommand(usage, cdb.returnCommandTimeoutsDescriptor === 1);
}

/** SPC-4: `row` is the one with the requested service action, 0 for a command without any. */
function chosen(
  option: number,
  rows: readonly CommandRow[],
  row: CommandRow | undefined,
): CommandRow | undefined | 'invalid' {
  const [first] = rows;
  const hasServiceActions = first?.serviceAction !== undefined;
  switch (option) {
    case REPORTING_OPTIONS.one:
      return hasServiceActions ? 'invalid' : first;
    case REPORTING_OPTIONS.oneWithServiceAction:
      return first !== undefined && !hasServiceActions ? 'invalid' : row;
    case REPORTING_OPTIONS.oneEitherWay:
      return row;
    default:
      return 'invalid';
  }
}
