import type { ItNexusId } from '../../../protocol/index.js';

/** The path of an initiator port through a portal, which can be lost and come back. */
export class MemoryCable {
  /** Who was logged in through it. */
  readonly nexuses = new Set<ItNexusId>();
  #isCut = false;
  #tellLost = (): void => undefined;
  #lost = this.#newLost();

  isCut(): boolean {
    return this.#isCut;
  }

  /** Settles when it is lost the next time. */
  get lost(): Promise<void> {
    return this.#lost;
  }

  cut(): void {
    this.#isCut = true;
    this.#tellLost();
  }

  mend(): void {
    this.#isCut = false;
    this.#lost = this.#newLost();
  }

  #newLost(): Promise<void> {
    return new Promise((resolve) => (this.#tellLost = resolve));
  }
}
