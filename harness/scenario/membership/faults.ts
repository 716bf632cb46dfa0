import type { Site } from '../../cluster/model.js';
import { networksOwnerAt, nicKey, type NetworkFaults } from '../../cluster/networks.js';
import type { Runtime } from '../../runtime/runtime.js';

/** What the steps have broken between nodes, and which hosts are loaded. */
export class MembershipFaults implements NetworkFaults {
  readonly failedNics = new Set<string>();
  readonly #splits: Set<string>[] = [];
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

  get splits(): readonly ReadonlySet<string>[] {
    return this.#splits;
  }

  /** Every network between these nodes and all others is cut, beside what was cut before. */
  split(nodes: readonly string[]): void {
    this.#splits.push(new Set(nodes));
  }

  /** No split cuts a node off any more. Yields false where none did. */
  mend(node: string): boolean {
    // Every split is asked: `some` would stop at the first.
    return this.#splits.filter((cutOff) => cutOff.delete(node)).length > 0;
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
