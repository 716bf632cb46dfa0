import type { ItNexus, TargetPortGroupState } from '../../../protocol/index.js';
import { itNexusId } from '../../../protocol/index.js';
import type { TargetEvent, TargetHappening } from '../../../target/events.js';
import type { SessionView, Target } from '../../../target/options.js';
import type { ReservationState } from '../../../target/reservations/types.js';

export const NODE1: ItNexus = {
  initiatorPort: { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.fencelab:node1', isid: 0x800000000001n },
  relativeTargetPortId: 1,
};
export const NODE1_ID = itNexusId(NODE1);

export const EMPTY_STATE: ReservationState = {
  registrations: new Map(),
  reservation: null,
  prGeneration: 0,
  persistThroughPowerLoss: false,
  reservationInformationLost: false,
  spc2Holder: null,
};

/** What the admin API needs of a target, under the test's hand: it says what there is to see, and emits events. */
export class ObservedTarget implements Target {
  readonly iqn = 'iqn.2026-11.org.fencelab:array';
  readonly portals = [
    { host: '127.0.0.1', port: 3260, relativeTargetPortId: 1 },
    { host: '::1', port: 3261, relativeTargetPortId: 2 },
  ];
  readonly luns = [0, 3];
  readonly states = new Map<number, ReservationState>();
  readonly groups: TargetPortGroupState[] = [];
  readonly sessionList: SessionView[] = [];
  readonly listeners = new Set<(event: TargetEvent) => void>();

  emit(happening: TargetHappening): void {
    for (const listener of this.listeners) listener({ at: 7, ...happening });
  }

  urlOf(lun: number, portalIndex = 0): string {
    return `iscsi://portal${portalIndex}/${this.iqn}/${lun}`;
  }

  reservations(lun: number): ReservationState {
    return this.states.get(lun) ?? EMPTY_STATE;
  }

  onEvent(listener: (event: TargetEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  sessions(): readonly SessionView[] {
    return this.sessionList;
  }

  connectInMemory(): never {
    throw new Error('the admin API sends no commands');
  }

  accessStates(): readonly TargetPortGroupState[] {
    return this.groups;
  }

  setAccessState(): never {
    throw new Error('not asked of a target that is only observed');
  }

  addLogicalUnit(): never {
    throw new Error('not asked of a target that is only observed');
  }

  capacityOf(lun: number): number {
    return (lun + 1) * 1_048_576;
  }

  resizeLogicalUnit(): never {
    throw new Error('not asked of a target that is only observed');
  }

  removeLogicalUnit(): never {
    throw new Error('not asked of a target that is only observed');
  }

  faults(): never {
    throw new Error('the admin API makes no faults');
  }

  powerCycle(): Promise<void> {
    throw new Error('not asked of a target that is only observed');
  }

  dropConnections(): never {
    throw new Error('the admin API drops nothing');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
