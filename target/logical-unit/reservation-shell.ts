import { internalTargetFailure, SCSI_STATUS, type ItNexusId, type Sense } from '../../protocol/index.js';
import type { Verdict } from '../commands/command.js';
import {
  persistentReserveInAllocationLength,
  persistentReserveOutRequest,
  serviceActionOf,
} from '../commands/persistent-reserve.js';
import { answerWith } from '../commands/data-in.js';
import { durablePartOf, type DurableReservations } from '../reservations/index.js';
import type {
  PersistentReserveOutRequest,
  ReservationContext,
  ReservationOutcome,
  ReservationState,
} from '../reservations/types.js';
import type { PowerCycleOptions } from '../options.js';
import type { DeviceBehaviour } from './behaviour.js';
import type { Task } from './task.js';

/** What the shell needs of its logical unit. */
export interface ReservationHost {
  readonly behaviour: DeviceBehaviour;
  contextOf(task: Task): ReservationContext;
  establishAttention(nexusId: ItNexusId, asc: number, ascq: number): void;
  /** Aborts the commands of these nexuses but `task`; settles when none of their bytes is at the medium; null: none. */
  abortForPreempt(nexusIds: readonly ItNexusId[], task: Task): Promise<void> | null;
  /** Makes the state durable; absent: nothing can be kept through power loss. */
  readonly persist: ((state: ReservationState) => Promise<void>) | undefined;
  isUnderWay(task: Task): boolean;
  finish(task: Task, verdict: Verdict): void;
  /** What `act` says, or 04/44/00 where it throws. */
  attempt(task: Task, act: () => Verdict): Verdict;
  told(task: Task, request: PersistentReserveOutRequest, status: number, before: ReservationState): void;
}

/** Carries out what the reservation state machine decides, in the order that `ReservationOutcome` gives. */
export class ReservationShell {
  readonly #host: ReservationHost;
  readonly #waiting: { readonly task: Task; readonly act: () => Verdict }[] = [];
  #state: ReservationState;
  #persisting = false;
  #persisted: Promise<void> = Promise.resolve();
  /** What was under way when power was lost has no effect any more. */
  #powerCycles = 0;
  /** The state where it can refuse a command at all, else null: one check on the path of every READ and WRITE. */
  guard: ReservationState | null = null;

  constructor(host: ReservationHost, durable: DurableReservations) {
    this.#host = host;
    this.#state = host.behaviour.restored(durable);
    this.#replace(this.#state);
  }

  get state(): ReservationState {
    return this.#state;
  }

  persistentReserveIn(task: Task): Verdict {
    return this.#inTurn(task, () => {
      const allocationLength = persistentReserveInAllocationLength(task.cdb);
      const context = { ...this.#host.contextOf(task), allocationLength };
      const outcome = this.#host.behaviour.persistentReserveIn(
        this.#state,
        serviceActionOf(task.cdb),
        context,
      );
      if (outcome.status !== SCSI_STATUS.good) return verdictOf(outcome);
      return answerWith(task, outcome.data, allocationLength);
    });
  }

  persistentReserveOut(task: Task): Verdict {
    const request = persistentReserveOutRequest(task);
    return this.#inTurn(task, () => this.#carryOut(task, request));
  }

  reserve(task: Task): Verdict {
    return this.#inTurn(task, () =>
      this.#settle(this.#host.behaviour.reserve(this.#state, task.attachment.nexusId)),
    );
  }

  release(task: Task): Verdict {
    return this.#inTurn(task, () =>
      this.#settle(this.#host.behaviour.release(this.#state, task.attachment.nexusId)),
    );
  }

  nexusLost(nexusId: ItNexusId): void {
    this.#replace(this.#host.behaviour.nexusLost(this.#state, nexusId));
  }

  /** Settles when no state is on its way to the place where it lasts. */
  persisted(): Promise<void> {
    return this.#persisted;
  }

  reset(): void {
    this.#replace(this.#host.behaviour.logicalUnitReset(this.#state));
  }

  /** What was made durable, or was about to be, is there again; without a place for it nothing is. */
  powerCycle({ loseReservations = false }: PowerCycleOptions): void {
    this.#powerCycles++;
    this.#persisting = false;
    this.#waiting.length = 0;
    const durable = this.#host.persist === undefined ? { kind: 'none' as const } : durablePartOf(this.#state);
    const lost = loseReservations && durable.kind === 'kept';
    this.#replace(this.#host.behaviour.restored(lost ? { kind: 'lost' } : durable));
  }

  /** Reservation commands wait while a state is being made durable; all other commands see it already. */
  #inTurn(task: Task, act: () => Verdict): Verdict {
    if (!this.#persisting) return act();
    this.#waiting.push({ task, act });
    return 'pending';
  }

  #settle(outcome: ReservationOutcome): Verdict {
    this.#replace(outcome.state);
    return verdictOf(outcome);
  }

  #carryOut(task: Task, request: PersistentReserveOutRequest): Verdict {
    const before = this.#state;
    const outcome = this.#host.behaviour.persistentReserveOut(before, request, this.#host.contextOf(task));
    this.#replace(outcome.state);
    if (!outcome.persist || this.#host.persist === undefined)
      return this.#takeEffect(task, request, before, outcome);
    this.#persisting = true;
    const powerCycles = this.#powerCycles;
    const persisted = this.#host.persist(outcome.state);
    this.#persisted = persisted.catch(() => undefined);
    persisted.then(
      () => {
        if (powerCycles !== this.#powerCycles) return;
        const effect = (): Verdict => this.#takeEffect(task, request, before, outcome);
        this.#resume(task, this.#host.attempt(task, effect));
      },
      () => {
        if (powerCycles !== this.#powerCycles) return;
        // SPC-4 leaves open what happens then: nothing happened, and the initiator is told so.
        this.#replace(before);
        this.#host.told(task, request, SCSI_STATUS.checkCondition, before);
        this.#resume(task, internalTargetFailure());
      },
    );
    return 'pending';
  }

  /** Attentions first, so that 2A/05 is told before 2F/00; then the aborts; then the status. */
  #takeEffect(
    task: Task,
    request: PersistentReserveOutRequest,
    before: ReservationState,
    outcome: ReservationOutcome,
  ): Verdict {
    this.#host.told(task, request, outcome.status, before);
    for (const { nexus, asc, ascq } of outcome.attentions) this.#host.establishAttention(nexus, asc, ascq);
    const medium = outcome.abort.length === 0 ? null : this.#host.abortForPreempt(outcome.abort, task);
    if (medium === null) return verdictOf(outcome);
    void medium.then(() => {
      this.#host.finish(task, verdictOf(outcome));
    });
    return 'pending';
  }

  /** Ends the task whose state is settled, then serves those that waited for it, in their order. */
  #resume(task: Task, verdict: Verdict): void {
    this.#persisting = false;
    if (verdict !== 'pending') this.#host.finish(task, verdict);
    while (!this.#persisting) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!this.#host.isUnderWay(next.task)) continue;
      const answer = this.#host.attempt(next.task, next.act);
      if (answer !== 'pending') this.#host.finish(next.task, answer);
    }
  }

  #replace(state: ReservationState): void {
    this.#state = state;
    const canRefuse =
      state.reservation !== null || state.spc2Holder !== null || state.reservationInformationLost;
    this.guard = canRefuse ? state : null;
  }
}

function verdictOf(outcome: { readonly status: number; readonly sense?: Sense | undefined }): Verdict {
  if (outcome.status === SCSI_STATUS.good) return 'good';
  return outcome.sense ?? 'reservationConflict';
}
