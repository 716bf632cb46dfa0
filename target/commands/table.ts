import { invalidFieldInCdb, type Sense } from '../../protocol/index.js';
import type { CommandRow, CommandTable } from './command.js';

/** The table of these rows, which is asked for every command. */
export const commandTable = (rows: readonly CommandRow[]): CommandTable => new DispatchTable(rows);

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
