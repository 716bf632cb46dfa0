/**
 * Commands under way, and a door before them. A live move shuts it, waits until what was under way has its end, and
 * opens it again elsewhere: who came meanwhile has only waited.
 */
export class InFlight {
  #underWay = 0;
  #shut = false;
  readonly #atDoor: (() => void)[] = [];
  readonly #whenAtRest: (() => void)[] = [];

  /** Nothing is under way, and nothing can begin. */
  get atRest(): boolean {
    return this.#shut && this.#underWay === 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#shut) await new Promise<void>((pass) => this.#atDoor.push(pass));
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const tell of this.#whenAtRest.splice(0)) tell();
    }
  }

  /** Settles when nothing is under way any more; what comes from now on waits. */
  async quiesce(): Promise<void> {
    this.#shut = true;
    while (this.#underWay > 0) await new Promise<void>((tell) => this.#whenAtRest.push(tell));
  }

  resume(): void {
    this.#shut = false;
    for (const pass of this.#atDoor.splice(0)) pass();
  }
}
