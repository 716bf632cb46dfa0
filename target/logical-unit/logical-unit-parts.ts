import type { ResizableDescription } from '../commands/unit-description.js';
import type { EventSink } from '../events.js';
import type { Medium } from '../medium/medium.js';
import type { LogicalUnitOptions } from '../options.js';
import type { DurableReservations } from '../reservations/index.js';
import type { ReservationState } from '../reservations/types.js';
import type { DeviceBehaviour } from './behaviour.js';
import type { ModePageStore } from './mode-selection.js';
import type { NexusRegistry } from './nexus-registry.js';
import type { OperationClock } from './sanitization.js';

/** What one logical unit is made of. */
export interface LogicalUnitParts {
  readonly options: LogicalUnitOptions;
  readonly description: ResizableDescription;
  readonly medium: Medium;
  /** What is there of reservations at power on. */
  readonly durable: DurableReservations;
  readonly persist: ((state: ReservationState) => Promise<void>) | undefined;
  readonly modePageStore: ModePageStore | undefined;
  /** Place of this logical unit in the lists that nexuses keep. */
  readonly index: number;
  readonly nexuses: NexusRegistry;
  readonly targetPorts: readonly number[];
  readonly events: EventSink;
  readonly clock: OperationClock;
  readonly behaviour: DeviceBehaviour;
}
