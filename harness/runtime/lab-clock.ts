/** How fast waits pass: all at once in memory, at a scale that is printed over sockets. */
export interface Pace {
  /** Milliseconds that have really gone by; a runtime on virtual time counts commands instead. */
  elapsedMs(): number;
  /** Lets a wait of this many scenario milliseconds pass; yields how many real ones it took. */
  pass(waitMs: number): Promise<number>;
}

/** A wait that has not ended. */
interface Wait {
  readonly endMs: number;
  /** What was happening when it began: it may be part of that, and does not wait for it. */
  readonly within: readonly Promise<void>[];
  realMs: number;
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
  readonly #waits = new Set<Wait>();
  /** The span that passes now. */
  #passing: Promise<number> | undefined;
  /** What is due and has begun. */
  #happening: readonly Promise<void>[] = [];
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

  /** Waits; yields the real milliseconds that it took. Waits side by side are the same time for all of them. */
  async wait(waitMs: number): Promise<number> {
    const wait: Wait = { endMs: this.#waitedMs + waitMs, within: this.#happening, realMs: 0 };
    this.#waits.add(wait);
    try {
      while (!this.#isOver(wait)) await this.#bringNearer(wait);
    } finally {
      this.#waits.delete(wait);
    }
    return wait.realMs;
  }

  #isOver(wait: Wait): boolean {
    return this.#waitedMs >= wait.endMs && !this.#isDue() && this.#underWayBeside(wait) === undefined;
  }

  async #bringNearer(wait: Wait): Promise<void> {
    const before = this.#underWayBeside(wait);
    if (before !== undefined) {
      await before;
      return;
    }
    // Others begin to wait before time passes, and who has waited long enough goes on before the rest of it does.
    await everythingElse();
    if (this.#isOver(wait) || this.#underWayBeside(wait) !== undefined) return;
    if (this.#isDue()) await this.#happen();
    else await this.#pass();
  }

  #isDue(): boolean {
    return (this.#due[0]?.atMs ?? Infinity) <= this.#waitedMs;
  }

  /** What must end before a wait can go on, whoever has begun it. */
  #underWayBeside({ within }: Wait): Promise<unknown> | undefined {
    return this.#passing ?? this.#happening.find((one) => !within.includes(one));
  }

  async #happen(): Promise<void> {
    const due = this.#due.shift();
    let end = (): void => undefined;
    const happening = new Promise<void>((resolve) => (end = resolve));
    this.#happening = [...this.#happening, happening];
    try {
      await due?.happen();
    } finally {
      this.#happening = this.#happening.filter((one) => one !== happening);
      end();
    }
  }

  /** Lets time pass until something is due, or a wait ends. */
  async #pass(): Promise<void> {
    const waits = [...this.#waits];
    const ends = waits.map(({ endMs }) => endMs).filter((endMs) => endMs > this.#waitedMs);
    const untilMs = Math.min(this.#due[0]?.atMs ?? Infinity, ...ends);
    const waitMs = untilMs - this.#waitedMs;
    const beforeMs = this.#pace.elapsedMs();
    this.#passing = this.#pace.pass(waitMs);
    const realMs = await this.#passing;
    this.#passing = undefined;
    this.#skippedMs += waitMs - (this.#pace.elapsedMs() - beforeMs);
    this.#waitedMs = untilMs;
    for (const wait of waits) wait.realMs += realMs;
  }
}

/** Settles when nothing is left that could be done at once. */
const everythingElse = (): Promise<void> =>
  new Promise((resolve) => {
    process.nextTick(resolve);
  });
