/**
 * Lets those who wait for a turn go on one at a time, in an order that a seed decides: so the same seed is the same
 * interleaving. A turn is given when everything that the one before could do without a turn has been done.
 */
export class Scheduler {
  readonly #waiting: (() => void)[] = [];
  #state: number;
  #pumping = false;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#pumping) return;
      this.#pumping = true;
      setImmediate(() => {
        this.#pump();
      });
    });
  }

  #pump(): void {
    const [next] = this.#waiting.splice(this.#random(this.#waiting.length), 1);
    next?.();
    if (this.#waiting.length === 0) {
      this.#pumping = false;
      return;
    }
    setImmediate(() => {
      this.#pump();
    });
  }

  /** xorshift32 (Marsaglia 2003): a whole number from 0, less than `limit`. */
  #random(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}
