import type { Verdict, VerdictWord } from '../oracle/types.js';
import type { ArrayDescription } from '../runtime/external/array-description.js';
import type { RuntimeKind, ScenarioEvent } from '../scenario/events.js';

/** What there is to report of a scenario that was played. */
export interface ScenarioReport {
  readonly scenario: string;
  /** Its place in the paper. */
  readonly paper: string;
  readonly runtime: RuntimeKind;
  /** The array where it is somebody else's; absent: our own. */
  readonly array?: ArrayDescription | undefined;
  readonly expected: VerdictWord;
  readonly verdict: Verdict;
  /** Every sg_persist line, in order. */
  readonly commands: readonly CommandReport[];
  /** Expectations of single steps that were not met. */
  readonly failedChecks: readonly string[];
}

/** A scenario that was asked for and could not be played there. */
export interface SkippedScenario {
  readonly scenario: string;
  readonly runtime: RuntimeKind;
  readonly expected: VerdictWord;
  readonly why: string;
}

/** A scenario that was asked for and not played to its end, or not begun. */
export interface NotPlayedScenario {
  readonly scenario: string;
  readonly runtime: RuntimeKind;
  readonly why: string;
}

/** What came of everything that was asked for. */
export interface RunReports {
  readonly reports: readonly ScenarioReport[];
  readonly skipped: readonly SkippedScenario[];
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
export class ReportCollector implements RunReports {
  readonly reports: ScenarioReport[] = [];
  readonly skipped: SkippedScenario[] = [];
  #started: Pick<ScenarioReport, 'paper' | 'runtime' | 'array'> | undefined;
  #commands: CommandReport[] = [];
  #failedChecks: string[] = [];

  add(event: ScenarioEvent): void {
    switch (event.type) {
      case 'scenarioStarted':
        this.#started = { paper: event.paper, runtime: event.runtime, array: event.array };
        this.#commands = [];
        this.#failedChecks = [];
        break;
      case 'scenarioSkipped': {
        const { scenario, runtime, expected, why } = event;
        this.skipped.push({ scenario, runtime, expected, why });
        break;
      }
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
