import { judge } from '../oracle/judge.js';
import type { Verdict, VerdictWord } from '../oracle/types.js';
import { readPlacement } from '../runtime/application.js';
import type { CommandOutcome, Runtime } from '../runtime/runtime.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { Ledger, type CheckResult } from '../scenario/ledger.js';
import { didNothing, keyIfHolder } from './meaning.js';
import { OccupiedLun } from './occupied-lun.js';
import type { ReplayCommand, ReplayPlan } from './plan.js';

export interface ReplayOptions {
  /** The verdict that there should be. */
  readonly expected: VerdictWord;
  /** Called for everything that happens; nothing is judged by it. */
  readonly onEvent?: ((event: ScenarioEvent) => void) | undefined;
}

export interface ReplayResult {
  readonly verdict: Verdict;
  /** Exit statuses beside those that were recorded. */
  readonly checks: readonly CheckResult[];
}

const EXIT = { good: 0, unitAttention: 6 } as const;
/** How often a line is given again when it met a unit attention that the log does not tell of. */
const ATTENTION_RETRIES_MAX = 3;

/** Gives the commands of logs once more, in their order and at their times, and judges what became of the data. */
export async function replay(
  plan: ReplayPlan,
  runtime: Runtime,
  options: ReplayOptions,
): Promise<ReplayResult> {
  const ledger = new Ledger(runtime.clock, options.onEvent);
  ledger.show({
    type: 'scenarioStarted',
    scenario: plan.title,
    paper: 'sg_persist lines of logs',
    runtime: runtime.kind,
    realMsPerSecond: runtime.realMsPerSecond,
    portals: runtime.portals,
  });
  ledger.show({ type: 'view', text: plan.remarks.join('\n') });
  const run = new Replay(plan, runtime, ledger);
  await run.all();
  const judged = await run.readAtTheEnd();
  const verdict = judge(judged, ledger.history);
  ledger.show({ type: 'judged', scenario: plan.title, expected: options.expected, verdict });
  return { verdict, checks: ledger.checks };
}

class Replay {
  readonly #plan: ReplayPlan;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #luns: ReadonlyMap<number, OccupiedLun>;

  constructor(plan: ReplayPlan, runtime: Runtime, ledger: Ledger) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#luns = new Map(
      plan.site.array.luns.map(({ lun }) => [lun, new OccupiedLun(lun, plan.site, runtime, ledger)]),
    );
  }

  async all(): Promise<void> {
    for (const [index, command] of this.#plan.commands.entries()) {
      const aheadMs = command.atMs - this.#runtime.clock.now();
      if (aheadMs > 0) await this.#runtime.clock.wait(aheadMs);
      await this.#one(command, index);
    }
  }

  /** The last reading of every LUN that was taken, and so is judged; of all where none was. */
  async readAtTheEnd(): Promise<{ name: string; exclusive: boolean; luns: number[] }[]> {
    const taken = [...this.#luns].filter(([, { incarnations }]) => incarnations > 0);
    for (const [lun, { packageName, incarnations }] of taken) {
      const path = await this.#runtime.observerPath(lun);
      try {
        const blocks = await readPlacement([path], incarnations);
        this.#ledger.record(packageName, { type: 'finalRead', lun, blocks });
      } finally {
        await path.close();
      }
    }
    this.#sayWhatWasNotTried();
    return (taken.length > 0 ? taken : [...this.#luns]).map(([lun, { packageName }]) => {
      return { name: packageName, exclusive: true, luns: [lun] };
    });
  }

  #sayWhatWasNotTried(): void {
    const lines = [...this.#luns].flatMap(([lun, { incarnations }]) => {
      if (incarnations === 0) return `No line makes a node the holder of LUN ${lun}: nobody writes there.`;
      return incarnations === 1 ? `LUN ${lun} never changed hands: no fence was tried there.` : [];
    });
    if (lines.length > 0) this.#ledger.show({ type: 'view', text: lines.join('\n') });
  }

  async #one(command: ReplayCommand, index: number): Promise<void> {
    const { source, node, commandLine, lun, recordedExitStatus: recorded } = command;
    if (didNothing(recorded)) {
      const text = `${source}: not given again, since exit status ${String(recorded)} says that it did nothing: ${commandLine}`;
      this.#ledger.show({ type: 'view', text });
      return;
    }
    const outcome = await this.#give(command);
    const { exitStatus } = outcome;
    this.#ledger.show({
      type: 'command',
      node,
      packageName: (lun === undefined ? undefined : this.#luns.get(lun))?.packageName ?? '',
      commandLine,
      lun: lun ?? 0,
      exitStatus,
      recordedExitStatus: recorded ?? 'unknown',
      output: outcome.stdout + outcome.stderr,
      inferred: false,
      source,
    });
    if (recorded !== undefined && recorded !== exitStatus) {
      this.#ledger.check(`${source}: exit status ${exitStatus}, recorded was ${recorded}`, false);
    }
    if (lun === undefined || command.options?.action.direction !== 'out') return;
    await this.#luns.get(lun)?.after(command, exitStatus, this.#takesAgain(command, index));
  }

  /** An attention that the log does not tell of was met by something else on the node, and the line carried out. */
  async #give({ node, replayArgs }: ReplayCommand): Promise<CommandOutcome> {
    let outcome = await this.#runtime.sgPersist(node, replayArgs);
    for (let again = 0; again < ATTENTION_RETRIES_MAX; again++) {
      if (outcome.exitStatus !== EXIT.unitAttention) break;
      outcome = await this.#runtime.sgPersist(node, replayArgs);
    }
    return outcome;
  }

  #takesAgain({ node, lun }: ReplayCommand, index: number): boolean {
    return this.#plan.commands
      .slice(index + 1)
      .some((later) => later.node === node && later.lun === lun && keyIfHolder(later) !== undefined);
  }
}
