import { performance } from 'node:perf_hooks';
import {
  htmlReport,
  junitReport,
  ReportCollector,
  type JunitCase,
  type SkippedScenario,
} from '../report/index.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { checkPlaceOf, writeOutput } from './output-file.js';
import { packageVersion } from './package-version.js';
import type { Play, Player } from './play.js';

/** Where reports are wanted, as it was typed. */
export interface ReportArguments {
  readonly junit?: string;
  readonly html?: string;
}

/** One scenario as it was played. */
interface Recording {
  readonly play: Play;
  readonly events: readonly ScenarioEvent[];
  readonly seconds: number;
}

/** What a run ended with beside what was played: what was skipped, or why it could not go on. */
interface RunEnd {
  readonly skipped?: readonly SkippedScenario[];
  readonly failure?: string;
}

/** Keeps what is played, and writes the reports that are made of it; also of a run that could not go on. */
export class ReportFiles {
  readonly #wanted: ReportArguments;
  readonly #startedAt = new Date();
  readonly #recordings: Recording[] = [];

  private constructor(wanted: ReportArguments) {
    this.#wanted = wanted;
  }

  /** A report that cannot be written is told before anything is played. */
  static async prepare(wanted: ReportArguments): Promise<ReportFiles> {
    for (const option of ['junit', 'html'] as const) {
      const place = wanted[option];
      if (place !== undefined) await checkPlaceOf(`--${option}`, place);
    }
    return new ReportFiles(wanted);
  }

  /** Plays as `player` does, and keeps what happens. */
  recording(player: Player): Player {
    if (this.#wanted.junit === undefined && this.#wanted.html === undefined) return player;
    return async (play, hooks) => {
      const events: ScenarioEvent[] = [];
      const sinceMs = performance.now();
      const onEvent = (event: ScenarioEvent): void => {
        events.push(event);
        hooks.onEvent(event);
      };
      try {
        return await player(play, { ...hooks, onEvent });
      } finally {
        this.#recordings.push({ play, events, seconds: (performance.now() - sinceMs) / 1000 });
      }
    };
  }

  async write(end: RunEnd): Promise<void> {
    const { junit, html } = this.#wanted;
    if (html !== undefined)
      await writeOutput('--html', html, htmlReport(this.#recordings.map(pageOf), end.failure));
    if (junit === undefined) return;
    const cases = this.#recordings.map((recording) => caseOf(recording, end.failure));
    const skipped = (end.skipped ?? []).map((one): JunitCase => ({ kind: 'skipped', ...one }));
    const run = {
      version: packageVersion(),
      startedAt: this.#startedAt,
      cases: [...cases, ...skipped],
    };
    await writeOutput('--junit', junit, junitReport(run));
  }
}

function caseOf({ play, events, seconds }: Recording, failure = 'it ended early'): JunitCase {
  const { id } = play.scenario;
  const collector = new ReportCollector();
  for (const event of events) collector.add(event.type === 'judged' ? { ...event, scenario: id } : event);
  const [report] = collector.reports;
  if (report !== undefined) return { kind: 'judged', report, seconds };
  return { kind: 'notPlayed', scenario: id, runtime: play.runtime, why: failure };
}

const pageOf = ({ play, events }: Recording): Parameters<typeof htmlReport>[0][number] => ({
  scenario: play.scenario.id,
  runtime: play.runtime,
  site: play.scenario.site,
  events,
});
