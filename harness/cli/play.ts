import {
  findingLines,
  isAsExpected,
  ReportCollector,
  styleFor,
  Timeline,
  verdictTable,
} from '../report/index.js';
import type { RunReports } from '../report/index.js';
import type { ArrayThatIsThere } from '../runtime/external/array-that-is-there.js';
import type { LoginDemands } from '../runtime/processes/login-demands.js';
import type { RuntimeKind, ScenarioEvent, StepPause } from '../scenario/events.js';
import type { Scenario } from '../scenario/scenario.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { StepPauses } from './step-pauses.js';

/** One scenario to play, and where. */
export interface Play {
  readonly scenario: Scenario;
  readonly runtime: RuntimeKind;
  /** The array, where it is not our own. */
  readonly external?: ArrayThatIsThere | undefined;
  /** Why it is not played at all. */
  readonly skipped?: string | undefined;
  /** What each login must come with, over sockets. */
  readonly login?: LoginDemands | undefined;
  /** Decides what the scenario leaves open, and in memory the order. */
  readonly seed?: number | undefined;
}

export interface PlayHooks {
  readonly onEvent: (event: ScenarioEvent) => void;
  /** Called before and after each sg_persist line; the run goes on when it settles. */
  readonly pause: ((pause: StepPause) => Promise<void>) | undefined;
  /** Aborted when the run must end: everything that was started is ended, and the player rejects. */
  readonly stop: AbortSignal;
}

/** Plays one scenario to its verdict, which comes as an event. */
export type Player = (play: Play, hooks: PlayHooks) => Promise<unknown>;

/** Plays scenarios one after another with a live timeline, and prints findings and the verdict table at the end. */
export async function playAll(
  plays: readonly Play[],
  player: Player,
  context: CliContext,
  { step = false }: { readonly step?: boolean } = {},
): Promise<RunReports> {
  const style = styleFor(context.stdout, context.environment);
  const print = (line: string): void => {
    context.stdout.write(`${line}\n`);
  };
  const stop = context.stop();
  const timeline = new Timeline(print, style);
  const collector = new ReportCollector();
  const pauses = step ? new StepPauses(context, style, stop) : undefined;
  const hooksOf = ({ scenario }: Play): PlayHooks => ({
    onEvent: (event) => {
      timeline.show(event);
      // The timeline has the scenario's title, the table and the report its file's name.
      const named = event.type === 'judged' || event.type === 'scenarioSkipped';
      collector.add(named ? { ...event, scenario: scenario.id } : event);
      if (event.type === 'judged') findingLines(event.verdict, style).forEach(print);
    },
    pause: pauses && ((pause) => pauses.pause(pause)),
    stop,
  });
  try {
    for (const play of plays) {
      if (!stop.aborted) await playOne(play, player, hooksOf(play));
      if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`);
    }
  } finally {
    pauses?.close();
  }
  print('');
  verdictTable(collector, style).forEach(print);
  return collector;
}

async function playOne(play: Play, player: Player, hooks: PlayHooks): Promise<void> {
  const { scenario, runtime, skipped } = play;
  if (skipped !== undefined) {
    const { title, expect } = scenario;
    hooks.onEvent({
      at: 0,
      type: 'scenarioSkipped',
      scenario: title,
      runtime,
      expected: expect,
      why: skipped,
    });
    return;
  }
  try {
    await player(play, hooks);
  } catch (error) {
    // What an interrupted run rejects with is only that it was interrupted.
    if (!hooks.stop.aborted) throw error;
  }
}

/** Where everything was skipped nothing was asked. */
export function exitStatusOf({ reports }: RunReports): number {
  if (reports.length === 0) return EXIT.notAsked;
  return reports.every(isAsExpected) ? EXIT.asExpected : EXIT.notAsExpected;
}
