import type { ConformanceCase, Level } from './case.js';
import type { Choice, Exchange, Finding } from './exchange.js';
import type { Facts } from './facts.js';

/** What became of one case. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly finding: Finding }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** The target answers nobody any more since this case. */
  | { readonly kind: 'targetDied'; readonly reason: string };

export interface CaseResult {
  readonly case: ConformanceCase;
  readonly outcome: Outcome;
  /** What was sent and what came back, in order; empty where it was skipped. */
  readonly exchanges: readonly Exchange[];
  readonly choices: readonly Choice[];
  readonly durationMs: number;
}

export interface SuiteResult {
  /** The target as it was reached, without credentials. */
  readonly target: string;
  readonly level: Level;
  readonly facts: Facts;
  readonly results: readonly CaseResult[];
  /** Cases that were not reached, because the suite was stopped. */
  readonly notRun: number;
}

/** Nothing failed, the target lives, and the suite came to its end. */
export function isConforming({ results, notRun }: SuiteResult): boolean {
  return (
    notRun === 0 && results.every(({ outcome }) => outcome.kind === 'passed' || outcome.kind === 'skipped')
  );
}
