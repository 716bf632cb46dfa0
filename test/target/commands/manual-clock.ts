import type { OperationClock } from '../../../target/logical-unit/sanitization.js';

interface Waiting {
  readonly atMs: number;
  readonly callback: () => void;
}

/** A clock that stands until it is moved. */
export class ManualClock implements OperationClock {
  #nowMs = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const waiting = { atMs: this.#nowMs + delayMs, callback };
    this.#waiting.add(waiting);
    return () => {
      this.#waiting.delete(waiting);
    };
  }

  /** Calls what is due on the way, in order, and lets each have its turn. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#waiting].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#waiting.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}

/** Everything that was promised and is there has its turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
