import { initializingCommandRequired, SENSE_KEY, type Sense } from '../../protocol/index.js';
import type { MediumState } from '../commands/command.js';

/** Whether the medium can be used, as START STOP UNIT has left it. */
export class MediumReadiness {
  #state: MediumState = 'ready';

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** True where a medium was put in: it may be another one. */
  change(to: MediumState): boolean {
    const before = this.#state;
    this.#state = to;
    return before === 'ejected' && to === 'ready';
  }

  /** A reset starts what was stopped; it does not put in what was ejected. */
  reset(): void {
    if (this.#state === 'stopped') this.#state = 'ready';
  }

  powerCycle(): void {
    this.#state = 'ready';
  }

  /** What a command that needs the medium is answered; null: go on. 02/3A/00: the medium was ejected. */
  notReady(): Sense | null {
    if (this.#state === 'ready') return null;
    return this.#state === 'ejected'
      ? { key: SENSE_KEY.notReady, asc: 0x3a, ascq: 0x00 }
      : initializingCommandRequired();
  }
}
