import { keyToPreempt, registers, unregisters } from './meaning.js';
import type { Occupant, Occupants } from './occupants.js';
import type { Rules } from './one-writer.js';
import type { ReplayCommand } from './plan.js';

/**
 * A cluster file system or a multi-node package: every registered node writes while the LUN is reserved, and PREEMPT, with
 * or without ABORT, of its key fences it.
 */
export class SideBySide implements Rules {
  readonly #occupants: Occupants;
  /** As the nodes registered them. */
  readonly #keys = new Map<string, bigint>();

  constructor(occupants: Occupants) {
    this.#occupants = occupants;
  }

  async obey(command: ReplayCommand, holderKey: () => Promise<bigint | undefined>): Promise<void> {
    const { node, options } = command;
    if (registers(command)) await this.#register(node, options?.serviceActionReservationKey ?? 0n);
    if (unregisters(command)) await this.#unregister(node);
    if (options?.action.serviceAction === 'clear') this.#keys.clear();
    const preempted = keyToPreempt(command);
    const fenced = preempted === undefined ? [] : this.#takeKeyAway(preempted, node);
    const by = this.#occupants.runningOf(node);
    if (by !== undefined && fenced.length > 0) await this.#occupants.fence(by, fenced, command);
    if ((await holderKey()) === undefined) return;
    for (const registered of this.#keys.keys()) {
      if (this.#occupants.runningOf(registered) !== undefined) continue;
      // A node that did not run before fences by its first command.
      const fencedFirst = registered === node && by === undefined ? fenced : [];
      await this.#occupants.start({ ...command, node: registered }, fencedFirst);
    }
  }

  /** A node that was fenced and registers again has booted: what ran before is gone. */
  async #register(node: string, key: bigint): Promise<void> {
    this.#keys.set(node, key);
    for (const occupant of this.#occupants.of(node)) {
      if (occupant.state === 'zombie') await this.#occupants.end(occupant, 'killed');
    }
  }

  async #unregister(node: string): Promise<void> {
    this.#keys.delete(node);
    for (const occupant of this.#occupants.of(node)) await this.#occupants.end(occupant, 'halted');
  }

  /** Those who ran under the key on other nodes: PREEMPT of the own key spares its sender. */
  #takeKeyAway(key: bigint, sender: string): readonly Occupant[] {
    const victims = [...this.#keys].filter(([node, own]) => own === key && node !== sender);
    return victims.flatMap(([node]) => {
      this.#keys.delete(node);
      return this.#occupants.runningOf(node) ?? [];
    });
  }
}
