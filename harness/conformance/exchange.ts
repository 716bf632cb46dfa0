import type { Command } from './command.js';
import type { Expected, Received } from './expectation.js';

/** One command of a case, with what it had to end with and what it ended with. */
export interface Exchange {
  /** Who sent it: `A`, `B`, `C`, or `A2` for A through the second target port. */
  readonly actor: string;
  readonly command: Command;
  /** Any of these; empty: whatever comes. */
  readonly expected: readonly Expected[];
  readonly received: Received;
}

/** What a case found to be wrong. */
export interface Finding {
  /** In one line: what was asked, what was expected, what came. */
  readonly message: string;
  /** For findings about data: what was expected and what came, in hex. */
  readonly data?: { readonly expected: Uint8Array | undefined; readonly received: Uint8Array } | undefined;
}

/** Thrown by a bench where the target differs from what a case requires. */
export class CaseFailure extends Error {
  override readonly name = 'CaseFailure';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

/** Thrown by a bench where a case turns out to have nothing to say about this target. */
export class CaseSkip extends Error {
  override readonly name = 'CaseSkip';
}

/** Where the standard leaves a choice: which way the target went. */
export interface Choice {
  /** What is left open, with its place. */
  readonly question: string;
  readonly answer: string;
}

/** What happened in one case, in order. */
export class Transcript {
  readonly exchanges: Exchange[] = [];
  readonly choices: Choice[] = [];
}
