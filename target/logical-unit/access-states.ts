import { SENSE_KEY, type AccessStateChangedBy, type AsymmetricAccessState } from '../../protocol/index.js';
import type { ItNexusId, Sense, TargetPortGroupState } from '../../protocol/index.js';
import type { AccessibleIn } from '../commands/command.js';
import type { TargetPortGroup } from '../commands/unit-description.js';
import type { AttentionsOfUnit } from './attentions-of-unit.js';
import { ATTENTION } from './unit-attentions.js';
import type { UnitEvents } from './unit-events.js';

/** ASCQ of 02/04/xx in each state in which commands are refused. */
const NOT_ACCESSIBLE_ASCQ: Partial<Record<AsymmetricAccessState, number>> = {
  transitioning: 0x0a,
  standby: 0x0b,
  unavailable: 0x0c,
  offline: 0x12,
};

const SERVED: Readonly<Record<AccessibleIn, ReadonlySet<AsymmetricAccessState>>> = {
  every: new Set(['standby', 'unavailable', 'offline', 'transitioning']),
  settled: new Set(['standby', 'unavailable', 'offline']),
  standby: new Set(['standby']),
};

export interface AccessStatesParts {
  /** At first they are all active/optimized. */
  readonly groups: readonly TargetPortGroup[];
  readonly attentions: AttentionsOfUnit;
  readonly events: UnitEvents;
}

/** How well one logical unit is reached through each target port group (SPC-4 5.15). */
export class AccessStates {
  readonly #parts: AccessStatesParts;
  readonly #groups: TargetPortGroupState[];
  readonly #stateOfPort = new Map<number, AsymmetricAccessState>();
  /** No command is refused through any port. */
  allActive = true;

  constructor(parts: AccessStatesParts) {
    this.#parts = parts;
    this.#groups = parts.groups.map((group) => ({
      ...group,
      state: 'activeOptimized',
      changedBy: 'nothing',
    }));
  }

  get groups(): readonly TargetPortGroupState[] {
    return this.#groups;
  }

  has(targetPortGroup: number): boolean {
    return this.#groups.some((group) => group.targetPortGroup === targetPortGroup);
  }

  /** SET TARGET PORT GROUPS: every nexus but the one that sent it is told (SPC-4 6.45). */
  setByCommand(sender: ItNexusId, states: ReadonlyMap<number, AsymmetricAccessState>): void {
    let changed = false;
    for (const [group, state] of states)
      changed = this.#change(group, state, 'setTargetPortGroups') || changed;
    if (changed) this.#parts.attentions.establishForOthers(ATTENTION.asymmetricAccessStateChanged, sender);
  }

  /** An implicit change, which every nexus is told of. Throws RangeError for a group that is not there. */
  set(targetPortGroup: number, state: AsymmetricAccessState): void {
    if (!this.has(targetPortGroup)) {
      const groups = this.#groups.map((group) => group.targetPortGroup).join(', ');
      throw new RangeError(`target port group ${targetPortGroup} is not there; there are ${groups}`);
    }
    if (!this.#change(targetPortGroup, state, 'implicitly')) return;
    this.#parts.attentions.establishForAll(ATTENTION.asymmetricAccessStateChanged);
  }

  /** True where the group was in another state. */
  #change(
    targetPortGroup: number,
    state: AsymmetricAccessState,
    changedBy: Exclude<AccessStateChangedBy, 'nothing'>,
  ): boolean {
    const index = this.#groups.findIndex((group) => group.targetPortGroup === targetPortGroup);
    const group = this.#groups[index];
    if (group === undefined || group.state === state) return false;
    this.#groups[index] = { ...group, state, changedBy };
    for (const port of group.relativeTargetPortIds) this.#stateOfPort.set(port, state);
    this.allActive = this.#groups.every((one) => NOT_ACCESSIBLE_ASCQ[one.state] === undefined);
    this.#parts.events.accessStateChanged(targetPortGroup, state, changedBy);
    return true;
  }

  /** What a command through that port is answered instead of being carried out: 02/04/0A, 0B, 0C or 12. */
  refusalOf(accessibleIn: AccessibleIn | undefined, relativeTargetPortId: number): Sense | null {
    const state = this.#stateOfPort.get(relativeTargetPortId) ?? 'activeOptimized';
    const ascq = NOT_ACCESSIBLE_ASCQ[state];
    if (ascq === undefined) return null;
    if (accessibleIn !== undefined && SERVED[accessibleIn].has(state)) return null;
    return { key: SENSE_KEY.notReady, asc: 0x04, ascq };
  }
}
