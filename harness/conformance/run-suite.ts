import { SCSI_STATUS } from '../../protocol/index.js';
import { messageOf } from '../message-of.js';
import { Bench, StrangerError, type BenchOptions } from './bench.js';
import type { ConformanceCase } from './case.js';
import { reserveIn } from './command.js';
import { CaseFailure, CaseSkip, type Transcript } from './exchange.js';
import type { CaseResult, Outcome, SuiteResult } from './outcome.js';

export interface SuiteOptions extends BenchOptions {
  readonly cases: readonly ConformanceCase[];
  /** Cases that change data are run too. */
  readonly write: boolean;
  /** A LU on which somebody is registered is cleared and used all the same. */
  readonly force: boolean;
  /** Ends the suite before its next case; the LU is cleaned. */
  readonly stop: AbortSignal;
  readonly now: () => number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: CaseResult) => void;
}

/** The suite could not be run at all; the message is one line for the user. */
export class SuiteError extends Error {
  override readonly name = 'SuiteError';
}

/** Runs the cases against one logical unit, those that are known to kill targets last. Rejects with SuiteError. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { reach, level, cases } = options;
  const bench = new Bench(options);
  try {
    await bench.connect();
    await bench.ask();
    await requireUnused(bench, options);
    await bench.clean(options.force);
  } catch (cause) {
    await bench.close();
    if (cause instanceof SuiteError) throw cause;
    throw new SuiteError(`${reach.name}: ${messageOf(cause)}`, { cause });
  }
  try {
    const inOrder = [
      ...cases.filter(({ fragile }) => fragile === undefined),
      ...cases.filter(({ fragile }) => fragile !== undefined),
    ];
    const results = await new Suite(bench, options).run(inOrder);
    const notRun = cases.length - results.length;
    return { target: reach.name, level, facts: bench.facts, results, notRun };
  } finally {
    await bench.close();
  }
}

async function requireUnused(bench: Bench, { reach, force }: SuiteOptions): Promise<void> {
  if (force) return;
  const answer = await bench.a.send(reserveIn('readKeys'));
  if ('result' in answer && answer.result.status === SCSI_STATUS.reservationConflict) {
    throw new SuiteError(
      `${reach.name}: the LU is reserved with RESERVE(6/10): expected one that nobody uses, or --force`,
    );
  }
  const keys = await bench.keys();
  if (keys.length === 0) return;
  throw new SuiteError(
    `${reach.name}: ${keys.length} registered on the LU (${keys.map((key) => `0x${key.toString(16)}`).join(', ')}): ` +
      'expected one that nobody uses, or --force',
  );
}

class Suite {
  readonly #bench: Bench;
  readonly #options: SuiteOptions;
  /** Why no further case is run. */
  #dead: string | undefined;

  constructor(bench: Bench, options: SuiteOptions) {
    this.#bench = bench;
    this.#options = options;
  }

  async run(cases: readonly ConformanceCase[]): Promise<readonly CaseResult[]> {
    const results: CaseResult[] = [];
    for (const one of cases) {
      if (this.#options.stop.aborted) break;
      const result = await this.#runCase(one);
      results.push(result);
      this.#options.onResult?.(result);
    }
    return results;
  }

  async #runCase(one: ConformanceCase): Promise<CaseResult> {
    const { now } = this.#options;
    const begin = now();
    this.#bench.begin();
    const reason = this.#whyNot(one);
    const { outcome, transcript } =
      reason === undefined
        ? await this.#try(one)
        : { outcome: { kind: 'skipped' as const, reason }, transcript: this.#bench.transcript };
    const { exchanges, choices } = transcript;
    return { case: one, outcome, exchanges, choices, durationMs: now() - begin };
  }

  #whyNot({ needs = [], writes, levels }: ConformanceCase): string | undefined {
    const { level, write, reach } = this.#options;
    if (this.#dead !== undefined) return this.#dead;
    if (levels?.includes(level) === false) return `it has no meaning at --level ${level}`;
    if (writes === true && !write) return 'it changes data: give --write';
    for (const need of needs) {
      const reason = need(this.#bench.facts, reach);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /**
   * The case, then the cleaning after it: what the case found wrong is told rather than what the cleaning did, unless the
   * target died of that.
   */
  async #try(one: ConformanceCase): Promise<{ readonly outcome: Outcome; readonly transcript: Transcript }> {
    const { transcript } = this.#bench;
    const outcome = await this.#judged(() => one.run(this.#bench));
    if (outcome.kind === 'targetDied') return { outcome, transcript };
    this.#bench.begin();
    const { transcript: cleaning } = this.#bench;
    const cleaned = await this.#judged(() => this.#bench.clean(this.#options.force));
    const isTold = cleaned.kind === 'targetDied' || (cleaned.kind !== 'passed' && outcome.kind !== 'failed');
    return isTold ? { outcome: cleaned, transcript: cleaning } : { outcome, transcript };
  }

  async #judged(work: () => Promise<void>): Promise<Outcome> {
    try {
      await work();
      return { kind: 'passed' };
    } catch (error) {
      if (error instanceof CaseFailure) return { kind: 'failed', finding: error.finding };
      if (error instanceof StrangerError) {
        this.#dead = `${error.message}: the suite leaves the LU alone, without --force`;
        return { kind: 'failed', finding: { message: this.#dead } };
      }
      if (error instanceof CaseSkip) return { kind: 'skipped', reason: error.message };
      return this.#withoutAnswer(messageOf(error));
    }
  }

  /** No status came back: the session was lost, or the target is gone. */
  async #withoutAnswer(reason: string): Promise<Outcome> {
    try {
      await this.#bench.reconnect();
      return { kind: 'failed', finding: { message: `no answer: ${reason}` } };
    } catch (error) {
      const died = `${reason}; then: ${messageOf(error)}`;
      await this.#restart();
      return { kind: 'targetDied', reason: died };
    }
  }

  async #restart(): Promise<void> {
    const { restart } = this.#options.reach;
    if (restart === undefined) {
      this.#dead = 'the target died before';
      return;
    }
    try {
      await restart();
      this.#bench.begin();
      await this.#bench.reconnect();
      await this.#bench.clean(this.#options.force);
    } catch (error) {
      this.#dead = `the target died before, and was not there after --restart: ${messageOf(error)}`;
    }
  }
}
