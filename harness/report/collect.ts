import type { Verdict, VerdictWord } from '../oracle/types.js';
import type { RuntimeKind, ScenarioEvent } from '../scenario/events.js';

/** What there is to report of a scenario that was played. */
export interface ScenarioReport {
  readonly scenario: string;
  /** Its place in the paper. */
  readonly paper: string;
  readonly runtime: RuntimeKind;
  readonly expected: VerdictWord;
  readonly verdict: Verdict;
  /** Every sg_persist line, in order. */
  readonly commands: readonly CommandReport[];
  /** Expectations of single steps that were not met. */
  readonly failedChecks: readonly string[];
}

export interface CommandReport {
  readonly at: number;
  readonly node: string;
  readonly packageName: string;
  readonly commandLine: string;
  readonly lun: number;
  readonly exitStatus: number;
  /** True where the documents do not give this line and it was inferred. */
  readonly inferred: boolean;
  readonly source: string;
}

/** Whether everything was as the scenario says. */
export function isAsExpected(report: ScenarioReport): boolean {
  return report.verdict.verdict === report.expected && report.failedChecks.length === 0;
}

/** Gathers reports from the events of scenarios, which are played one after another. */
export class ReportCollector {
  readonly reports: ScenarioReport[] = [];
  #started: { readonly paper: string; readonly runtime: RuntimeKind } | undefined;
  #commands: CommandReport[] = [];
  #failedChecks: string[] = [];

  add(event: ScenarioEvent): void {
    switch (event.type) {
      case 'scenarioStarted':
        this.#started = { paper: event.paper, runtime: event.runtime };
        this.#commands = [];
        this.#failedChecks = [];
        break;
      case 'command': {
        const { at, node, packageName, commandLine, lun, exitStatus, inferred, source } = event;
        this.#commands.push({ at, node, packageName, commandLine, lun, exitStatus, inferred, source });
        break;
      }
      case 'check':
        if (!event.passed) this.#failedChecks.push(event.text);
        break;
      case 'judged': {
        if (this.#started === undefined) throw new Error(`${event.scenario} was judged and never started`);
        const { scenario, expected, verdict } = event;
        const commands = this.#commands;
        const failedChecks = this.#failedChecks;
        this.reports.push({ scenario, ...this.#started, expected, verdict, commands, failedChecks });
        break;
      }
      default:
        break;
    }
  }
}
