import { QUIRKS, type Deviation, type Quirk } from '../../../target/index.js';
import type { ConformanceCase } from '../case.js';
import { MUTANTS } from './mutants.js';
import { caughtBy, runOnQuirks, toldApart } from './run-zoo.js';

/** One deviation and the ids of the cases that fail under it, or tell it where the standard leaves it open. */
export interface MatrixRow {
  readonly name: string;
  readonly kind: 'quirk' | 'mutant';
  readonly caughtBy: readonly string[];
}

/** Which cases fail under which deviation. */
export interface Matrix {
  /** Ids of the cases that fail on a target without any, or with one that the standard leaves open. */
  readonly clean: readonly string[];
  readonly rows: readonly MatrixRow[];
  /** Ids of the cases that fail under none. */
  readonly neverFailed: readonly string[];
}

/** A quirk or a mutant. */
type Animal = Deviation & Pick<Quirk, 'name' | 'open'>;

const ANIMALS: readonly (Animal & { readonly kind: MatrixRow['kind'] })[] = [
  ...QUIRKS.map((quirk) => ({ ...quirk, kind: 'quirk' as const })),
  ...MUTANTS.map(({ name, change }) => ({ name, change, kind: 'mutant' as const })),
];

/** Runs every case under every quirk and mutant, one after the other; `onRow` is told of each as it is done. */
export async function zooMatrix(
  cases: readonly ConformanceCase[],
  onRow: (row: MatrixRow) => void,
): Promise<Matrix> {
  const clean = await runOnQuirks([], cases);
  const neverFailed = new Set(cases.map(({ id }) => id));
  const rows: MatrixRow[] = [];
  const failsOnChoices: string[] = [];
  for (const animal of ANIMALS) {
    const found = await runOnQuirks([animal], cases);
    const failed = caughtBy(found);
    const row = {
      name: animal.name,
      kind: animal.kind,
      caughtBy: animal.open === true ? toldApart(found, clean) : failed,
    };
    if (animal.open === true) failsOnChoices.push(...failed);
    for (const id of failed) neverFailed.delete(id);
    rows.push(row);
    onRow(row);
  }
  return { clean: [...caughtBy(clean), ...failsOnChoices], rows, neverFailed: [...neverFailed] };
}
