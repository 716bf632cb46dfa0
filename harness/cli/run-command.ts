import type { ArrayThatIsThere } from '../runtime/external/array-that-is-there.js';
import { CommandLineTarget } from '../runtime/external/command-line-target.js';
import { ExternalTarget } from '../runtime/external/external-target.js';
import type { RunReports } from '../report/index.js';
import type { RuntimeKind } from '../scenario/events.js';
import { whyNotByCommandLines, whyNotOnExternal } from '../scenario/external-demands.js';
import { loadScenario } from '../scenario/load.js';
import { DEFAULT_SEED } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import type { CliContext } from './context.js';
import { externalTargetOptions, type ExternalOptions } from './external-options.js';
import { optionOfReplay, type FromLogOptions } from './from-log-options.js';
import { oneLine, UsageError } from './one-line.js';
import { exitStatusOf, playAll, type Play, type Player } from './play.js';
import { playScenario } from './player.js';
import { ReportFiles, type ReportArguments } from './report-files.js';
import { commandLineTargetOptions } from './via-options.js';
import { SEED_MAX, wholeNumber } from './whole-number.js';

/** The arguments of `fencelab run` as they were typed. */
export interface RunArguments extends ExternalOptions, FromLogOptions, ReportArguments {
  readonly scenarios: readonly string[];
  readonly memory?: true;
  readonly processes?: true;
  readonly seed?: string;
  readonly seeds?: string;
  readonly record?: string;
  readonly replay?: true;
  readonly chap?: true;
  readonly digests?: true;
}

/** Plays scenario files, each wherever it can be played unless told otherwise, and judges them. */
export async function run(
  typed: RunArguments,
  context: CliContext,
  player: Player = playScenario,
): Promise<number> {
  if (typed.fromLog) {
    const { runFromLog } = await import('./from-log-command.js');
    return runFromLog({ ...typed, files: typed.scenarios }, context);
  }
  const unused = optionOfReplay(typed);
  if (unused !== undefined) throw new UsageError(`${unused} is of a replay, expected --from-log beside it`);
  if (typed.seeds !== undefined) {
    refuseReportsOfOneRun(typed);
    const { runSeeds } = await import('./seeds-command.js');
    return runSeeds({ ...typed, seeds: typed.seeds }, context);
  }
  const seed = typed.seed === undefined ? undefined : wholeNumber('--seed', typed.seed, 0, SEED_MAX);
  if (typed.record !== undefined || typed.replay) {
    const { runRecorded, runReplayed } = await import('./record-command.js');
    return typed.record === undefined
      ? runReplayed(typed.scenarios, context)
      : runRecorded(typed.scenarios, typed.record, seed, context);
  }
  const { chap, digests } = typed;
  // In memory nobody logs in.
  const isOverSockets = typed.processes ?? chap ?? digests ?? false;
  const only = typed.memory ? 'memory' : isOverSockets ? 'processes' : undefined;
  // All are read before the first is played: a mistake in the last one is told at once.
  const scenarios = await Promise.all(typed.scenarios.map((file) => loadScenario(file)));
  const files = await ReportFiles.prepare(typed);
  const there = arrayThatIsThere(typed, scenarios, seed ?? DEFAULT_SEED);
  const asked =
    there === undefined
      ? scenarios.flatMap((scenario) => playsOf(scenario, only))
      : scenarios.map((scenario) => playOnExternal(scenario, there));
  const plays = asked.map((play) => ({ ...play, seed, login: { chap, digests } }));
  const playing = async (): Promise<RunReports> => {
    const ready = there === undefined ? plays : await withArray(plays, there, context.stop());
    return playAll(ready, files.recording(player), context);
  };
  const played = await playing().catch(async (error: unknown) => {
    await files.writeOf(plays, oneLine(error));
    throw error;
  });
  await files.writeOf(plays);
  return exitStatusOf(played);
}

/** Thousands of runs have no picture, and are played on all cores at once, so that none has a time of its own. */
function refuseReportsOfOneRun({ junit, html }: ReportArguments): void {
  const option = junit !== undefined ? '--junit' : html !== undefined ? '--html' : undefined;
  if (option === undefined) return;
  throw new UsageError(
    `${option} tells single runs and --seeds plays many at once, expected --json, or --seed N for the run that is wanted`,
  );
}

function playsOf(scenario: Scenario, only: RuntimeKind | undefined): Play[] {
  const runtimes = scenario.runtimes.filter((runtime) => only === undefined || runtime === only);
  if (runtimes.length === 0) {
    throw new UsageError(
      `${scenario.file}: it cannot be played in ${String(only)}, expected --${scenario.runtimes.join(' or --')}`,
    );
  }
  return runtimes.map((runtime) => ({ scenario, runtime }));
}

interface Candidate {
  readonly open: () => Promise<ArrayThatIsThere>;
  /** Why a scenario is not played on it; undefined where it is. */
  readonly whyNot: (scenario: Scenario) => string | undefined;
}

/** What `--target` or `--via` names; undefined where neither was typed. */
function arrayThatIsThere(
  typed: ExternalOptions,
  scenarios: readonly Scenario[],
  seed: number,
): Candidate | undefined {
  const target = externalTargetOptions(typed);
  if (target !== undefined) {
    const has = { luns: target.luns.length, portals: 1 + target.furtherPortals.length };
    return {
      open: () => ExternalTarget.open(target),
      whyNot: (scenario) => whyNotOnExternal(scenario, seed, has),
    };
  }
  const ways = commandLineTargetOptions(typed, scenarios);
  if (ways === undefined) return undefined;
  const lunsOf = (machine: string, portalIndex: number): number =>
    ways.paths.find((path) => path.machine === machine && path.portalIndex === portalIndex)?.devices.length ??
    0;
  return {
    open: () => CommandLineTarget.open(ways),
    whyNot: (scenario) => whyNotByCommandLines(scenario, seed, lunsOf),
  };
}

const playOnExternal = (scenario: Scenario, { whyNot }: Candidate): Play => ({
  scenario,
  runtime: 'processes',
  skipped: whyNot(scenario),
});

/** The array is looked at only if something can be played on it. */
async function withArray(
  plays: readonly Play[],
  { open }: Candidate,
  stop: AbortSignal,
): Promise<readonly Play[]> {
  if (plays.every(({ skipped }) => skipped !== undefined)) return plays;
  const external = await open();
  // To the end, since it registers keys and takes them back.
  if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`);
  return plays.map((play) => ({ ...play, external }));
}
