import { REFORMATION_WAIT_MS } from '../clients/serviceguard/sequences.js';
import { clusterOf } from '../cluster/model.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Ledger } from './ledger.js';
import { sequencesFor } from './own-sequences.js';
import type { Releases } from './releases.js';
import type { Scenario } from './scenario.js';

/** The waits of clusters that form again, in which the I/O of a dead node drains. */
export class Reformations {
  readonly #scenario: Scenario;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #releases: Releases;

  constructor(scenario: Scenario, runtime: Runtime, ledger: Ledger, releases: Releases) {
    this.#scenario = scenario;
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#releases = releases;
  }

  /** Every wait of the product's procedure, or of the user's own. */
  async wait(cluster: string): Promise<void> {
    for (let waits = this.#waits(cluster); waits > 0; waits--) await this.waitOnce(cluster);
  }

  /** How long all of them take. */
  lengthMs(cluster: string): number {
    return this.#waits(cluster) * this.#waitMs(cluster);
  }

  async waitOnce(cluster: string): Promise<void> {
    const waitMs = this.#waitMs(cluster);
    if (waitMs === 0) return;
    const realMs = await this.#runtime.clock.wait(waitMs);
    this.#ledger.show({ type: 'wait', waitMs, realMs, why: `re-formation of ${cluster}` });
  }

  #waits(cluster: string): number {
    const { site, sequences } = this.#scenario;
    return sequencesFor(clusterOf(site, cluster), 'failover', sequences).reform.length;
  }

  /** What the file says, else what the release whose rules the cluster follows has. */
  #waitMs(cluster: string): number {
    const { reformationWaitMs } = clusterOf(this.#scenario.site, cluster);
    return reformationWaitMs ?? REFORMATION_WAIT_MS[this.#releases.ofCluster(cluster)];
  }
}
