/** What a process is stopped by: nobody passes while it is shut, and never again once it is dead. */
export class Gate {
  #state: 'open' | 'shut' | 'dead' = 'open';
  #waiting: (() => void)[] = [];
  #died = (): void => undefined;
  /** Settles when it is dead. */
  readonly dead = new Promise<void>((resolve) => (this.#died = resolve));

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  pass(): Promise<void> {
    if (this.#state === 'open') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  shut(): void {
    if (this.#state === 'open') this.#state = 'shut';
  }

  open(): void {
    if (this.#state !== 'shut') return;
    this.#state = 'open';
    for (const go of this.#waiting.splice(0)) go();
  }

  kill(): void {
    this.#state = 'dead';
    this.#waiting = [];
    this.#died();
  }
}
