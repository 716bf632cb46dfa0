import type { Site } from '../../cluster/model.js';
import { networksOwnerAt, nicKey, type NetworkFaults } from '../../cluster/networks.js';
import type { Runtime } from '../../runtime/runtime.js';

/** What the steps have broken between nodes, and which hosts are loaded. */
export class MembershipFaults implements NetworkFaults {
  readonly failedNics = new Set<string>();
  readonly cutOff = new Set<string>();
  readonly #lateMs = new Map<string, number>();
  readonly #site: Site;
  readonly #runtime: Runtime;

  constructor(site: Site, runtime: Runtime) {
    this.#site = site;
    this.#runtime = runtime;
  }

  networksOwnerOf(node: string): string {
    return networksOwnerAt(this.#site, node, this.#runtime.placeOf(node));
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
    const { host } = this.#runtime.placeOf(node);
    return host === null ? 0 : (this.#lateMs.get(host) ?? 0);
  }
}
