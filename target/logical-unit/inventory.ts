import type { ItNexusId } from '../../protocol/index.js';
import type { LunMap } from '../options.js';
import type { LogicalUnit } from './logical-unit.js';
import type { UnitView } from './nexus-registry.js';

/** The logical units of a target, and what each nexus sees of them; both may change while sessions last. */
export class Inventory {
  readonly #units = new Map<number, LogicalUnit>();
  /** Every logical unit by its own number. */
  readonly #whole = new View(undefined);
  /** Of nexuses with a LUN map, with the nexus of each. */
  readonly #mapped = new Map<View, ItNexusId>();

  constructor(units: readonly LogicalUnit[]) {
    for (const unit of units) this.#units.set(unit.description.lun, unit);
    this.#whole.update(this.#units);
  }

  get units(): ReadonlyMap<number, LogicalUnit> {
    return this.#units;
  }

  /** Ascending. */
  get luns(): readonly number[] {
    return this.#whole.luns;
  }

  /** What a nexus sees until `forget`; settled here, so that no command pays for it. */
  viewOf(nexusId: ItNexusId, map: LunMap | undefined): UnitView {
    if (map === undefined) return this.#whole;
    const view = new View(map);
    view.update(this.#units);
    this.#mapped.set(view, nexusId);
    return view;
  }

  forget(view: UnitView): void {
    if (view instanceof View) this.#mapped.delete(view);
  }

  /** Returns nexuses whose view is as it was. */
  add(unit: LogicalUnit): ReadonlySet<ItNexusId> {
    this.#units.set(unit.description.lun, unit);
    return this.#update();
  }

  /** Returns nexuses whose view is as it was. */
  remove(lun: number): ReadonlySet<ItNexusId> {
    this.#units.delete(lun);
    return this.#update();
  }

  #update(): ReadonlySet<ItNexusId> {
    this.#whole.update(this.#units);
    const unchanged = new Set<ItNexusId>();
    for (const [view, nexusId] of this.#mapped) {
      if (!view.update(this.#units)) unchanged.add(nexusId);
    }
    return unchanged;
  }
}

class View implements UnitView {
  readonly units = new Map<number, LogicalUnit>();
  luns: readonly number[] = [];
  readonly #map: LunMap | undefined;

  constructor(map: LunMap | undefined) {
    this.#map = map;
  }

  /** True where something else is seen now. */
  update(all: ReadonlyMap<number, LogicalUnit>): boolean {
    const before = new Map(this.units);
    this.units.clear();
    for (const [seenAs, lun] of this.#map ?? [...all.keys()].map((lun) => [lun, lun] as const)) {
      const unit = all.get(lun);
      if (unit !== undefined) this.units.set(seenAs, unit);
    }
    this.luns = [...this.units.keys()].sort((a, b) => a - b);
    return (
      before.size !== this.units.size || this.luns.some((lun) => before.get(lun) !== this.units.get(lun))
    );
  }
}
