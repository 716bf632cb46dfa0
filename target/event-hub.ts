import type { EventSink, TargetEvent, TargetHappening } from './events.js';

/** Tells every listener what happens in a target, in the order in which it happens. */
export class EventHub implements EventSink {
  readonly #listeners = new Set<(event: TargetEvent) => void>();
  readonly #now: () => number;
  readonly #startedAt: number;

  /** `now`: milliseconds on a clock that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  get active(): boolean {
    return this.#listeners.size > 0;
  }

  emit(happening: TargetHappening): void {
    if (!this.active) return;
    const event: TargetEvent = { at: this.#now() - this.#startedAt, ...happening };
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Calls `listener` for every event until the returned function is called. */
  subscribe(listener: (event: TargetEvent) => void): () => void {
    // Each subscription is its own, even of the same function.
    const own = (event: TargetEvent): void => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }
}
