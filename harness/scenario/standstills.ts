import type { Ledger } from './ledger.js';
import type { Instance, PackageManager } from './packages.js';

/** By what a machine stands still. It goes on when the last of them has ended. */
export type StandstillCause = 'hang' | 'move';

/** Writes into the history when the applications of a machine stand still, and when they go on. */
export class Standstills {
  readonly #packages: PackageManager;
  readonly #ledger: Ledger;
  readonly #causes = new Map<Instance, Set<StandstillCause>>();
  /** What ran on a machine when that died, whatever the cluster knows of it. */
  readonly #dead = new Set<Instance>();

  constructor(packages: PackageManager, ledger: Ledger) {
    this.#packages = packages;
    this.#ledger = ledger;
  }

  /** `why`: a sentence for people. */
  begin(machine: string, cause: StandstillCause, why: string): void {
    for (const instance of this.#packages.instances) {
      if (instance.machine !== machine || instance.state === 'ended' || this.#dead.has(instance)) continue;
      const causes = this.#causes.get(instance) ?? new Set();
      if (causes.size === 0) {
        const { item, incarnation } = instance;
        this.#ledger.record(item.name, { type: 'incarnationStopped', incarnation, why });
      }
      this.#causes.set(instance, causes.add(cause));
    }
  }

  end(machine: string, cause: StandstillCause): void {
    for (const [instance, causes] of this.#causes) {
      if (instance.machine !== machine) continue;
      causes.delete(cause);
      if (causes.size > 0) continue;
      this.#causes.delete(instance);
      const { item, incarnation } = instance;
      this.#ledger.record(item.name, { type: 'incarnationWentOn', incarnation });
    }
  }

  /** A machine that is dead never goes on. */
  forget(machine: string): void {
    for (const instance of this.#packages.instances) {
      if (instance.machine !== machine) continue;
      this.#dead.add(instance);
      this.#causes.delete(instance);
    }
  }
}
