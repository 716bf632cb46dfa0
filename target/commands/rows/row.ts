import type { CommandRow } from '../command.js';

/** CDB usage data, each byte in hexadecimal, after the operation code. */
export const usage = (text: string): number[] => text.split(' ').map((byte) => Number.parseInt(byte, 16));

export type Rest = Pick<CommandRow, 'run' | 'needsMedium'> & Partial<CommandRow>;

/** A row as the tables of rows write it: the usage of its CDB is text. */
export function row(
  name: string,
  operationCode: number,
  usageAfterCode: string,
  columns: CommandRow['columns'],
  rest: Rest,
): CommandRow {
  return {
    name,
    operationCode,
    usage: [operationCode, ...usage(usageAfterCode)],
    columns,
    ...rest,
  };
}

export const unitOnly = { needsMedium: false } as const;
export const onMedium = { needsMedium: true } as const;
