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

/** The holds of a play, at most one for each place. */
export class Holds {
  readonly #site: Site;
  readonly #runtime: Runtime;
  readonly #ledger: Ledger;
  readonly #armed = new Map<string, ArmedHold>();

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
    this.#armed.set(keyOf(place), { place, hold, count });
    this.#show('armed', place, count);
    if (forMs !== undefined) this.#runtime.clock.after(forMs, () => this.release(place));
  }

  /** Settles when what was to be held is held. */
  async awaitHeld(place: HoldPlace): Promise<void> {
    const armed = this.#armed.get(keyOf(place));
    this.#ledger.check(`a hold in the ${place.where} waits for writes of ${place.node}`, armed !== undefined);
    if (armed === undefined) return;
    await armed.hold.held;
    this.#show('held', place, armed.count);
  }

  /** Lets go on what is held at a place, if anything is. */
  async release(place: HoldPlace): Promise<void> {
    const armed = this.#armed.get(keyOf(place));
    if (armed === undefined) return;
    this.#armed.delete(keyOf(place));
    await armed.hold.release();
    this.#show('released', place, armed.count);
  }

  async releaseAll(): Promise<void> {
    for (const { place } of [...this.#armed.values()]) await this.release(place);
  }

  #show(state: 'armed' | 'held' | 'released', { where, node }: HoldPlace, count: number): void {
    this.#ledger.show({ type: 'hold', where, node, state, count });
  }
}

const keyOf = ({ where, node }: HoldPlace): string => `${where} ${node}`;
