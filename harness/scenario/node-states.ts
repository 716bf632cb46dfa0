import { sourceOf, type Place } from '../cluster/placement.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Ledger } from './ledger.js';
import type { Standstills } from './standstills.js';

export type NodeState = 'up' | 'hung' | 'crashed';

/** Which nodes are up, as the steps have left them. */
export class NodeStates {
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #standstills: Standstills;
  readonly #states = new Map<string, NodeState>();
  readonly #deadHosts = new Set<string>();
  readonly #boots = new Map<string, number>();
  /** The boots of a node whose machines its image has left, in order. */
  readonly #left = new Map<string, readonly number[]>();

  constructor(runtime: Runtime, ledger: Ledger, standstills: Standstills) {
    this.#runtime = runtime;
    this.#ledger = ledger;
    this.#standstills = standstills;
  }

  state(node: string): NodeState {
    return this.#states.get(node) ?? 'up';
  }

  /** Why nothing can be done on a node now; undefined where it is up. */
  whyNotUp(node: string): string | undefined {
    switch (this.state(node)) {
      case 'up':
        return undefined;
      case 'hung':
        return `${node} hangs`;
      case 'crashed':
        return `${node} is dead`;
    }
  }

  isDeadHost(host: string | null): boolean {
    return host !== null && this.#deadHosts.has(host);
  }

  /** Whether a node can run on a host, or on none; on one that is dead it cannot, and that check fails. */
  canRunOn(host: string | null, node: string): boolean {
    if (!this.isDeadHost(host)) return true;
    this.#ledger.check(`${host ?? ''} is not dead and can run ${node}`, false);
    return false;
  }

  /** How often it has booted since the scenario began, here or elsewhere: what ran before the last time is not there. */
  bootsOf(node: string): number {
    return this.#boots.get(node) ?? 0;
  }

  /** The machine that a node was after so many boots: the node still, or what it has left; undefined where it is off. */
  machineAt(node: string, boots: number): string | undefined {
    if (boots === this.bootsOf(node)) return node;
    const move = this.#leftBoots(node).indexOf(boots);
    return move < 0 ? undefined : sourceOf(node, move + 1);
  }

  /** Nothing becomes of a dead one. */
  async hang(node: string): Promise<void> {
    if (this.state(node) === 'crashed') return;
    this.#standstills.begin(node, 'hang', `${node} hung`);
    await this.#runtime.hang(node);
    this.#set(node, 'hung');
  }

  /** Nothing becomes of a dead one. */
  async wake(node: string): Promise<void> {
    if (this.state(node) === 'crashed') return;
    this.#set(node, 'up');
    this.#standstills.end(node, 'hang');
    await this.#runtime.wake(node);
  }

  /** The I/O of a node comes to rest, for a move; what it would write waits until it goes on. `why`: a sentence. */
  async rest(node: string, why: string): Promise<void> {
    this.#standstills.begin(node, 'move', why);
    await this.#runtime.quiesce(node);
  }

  async goOn(node: string): Promise<void> {
    this.#standstills.end(node, 'move');
    await this.#runtime.resume(node);
  }

  /** A host dies, and takes its guests with it. */
  async crashHost(host: string): Promise<void> {
    this.#deadHosts.add(host);
    for (const guest of await this.#runtime.crashHost(host)) {
      this.#standstills.forget(guest);
      this.#set(guest, 'crashed');
    }
  }

  /** A dead node boots at a place. */
  async restart(node: string, place: Place): Promise<void> {
    await this.#runtime.restart(node, place);
    this.#boots.set(node, this.bootsOf(node) + 1);
    this.#set(node, 'up');
  }

  /** What the machine will be called that a node leaves next. */
  nextSourceOf(node: string): string {
    return sourceOf(node, this.#leftBoots(node).length + 1);
  }

  /** The image of a node boots at another place, whatever becomes of the machine that it leaves. */
  async replace(node: string, place: Place): Promise<void> {
    const source = this.nextSourceOf(node);
    this.#left.set(node, [...this.#leftBoots(node), this.bootsOf(node)]);
    this.#set(source, this.state(node));
    await this.#runtime.replace(node, place, source);
    this.#boots.set(node, this.bootsOf(node) + 1);
    this.#set(node, 'up');
  }

  async crash(node: string): Promise<void> {
    await this.#runtime.crash(node);
    this.#standstills.forget(node);
    this.#set(node, 'crashed');
  }

  /** Everyone who hangs wakes. */
  async wakeAll(): Promise<void> {
    for (const [node, state] of this.#states) if (state === 'hung') await this.wake(node);
  }

  #leftBoots(node: string): readonly number[] {
    return this.#left.get(node) ?? [];
  }

  #set(node: string, state: NodeState): void {
    this.#states.set(node, state);
    this.#ledger.show({ type: 'nodeState', node, state });
  }
}
