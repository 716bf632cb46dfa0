import { Random } from '../../random.js';

/**
 * Lets those who wait for a turn go on one at a time, in an order that a seed decides: so the same seed is the same
 * interleaving. A turn is given when everything that the one before could do without a turn has been done: in memory
 * that is all promises, and setImmediate comes after them.
 */
export class Scheduler {
  readonly #waiting: (() => void)[] = [];
  readonly #random: Random;
  readonly #onIdle: () => boolean;
  #pumping = false;

  /** `onIdle`: called when nobody waits for a turn and nothing is left to do without one; true if that has changed. */
  constructor(seed: number, onIdle: () => boolean) {
    this.#random = new Random(seed, 'order of commands');
    this.#onIdle = onIdle;
    this.#start();
  }

  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#start();
    });
  }

  #start(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#soon();
  }

  #soon(): void {
    setImmediate(() => {
      this.#pump();
    });
  }

  #pump(): void {
    const [next] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
    next?.();
    if (next !== undefined || this.#onIdle()) this.#soon();
    else this.#pumping = false;
  }
}
