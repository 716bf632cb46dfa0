import { nicKey, type NetworkFaults } from '../../cluster/networks.js';
import { nodeOf, type Site } from '../../cluster/model.js';

/** What the steps have broken between nodes, and which hosts are loaded. */
export class MembershipFaults implements NetworkFaults {
  readonly failedNics = new Set<string>();
  readonly cutOff = new Set<string>();
  readonly #lateMs = new Map<string, number>();
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  failNic(owner: string, nic: string): void {
    this.failedNics.add(nicKey(owner, nic));
  }

  /** Timers of the guests of a host run late from now on; 0: they are on time again. */
  load(host: string, lateMs: number): void {
    this.#lateMs.set(host, lateMs);
  }

  /** By how much a node's heartbeats are late. */
  lateMs(node: string): number {
    const { host } = nodeOf(this.#site, node);
    return host === null ? 0 : (this.#lateMs.get(host) ?? 0);
  }
}
