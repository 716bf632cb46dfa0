import { lunOf, type Site } from '../cluster/model.js';
import type { Hold, Runtime } from '../runtime/runtime.js';
import type { Ledger } from './ledger.js';

/** Where a node's writes are held: in its hypervisor, or in the array behind the reservation check. */
export interface HoldPlace {
  readonly where: 'host' | 'array';
  readonly node: string;
}

interface ArmedHold {
  readonly place: HoldPlace;
  readonly hold: Hold;
  readonly count: number;
}

/** The holds of a play. A place may have several, of one LUN or of more: they are awaited and released together. */
export class Holds {
  readonly #site: Site;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #armed = new Set<ArmedHold>();

  constructor(site: Site, runtime: Runtime, ledger: Ledger) {
    this.#site = site;
    this.#runtime = runtime;
    this.#ledger = ledger;
  }

  /** Holds the next `count` writes to a LUN; with `forMs` they go on by themselves in the wait in which that is due. */
  async arm(place: HoldPlace, lunName: string, count: number, forMs: number | undefined): Promise<void> {
    const { lun } = lunOf(this.#site, lunName);
    const hold =
      place.where === 'host'
        ? await this.#runtime.holdInHost(place.node, lun, count)
        : await this.#runtime.holdInArray(place.node, lun, count);
    const armed: ArmedHold = { place, hold, count };
    this.#armed.add(armed);
    this.#show('armed', armed);
    if (forMs !== undefined) this.#runtime.clock.after(forMs, () => this.#letGo(armed));
  }

  /** Settles when what was to be held is held. */
  async awaitHeld(place: HoldPlace): Promise<void> {
    const there = this.#at(place);
    this.#ledger.check(`a hold in the ${place.where} waits for writes of ${place.node}`, there.length > 0);
    for (const armed of there) {
      await armed.hold.held;
      this.#show('held', armed);
    }
  }

  /** Lets go on what is held at a place, if anything is. */
  async release(place: HoldPlace): Promise<void> {
    await Promise.all(this.#at(place).map((armed) => this.#letGo(armed)));
  }

  async releaseAll(): Promise<void> {
    for (const armed of this.#armed) await this.#letGo(armed);
  }

  /** Ends a hold. One that has a time may have been released before that is due. */
  async #letGo(armed: ArmedHold): Promise<void> {
    if (!this.#armed.delete(armed)) return;
    const { where, node } = armed.place;
    if (!(await armed.hold.heldAny())) {
      this.#ledger.check(`the hold in the ${where} has held a write of ${node}`, false);
    }
    await armed.hold.release();
    this.#show('released', armed);
  }

  #at({ where, node }: HoldPlace): readonly ArmedHold[] {
    return [...this.#armed].filter(({ place }) => place.where === where && place.node === node);
  }

  #show(state: 'armed' | 'held' | 'released', { place: { where, node }, count }: ArmedHold): void {
    this.#ledger.show({ type: 'hold', where, node, state, count });
  }
}
