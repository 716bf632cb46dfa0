import { givesUp, keyIfHolder, registers } from './meaning.js';
import type { Occupants } from './occupants.js';
import type { ReplayCommand } from './plan.js';

/** What a command that ended well means for the applications on its LUN. */
export interface Rules {
  /**
   * `holderKey` reads the key of the reservation, undefined where there is none. `takesAgain` tells whether the node takes
   * the LUN again by a later line.
   */
  obey(
    command: ReplayCommand,
    holderKey: () => Promise<bigint | undefined>,
    takesAgain: () => boolean,
  ): Promise<void>;
}

/** A failover package: the node that becomes the holder writes, and whoever wrote before is fenced by that. */
export class OneWriter implements Rules {
  readonly #occupants: Occupants;

  constructor(occupants: Occupants) {
    this.#occupants = occupants;
  }

  async obey(
    command: ReplayCommand,
    holderKey: () => Promise<bigint | undefined>,
    takesAgain: () => boolean,
  ): Promise<void> {
    await this.#leave(command, takesAgain);
    await this.#startAnew(command);
    await this.#take(command, holderKey);
  }

  /** Whoever releases or unregisters has stopped its application before, as every package does that is halted. */
  async #leave(command: ReplayCommand, takesAgain: () => boolean): Promise<void> {
    const { node, options } = command;
    if (givesUp(command)) {
      for (const occupant of this.#occupants.of(node)) await this.#occupants.end(occupant, 'halted');
    }
    if (options?.action.serviceAction !== 'clear' || takesAgain()) return;
    // Who does not run there clears what is somebody else's.
    const running = this.#occupants.runningOf(node);
    if (running !== undefined) await this.#occupants.end(running, 'halted');
  }

  /** A node that was fenced and registers again has booted, or started its package: what ran before is gone. */
  async #startAnew(command: ReplayCommand): Promise<void> {
    if (!registers(command) || this.#occupants.runningOf(command.node) !== undefined) return;
    for (const zombie of this.#occupants.of(command.node)) await this.#occupants.end(zombie, 'killed');
  }

  async #take(command: ReplayCommand, holderKey: () => Promise<bigint | undefined>): Promise<void> {
    const { node } = command;
    const key = keyIfHolder(command);
    if (key === undefined || this.#occupants.runningOf(node) !== undefined) return;
    if ((await holderKey()) !== key) return;
    for (const zombie of this.#occupants.of(node)) await this.#occupants.end(zombie, 'killed');
    await this.#occupants.start(command, this.#occupants.running);
  }
}
