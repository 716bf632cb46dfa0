import type { AsymmetricAccessState, ItNexusId } from '../../protocol/index.js';
import type { EventSink } from '../events.js';
import type { PersistentReserveOutRequest, ReservationState } from '../reservations/types.js';
import type { Task } from './task.js';

/** What one logical unit tells of its reservations, to whoever listens. */
export class UnitEvents {
  readonly #lun: number;
  readonly #sink: EventSink;

  constructor(lun: number, sink: EventSink) {
    this.#lun = lun;
    this.#sink = sink;
  }

  refused(nexusId: ItNexusId, operationCode: number): void {
    if (!this.#sink.active) return;
    this.#sink.emit({ type: 'reservationConflict', lun: this.#lun, nexusId, operationCode });
  }

  persistentReserveOut(
    { attachment: { nexusId }, tag }: Task,
    { serviceAction, scope, type }: PersistentReserveOutRequest,
    status: number,
    before: ReservationState,
    after: ReservationState,
  ): void {
    if (!this.#sink.active) return;
    this.#sink.emit({
      type: 'persistentReserveOut',
      lun: this.#lun,
      nexusId,
      tag,
      serviceAction,
      scope,
      reservationType: type,
      status,
      before,
      after,
    });
  }

  accessStateChanged(
    targetPortGroup: number,
    state: AsymmetricAccessState,
    by: 'setTargetPortGroups' | 'implicitly',
  ): void {
    if (!this.#sink.active) return;
    this.#sink.emit({ type: 'accessStateChanged', lun: this.#lun, targetPortGroup, state, by });
  }

  powerCycled(before: ReservationState, after: ReservationState): void {
    if (this.#sink.active) this.#sink.emit({ type: 'powerCycled', lun: this.#lun, before, after });
  }
}
