import { performance } from 'node:perf_hooks';
import { htmlReport, junitReport, ReportCollector, type JunitCase, type RunEnd } from '../report/index.js';
import type { ScenarioEvent } from '../scenario/events.js';
import { checkPlaceOf, writeOutput } from './output-file.js';
import { packageVersion } from './package-version.js';
import type { Player } from './play.js';

/** Where reports are wanted, as it was typed. */
export interface ReportArguments {
  readonly junit?: string;
  readonly html?: string;
}

type Recording = Parameters<typeof htmlReport>[0][number];
/** What is played, as reports name it. */
type Subject = Omit<Recording, 'events'>;
type OnEvent = (event: ScenarioEvent) => void;

/** Keeps what is played, and writes the reports that are made of it; also of a run that could not go on. */
export class ReportFiles {
  readonly #wanted: ReportArguments;
  readonly #startedAt = new Date();
  readonly #recordings: (Recording & { readonly seconds: number })[] = [];

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
    return (play, hooks) => {
      const { id: scenario, site } = play.scenario;
      return this.keeping({ scenario, runtime: play.runtime, site }, hooks.onEvent, (onEvent) =>
        player(play, { ...hooks, onEvent }),
      );
    };
  }

  /** Lets `play` tell `onEvent` what happens, and keeps it. */
  async keeping<T>(subject: Subject, onEvent: OnEvent, play: (onEvent: OnEvent) => Promise<T>): Promise<T> {
    if (this.#wanted.junit === undefined && this.#wanted.html === undefined) return play(onEvent);
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

  async write(end: RunEnd): Promise<void> {
    const { junit, html } = this.#wanted;
    if (html !== undefined) await writeOutput('--html', html, htmlReport(this.#recordings, end));
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

function caseOf(
  { scenario, runtime, events, seconds }: Recording & { readonly seconds: number },
  failure = 'it ended early',
): JunitCase {
  const collector = new ReportCollector();
  for (const event of events) collector.add(event.type === 'judged' ? { ...event, scenario } : event);
  const [report] = collector.reports;
  if (report !== undefined) return { kind: 'judged', report, seconds };
  return { kind: 'notPlayed', scenario, runtime, why: failure };
}
