import {
  initializingCommandRequired,
  mediumNotPresent,
  type ItNexusId,
  type Sense,
} from '../../protocol/index.js';
import type { MediumOperations, MediumState } from '../commands/command.js';

/** The medium as a whole: whether it can be used, as START STOP UNIT has left it, and who prevents its removal. */
export class MediumControl implements MediumOperations {
  readonly #preventing = new Set<ItNexusId>();
  #state: MediumState = 'ready';

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  get isEjected(): boolean {
    return this.#state === 'ejected';
  }

  get isRemovalPrevented(): boolean {
    return this.#preventing.size > 0;
  }

  notReady(): Sense | null {
    if (this.#state === 'ready') return null;
    return this.#state === 'ejected' ? mediumNotPresent() : initializingCommandRequired();
  }

  preventRemoval(nexusId: ItNexusId): void {
    this.#preventing.add(nexusId);
  }

  allowRemoval(nexusId: ItNexusId): void {
    this.#preventing.delete(nexusId);
  }

  /** True where a medium was put in: it may be another one. */
  change(to: MediumState): boolean {
    const before = this.#state;
    this.#state = to;
    return before === 'ejected' && to === 'ready';
  }

  /** A reset starts what was stopped; it does not put in what was ejected. */
  reset(): void {
    this.#preventing.clear();
    if (this.#state === 'stopped') this.#state = 'ready';
  }

  powerCycle(): void {
    this.#preventing.clear();
    this.#state = 'ready';
  }
}
