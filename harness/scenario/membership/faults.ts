import { nicKey, type NetworkFaults } from '../../cluster/networks.js';
import type { Runtime } from '../../runtime/runtime.js';

/** What the steps have broken between nodes, and which hosts are loaded. */
export class MembershipFaults implements NetworkFaults {
  readonly failedNics = new Set<string>();
  readonly cutOff = new Set<string>();
  readonly #lateMs = new Map<string, number>();
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  hostOf(node: string): string | null {
    return this.#runtime.placeOf(node).host;
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
    const host = this.hostOf(node);
    return host === null ? 0 : (this.#lateMs.get(host) ?? 0);
  }
}
