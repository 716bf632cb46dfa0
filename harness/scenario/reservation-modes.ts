import { clusterOf, runsVirtually, type PackageModel, type Site } from '../cluster/model.js';
import type { CommandRunner } from './commands.js';
import type { Releases } from './releases.js';

/** Whether each package reserves its LUNs, as the product decided when the package was started. */
export class ReservationModes {
  readonly #site: Site;
  readonly #commands: CommandRunner;
  readonly #releases: Releases;
  readonly #decided = new Map<string, { readonly release: string; readonly reserves: boolean }>();

  constructor(site: Site, commands: CommandRunner, releases: Releases) {
    this.#site = site;
    this.#commands = commands;
    this.#releases = releases;
  }

  /** What is shown as PKG_PR_MODE; undefined until the package was started once. */
  known(packageName: string): boolean | undefined {
    return this.#decided.get(packageName)?.reserves;
  }

  /**
   * `sglx_vm` or PKG_PR_MODE. A.11.18.02 does as it was told, and only where a node is a virtual machine; from A.11.19
   * on reservations are used wherever every node of the package can make them, physical nodes among themselves too, and
   * `sglx_vm` means nothing any more (docs/decisions.md).
   * While an instance runs, what was decided stays.
   */
  async decide(item: PackageModel, runs: boolean): Promise<void> {
    const release = this.#releases.ofCluster(item.cluster);
    const decided = this.#decided.get(item.name);
    if (decided !== undefined && (runs || decided.release === release)) return;
    const wanted =
      release === clusterOf(this.#site, item.cluster).release ? item.persistentReservation : true;
    let reserves = wanted && (release !== 'A.11.18.02' || runsVirtually(this.#site, item));
    if (release !== 'A.11.18.02' && item.controlScript === null) {
      for (const node of item.nodes) reserves &&= await this.#commands.canReserve(item, node);
    }
    this.#decided.set(item.name, { release, reserves });
  }
}
