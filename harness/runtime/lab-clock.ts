/** How fast waits pass: all at once in memory, at a scale that is printed over sockets. */
export interface Pace {
  /** Milliseconds that have really gone by; a runtime on virtual time counts commands instead. */
  elapsedMs(): number;
  /** Lets a wait of this many scenario milliseconds pass; yields how many real ones it took. */
  pass(waitMs: number): Promise<number>;
}

/**
 * Scenario time: what commands really took, and each wait at its full length, however fast it passed. What is due at a
 * time happens only within waits, in order, and only waits bring it nearer: so a write that the array delays for 50 s
 * lands after a wait of 30 s and before the end of one of 70 s, and a heartbeat is missed or not, on every machine,
 * however slow its commands are.
 */
export class LabClock {
  readonly #pace: Pace;
  #skippedMs = 0;
  #waitedMs = 0;
  #due: { readonly atMs: number; readonly happen: () => Promise<void> }[] = [];

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  now(): number {
    return Math.round(this.#pace.elapsedMs() + this.#skippedMs);
  }

  /** Makes something happen when `delayMs` have been waited from now, in whatever wait that is. */
  after(delayMs: number, happen: () => Promise<void>): void {
    this.#due.push({ atMs: this.#waitedMs + delayMs, happen });
    this.#due.sort((one, other) => one.atMs - other.atMs);
  }

  /** Waits; yields the real milliseconds that it took. */
  async wait(waitMs: number): Promise<number> {
    const endMs = this.#waitedMs + waitMs;
    let realMs = 0;
    for (let next = this.#due[0]; next !== undefined && next.atMs <= endMs; next = this.#due[0]) {
      this.#due.shift();
      realMs += await this.#pass(next.atMs - this.#waitedMs);
      await next.happen();
    }
    return realMs + (await this.#pass(endMs - this.#waitedMs));
  }

  async #pass(waitMs: number): Promise<number> {
    if (waitMs <= 0) return 0;
    const beforeMs = this.#pace.elapsedMs();
    const realMs = await this.#pace.pass(waitMs);
    this.#skippedMs += waitMs - (this.#pace.elapsedMs() - beforeMs);
    this.#waitedMs += waitMs;
    return realMs;
  }
}
