import type { Runtime } from '../runtime/runtime.js';
import type { CommandRunner } from './commands.js';
import { Holds } from './holds.js';
import type { Ledger } from './ledger.js';
import type { ClusterContext } from './membership/context.js';
import { Membership } from './membership/membership.js';
import { NodeStates } from './node-states.js';
import { PackageSwitching } from './package-switching.js';
import type { PackageManager } from './packages.js';
import type { Scenario } from './scenario.js';
import { ScenarioError } from './source.js';
import { Standstills } from './standstills.js';
import { carryOut, type PlayContext, type Step } from './steps/index.js';

/** Plays the steps of a scenario: what the people, the cluster and the faults do. */
export class Play {
  readonly #context: PlayContext;
  readonly #pending: Promise<unknown>[] = [];

  constructor(
    scenario: Scenario,
    runtime: Runtime,
    ledger: Ledger,
    commands: CommandRunner,
    packages: PackageManager,
  ) {
    const cluster: ClusterContext = {
      scenario,
      runtime,
      ledger,
      packages,
      nodes: new NodeStates(runtime, ledger, new Standstills(packages, ledger)),
      switching: new PackageSwitching(),
      play: (steps) => this.all(steps),
    };
    this.#context = {
      ...cluster,
      commands,
      membership: new Membership(cluster),
      holds: new Holds(scenario.site, runtime, ledger),
      settleWith: (work) => this.#pending.push(work),
    };
  }

  async all(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (this.#context.ledger.isClosed) return;
      this.#context.ledger.show({ type: 'step', text: step.text, line: step.line });
      await this.#carryOut(step);
    }
  }

  /** What goes wrong in a step is told with its place in the file. */
  async #carryOut(step: Step): Promise<void> {
    try {
      await carryOut(step, this.#context);
    } catch (cause) {
      if (cause instanceof ScenarioError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      const { file } = this.#context.scenario;
      throw new ScenarioError(`${file}:${step.line}: ${step.text}: ${why}`, { cause });
    }
  }

  /** The end of every scenario: what is held goes out, who hangs wakes, and every write gets its answer. */
  async settle(): Promise<void> {
    await this.#context.holds.releaseAll();
    await this.#context.nodes.wakeAll();
    await Promise.all(this.#pending);
  }
}
