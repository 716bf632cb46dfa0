import { ExternalTarget, type ExternalTargetOptions } from '../runtime/external/external-target.js';
import { jsonReport } from '../report/index.js';
import type { RuntimeKind } from '../scenario/events.js';
import { whyNotOnExternal } from '../scenario/external-demands.js';
import { loadScenario } from '../scenario/load.js';
import { DEFAULT_SEED } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import { checkPlaceOf, writeJson } from './output-file.js';
import type { CliContext } from './context.js';
import { externalTargetOptions, type ExternalOptions } from './external-options.js';
import { optionOfReplay, type FromLogOptions } from './from-log-options.js';
import { oneLine, UsageError } from './one-line.js';
import { exitStatusOf, playAll, type Play, type Player } from './play.js';
import { playScenario } from './player.js';
import { ReportFiles, type ReportArguments } from './report-files.js';
import { SEED_MAX, wholeNumber } from './whole-number.js';

/** The arguments of `fencelab run` as they were typed. */
export interface RunArguments extends ExternalOptions, FromLogOptions, ReportArguments {
  readonly scenarios: readonly string[];
  readonly json?: string;
  readonly memory?: true;
  readonly processes?: true;
  readonly seed?: string;
  readonly seeds?: string;
  readonly record?: string;
  readonly replay?: true;
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
  const only = typed.memory ? 'memory' : typed.processes ? 'processes' : undefined;
  // All are read before the first is played: a mistake in the last one is told at once.
  const scenarios = await Promise.all(typed.scenarios.map((file) => loadScenario(file)));
  checkOneEach(typed);
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const files = await ReportFiles.prepare(typed);
  const wanted = externalTargetOptions(typed);
  const plays =
    wanted === undefined
      ? scenarios.flatMap((scenario) => playsOf(scenario, only))
      : await playsOnExternal(scenarios, seed ?? DEFAULT_SEED, wanted);
  const seeded = plays.map((play) => ({ ...play, seed }));
  const played = await playAll(seeded, files.recording(player), context).catch(async (error: unknown) => {
    await files.write({ failure: oneLine(error) });
    throw error;
  });
  await files.write(played);
  if (typed.json !== undefined) {
    await writeJson('--json', typed.json, jsonReport(played));
  }
  return exitStatusOf(played);
}

/** Two reports in one file would leave the last. */
function checkOneEach({ json, junit, html }: RunArguments): void {
  const given = Object.entries({ json, junit, html }).filter(([, file]) => file !== undefined);
  for (const [index, [option, file]] of given.entries()) {
    const [other] = given.slice(0, index).find(([, one]) => one === file) ?? [];
    if (other === undefined) continue;
    throw new UsageError(
      `--${option} ${String(file)}: --${other} is written there, expected a file of its own`,
    );
  }
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

/** The target is looked at only if something can be played on it. */
async function playsOnExternal(
  scenarios: readonly Scenario[],
  seed: number,
  options: ExternalTargetOptions,
): Promise<Play[]> {
  const has = { luns: options.luns.length, portals: 1 + options.furtherPortals.length };
  const plays = scenarios.map((scenario) => ({
    scenario,
    runtime: 'processes' as const,
    skipped: whyNotOnExternal(scenario, seed, has),
  }));
  if (plays.every(({ skipped }) => skipped !== undefined)) return plays;
  const external = await ExternalTarget.open(options);
  return plays.map((play) => ({ ...play, external }));
}
