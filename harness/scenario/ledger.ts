import type { HistoryEvent, HistoryHappening } from '../oracle/types.js';
import type { ApplicationReport } from '../runtime/application.js';
import type { LabClock } from '../runtime/lab-clock.js';
import type { ScenarioEvent, ScenarioHappening } from './events.js';

/** An expectation of the scenario itself, beside its verdict. */
export interface CheckResult {
  readonly text: string;
  readonly passed: boolean;
}

/** What is written down while a scenario is played: the history that is judged, and what is shown to people. */
export class Ledger {
  readonly #clock: LabClock;
  readonly #onEvent: ((event: ScenarioEvent) => void) | undefined;
  #history: HistoryEvent[] = [];
  readonly checks: CheckResult[] = [];
  /** Packages that did not start, where a step expected that. */
  readonly failedAsExpected = new Set<string>();
  #closed = false;
  #lastStep: { readonly line: number; readonly text: string } | undefined;

  constructor(clock: LabClock, onEvent: ((event: ScenarioEvent) => void) | undefined) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  get history(): readonly HistoryEvent[] {
    return this.#history;
  }

  /** The step that was begun last. */
  get lastStep(): { readonly line: number; readonly text: string } | undefined {
    return this.#lastStep;
  }

  /** Nothing is told any more: what still happens in a run that has broken off is only its end. */
  close(): void {
    this.#closed = true;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  record(packageName: string, happening: HistoryHappening): void {
    this.#history.push({ at: this.#clock.now(), packageName, ...happening });
  }

  /** A start that failed fenced for nobody. */
  forgetFences(packageName: string, by: number): void {
    this.#history = this.#history.filter(
      (event) => !(event.type === 'fencePoint' && event.packageName === packageName && event.by === by),
    );
  }

  show(happening: ScenarioHappening): void {
    if (this.#closed) return;
    if (happening.type === 'step') this.#lastStep = happening;
    this.#onEvent?.({ at: this.#clock.now(), ...happening });
  }

  check(text: string, passed: boolean): void {
    this.checks.push({ text, passed });
    this.show({ type: 'check', text, passed });
  }

  /** Takes what an application tells of a write. */
  reported(report: ApplicationReport): void {
    this.record(report.write.packageName, report);
    switch (report.type) {
      case 'writeIssued':
        this.show({ type: 'writeIssued', write: report.write });
        return;
      case 'writeAcknowledged':
        this.show({ type: 'write', write: report.write, outcome: 'acknowledged', reason: 'GOOD' });
        return;
      case 'writeRefused':
        this.show({
          type: 'write',
          write: report.write,
          outcome: 'refused',
          reason: 'RESERVATION CONFLICT',
        });
        return;
      case 'writeFailed':
        this.show({ type: 'write', write: report.write, outcome: 'failed', reason: report.reason });
    }
  }
}
