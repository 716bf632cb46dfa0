import { judge } from '../oracle/judge.js';
import type { JudgedPackage, Verdict, VerdictWord } from '../oracle/types.js';
import { readPlacement } from '../runtime/application.js';
import type { CommandOutcome, Runtime } from '../runtime/runtime.js';
import { reservationKeyIn } from '../scenario/commands.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { Ledger, type CheckResult } from '../scenario/ledger.js';
import { didNothing, keyIfHolder } from './meaning.js';
import { Occupants } from './occupants.js';
import { OneWriter, type Rules } from './one-writer.js';
import { SideBySide } from './side-by-side.js';
import type { ReplayCommand, ReplayPlan } from './plan.js';

export interface ReplayOptions {
  /** The verdict that there should be. */
  readonly expected: VerdictWord;
  /** Every registered node writes, as with a cluster file system; otherwise only the one that holds the reservation. */
  readonly sideBySide?: boolean;
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
    array: runtime.array,
  });
  ledger.show({ type: 'view', text: plan.remarks.join('\n') });
  const run = new Replay(plan, runtime, ledger, options.sideBySide ?? false);
  await run.all();
  const judged = await run.readAtTheEnd();
  const verdict = judge(judged, ledger.history);
  ledger.show({ type: 'judged', scenario: plan.title, expected: options.expected, verdict });
  return { verdict, checks: ledger.checks };
}

interface ReplayedLun {
  readonly lun: number;
  readonly occupants: Occupants;
  readonly rules: Rules;
}

class Replay {
  readonly #plan: ReplayPlan;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #sideBySide: boolean;
  readonly #luns: readonly ReplayedLun[];

  constructor(plan: ReplayPlan, runtime: Runtime, ledger: Ledger, sideBySide: boolean) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#sideBySide = sideBySide;
    const { site } = plan;
    this.#luns = site.array.luns.map(({ lun }) => {
      const occupants = new Occupants({ lun, exclusive: !sideBySide, site, runtime, ledger });
      const rules = sideBySide ? new SideBySide(occupants) : new OneWriter(occupants);
      return { lun, occupants, rules };
    });
  }

  async all(): Promise<void> {
    for (const [index, command] of this.#plan.commands.entries()) {
      const aheadMs = command.atMs - this.#runtime.clock.now();
      if (aheadMs > 0) await this.#runtime.clock.wait(aheadMs);
      await this.#one(command, index);
    }
  }

  /** The last reading of every LUN that anybody wrote to, and so is judged; where there is none, all are. */
  async readAtTheEnd(): Promise<readonly JudgedPackage[]> {
    const written = this.#luns.filter(({ occupants }) => occupants.incarnations > 0);
    for (const { lun, occupants } of written) {
      const path = await this.#runtime.observerPath(lun);
      try {
        const blocks = await readPlacement([path], occupants.incarnations);
        this.#ledger.record(occupants.judged.name, { type: 'finalRead', lun, blocks });
      } finally {
        await path.close();
      }
    }
    this.#checkThatHoldersWrote();
    this.#sayWhatWasNotTried();
    return (written.length > 0 ? written : this.#luns).map(({ occupants }) => occupants.judged);
  }

  /** Everybody writes as soon as it is let in; a SAFE of somebody who never could would say nothing. */
  #checkThatHoldersWrote(): void {
    const { history } = this.#ledger;
    for (const event of history) {
      if (event.type !== 'incarnationStarted') continue;
      const { packageName, incarnation, node } = event;
      const wrote = history.some(
        (other) =>
          other.type === 'writeAcknowledged' &&
          other.packageName === packageName &&
          other.write.incarnation === incarnation,
      );
      if (wrote) continue;
      const text = `${packageName} #${incarnation} on ${node} was let in and none of its writes was taken: it writes through port 1, so see --map`;
      this.#ledger.check(text, false);
    }
  }

  #sayWhatWasNotTried(): void {
    const lines = this.#luns.flatMap(({ lun, occupants }) => {
      if (occupants.incarnations === 0) return `No line lets a node in on LUN ${lun}: nobody writes there.`;
      if (occupants.fenceWasTried) return [];
      const hint = this.#sideBySide ? '' : ' (with --side-by-side every registered node writes)';
      return `Nobody who writes on LUN ${lun} is fenced: no fence was tried there${hint}.`;
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
      packageName: this.#lunOf(command)?.occupants.judged.name ?? '',
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
    if (command.options?.action.direction === 'out') await this.#goOn(command, exitStatus, index);
  }

  /** What the command means for the applications, which then write. */
  async #goOn(command: ReplayCommand, exitStatus: number, index: number): Promise<void> {
    const found = this.#lunOf(command);
    if (found === undefined) return;
    const { lun, occupants, rules } = found;
    if (exitStatus === EXIT.good) {
      await rules.obey(
        command,
        () => this.#holderKey(lun),
        () => this.#takesAgain(command, index),
      );
    }
    await occupants.write();
  }

  #lunOf({ lun }: ReplayCommand): ReplayedLun | undefined {
    return this.#luns.find((found) => found.lun === lun);
  }

  /** As a machine reads it that is no node; a target is not asked in any other way. */
  async #holderKey(lun: number): Promise<bigint | undefined> {
    const reading = await this.#runtime.observe(lun, ['--no-inquiry', '--in', '--read-reservation']);
    return reading.exitStatus === EXIT.good ? reservationKeyIn(reading.stdout) : undefined;
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
