import { QUIRKS, type Deviation } from '../../../target/index.js';
import type { ConformanceCase } from '../case.js';
import { MUTANTS } from './mutants.js';
import { caughtBy, runOnQuirks } from './run-zoo.js';

/** One deviation and the ids of the cases that fail under it. */
export interface MatrixRow {
  readonly name: string;
  readonly kind: 'quirk' | 'mutant';
  readonly caughtBy: readonly string[];
}

/** Which cases fail under which deviation. */
export interface Matrix {
  /** Ids of the cases that fail on a target without any. */
  readonly clean: readonly string[];
  readonly rows: readonly MatrixRow[];
  /** Ids of the cases that fail under none. */
  readonly neverFailed: readonly string[];
}

const ANIMALS: readonly (Deviation & { readonly name: string; readonly kind: MatrixRow['kind'] })[] = [
  ...QUIRKS.map(({ name, change }) => ({ name, change, kind: 'quirk' as const })),
  ...MUTANTS.map(({ name, change }) => ({ name, change, kind: 'mutant' as const })),
];

/** Runs every case under every quirk and mutant, one after the other; `onRow` is told of each as it is done. */
export async function zooMatrix(
  cases: readonly ConformanceCase[],
  onRow: (row: MatrixRow) => void,
): Promise<Matrix> {
  const clean = caughtBy(await runOnQuirks([], cases));
  const neverFailed = new Set(cases.map(({ id }) => id));
  const rows: MatrixRow[] = [];
  for (const animal of ANIMALS) {
    const row = {
      name: animal.name,
      kind: animal.kind,
      caughtBy: caughtBy(await runOnQuirks([animal], cases)),
    };
    for (const id of row.caughtBy) neverFailed.delete(id);
    rows.push(row);
    onRow(row);
  }
  return { clean, rows, neverFailed: [...neverFailed] };
}
