import { performance } from 'node:perf_hooks';
import {
  htmlReport,
  jsonReport,
  junitReport,
  ReportCollector,
  type JunitCase,
  type NotPlayedScenario,
  type RunEnd,
  type ScenarioReport,
  type SkippedScenario,
} from '../report/index.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { checkOneEach, checkPlaceOf, writeJson, writeOutput } from './output-file.js';
import { packageVersion } from './package-version.js';
import type { Play, Player } from './play.js';

/** Where reports are wanted, as it was typed. */
export interface ReportArguments {
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
}

type Recording = Parameters<typeof htmlReport>[0][number];
/** What is played, as reports name it. */
type Subject = Omit<Recording, 'events'>;
type TimedRecording = Recording & { readonly seconds: number };
type OnEvent = (event: ScenarioEvent) => void;

/** Keeps what is played, and writes the reports that are made of it; also of a run that could not go on. */
export class ReportFiles {
  readonly #wanted: ReportArguments;
  readonly #startedAt = new Date();
  readonly #recordings: TimedRecording[] = [];

  private constructor(wanted: ReportArguments) {
    this.#wanted = wanted;
  }

  /** A report that cannot be written is told before anything is played. */
  static async prepare(wanted: ReportArguments): Promise<ReportFiles> {
    checkOneEach(wanted);
    for (const option of ['json', 'junit', 'html'] as const) {
      const place = wanted[option];
      if (place !== undefined) await checkPlaceOf(`--${option}`, place);
    }
    return new ReportFiles(wanted);
  }

  /** Plays as `player` does, and keeps what happens. */
  recording(player: Player): Player {
    return (play, hooks) => {
      const { id: scenario, site } = play.scenario;
      return this.keeping({ scenario, runtime: play.runtime, site }, hooks.onEvent, (onEvent) =>
        player(play, { ...hooks, onEvent }),
      );
    };
  }

  /** Lets `play` tell `onEvent` what happens, and keeps it. */
  async keeping<T>(subject: Subject, onEvent: OnEvent, play: (onEvent: OnEvent) => Promise<T>): Promise<T> {
    const { json, junit, html } = this.#wanted;
    if (json === undefined && junit === undefined && html === undefined) return play(onEvent);
    const events: ScenarioEvent[] = [];
    const sinceMs = performance.now();
    try {
      return await play((event) => {
        events.push(event);
        onEvent(event);
      });
    } finally {
      this.#recordings.push({ ...subject, events, seconds: (performance.now() - sinceMs) / 1000 });
    }
  }

  /**
   * Writes the reports of everything that was asked for. `failure`: why the run could not go on; what had not begun by
   * then is in them too.
   */
  async writeOf(plays: readonly Play[], failure?: string): Promise<void> {
    const skipped = plays.flatMap(({ scenario, runtime, skipped: why }): SkippedScenario[] =>
      why === undefined ? [] : [{ scenario: scenario.id, runtime, expected: scenario.expect, why }],
    );
    const notBegun = plays
      .filter((play) => play.skipped === undefined)
      .slice(this.#recordings.length)
      .map(({ scenario, runtime }) => ({ scenario: scenario.id, runtime }));
    await this.write({ skipped, notBegun, failure });
  }

  async write(end: RunEnd): Promise<void> {
    const { json, junit, html } = this.#wanted;
    if (html !== undefined) await writeOutput('--html', html, htmlReport(this.#recordings, end));
    const cases = this.#casesOf(end);
    if (json !== undefined) {
      const reports = cases.flatMap((one): ScenarioReport[] => (one.kind === 'judged' ? [one.report] : []));
      const notPlayed = cases.flatMap((one): NotPlayedScenario[] => {
        if (one.kind !== 'notPlayed') return [];
        const { scenario, runtime, why } = one;
        return [{ scenario, runtime, why }];
      });
      await writeJson('--json', json, jsonReport({ reports, skipped: end.skipped ?? [] }, notPlayed));
    }
    if (junit === undefined) return;
    const run = { version: packageVersion(), startedAt: this.#startedAt, cases };
    await writeOutput('--junit', junit, junitReport(run));
  }

  #casesOf({ failure = 'it ended early', skipped = [], notBegun = [] }: RunEnd): JunitCase[] {
    return [
      ...this.#recordings.map((recording) => caseOf(recording, failure)),
      ...notBegun.map((one): JunitCase => {
        return { kind: 'notPlayed', ...one, seconds: 0, why: `not begun: ${failure}` };
      }),
      ...skipped.map((one): JunitCase => ({ kind: 'skipped', ...one })),
    ];
  }
}

function caseOf({ scenario, runtime, events, seconds }: TimedRecording, failure: string): JunitCase {
  const collector = new ReportCollector();
  for (const event of events) collector.add(event.type === 'judged' ? { ...event, scenario } : event);
  const [report] = collector.reports;
  if (report !== undefined) return { kind: 'judged', report, seconds };
  return { kind: 'notPlayed', scenario, runtime, seconds, why: failure };
}
