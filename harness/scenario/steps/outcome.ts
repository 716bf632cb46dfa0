import type { Ledger } from '../ledger.js';
import type { Outcome } from '../packages.js';

/** Holds the start of a package to what was expected of it. */
export function checkStart(
  ledger: Ledger,
  packageName: string,
  node: string,
  outcome: Outcome,
  expected: 'starts' | 'fails' = 'starts',
): void {
  if (!outcome.good && expected === 'fails') ledger.failedAsExpected.add(packageName);
  const what = outcome.good ? 'started' : `did not start (${outcome.failure})`;
  ledger.check(
    `${packageName} on ${node} ${what}, expected: ${expected}`,
    outcome.good === (expected === 'starts'),
  );
}
