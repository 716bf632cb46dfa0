import type { ItNexusId } from '../../protocol/index.js';
import type { LogicalUnitFaults, WriteHold } from '../options.js';

/** A write that stands between admission and medium. */
export interface HeldWrite {
  readonly nexusId: ItNexusId;
  /** Hands it to the medium; settles when it is there. */
  readonly proceed: () => Promise<void>;
}

/** Writes that are held on purpose (`LogicalUnitFaults.holdWrites`): a barrier, never a sleep. */
export class HeldWrites implements LogicalUnitFaults {
  readonly #holds = new Set<Hold>();

  /** Nothing is to be held: the usual case, asked by every write. */
  get idle(): boolean {
    return this.#holds.size === 0;
  }

  holdWrites(options: { readonly nexusIds?: readonly ItNexusId[]; readonly count?: number } = {}): WriteHold {
    const hold = new Hold(options.nexusIds, options.count ?? 1, () => this.#holds.delete(hold));
    this.#holds.add(hold);
    return hold;
  }

  /** True if a hold takes the write. */
  take(write: HeldWrite): boolean {
    for (const hold of this.#holds) {
      if (hold.take(write)) return true;
    }
    return false;
  }

  /** An aborted write never reaches the medium. */
  remove(write: HeldWrite): void {
    for (const hold of this.#holds) hold.remove(write);
  }
}

class Hold implements WriteHold {
  readonly held: Promise<void>;
  readonly #nexusIds: readonly ItNexusId[] | undefined;
  readonly #writes = new Set<HeldWrite>();
  readonly #over: () => void;
  /** How many writes are still to be taken. */
  #wanted: number;
  #taken = 0;
  #allHeld: () => void = () => undefined;

  constructor(nexusIds: readonly ItNexusId[] | undefined, count: number, over: () => void) {
    this.#nexusIds = nexusIds;
    this.#wanted = count;
    this.#over = over;
    this.held = new Promise((resolve) => {
      this.#allHeld = resolve;
    });
  }

  readonly heldCount = (): number => this.#writes.size;
  readonly takenCount = (): number => this.#taken;

  take(write: HeldWrite): boolean {
    if (this.#wanted === 0 || this.#nexusIds?.includes(write.nexusId) === false) return false;
    this.#writes.add(write);
    this.#taken += 1;
    if (--this.#wanted === 0) this.#allHeld();
    return true;
  }

  remove(write: HeldWrite): void {
    this.#writes.delete(write);
  }

  async release(): Promise<void> {
    this.#wanted = 0;
    this.#over();
    const writes = [...this.#writes];
    this.#writes.clear();
    await Promise.all(writes.map((write) => write.proceed()));
  }
}
