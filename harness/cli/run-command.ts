import { writeFile } from 'node:fs/promises';
import { jsonReport } from '../report/index.js';
import type { RuntimeKind } from '../scenario/events.js';
import { loadScenario } from '../scenario/load.js';
import type { Scenario } from '../scenario/scenario.js';
import { checkFolderOf } from './check-folder.js';
import type { CliContext } from './context.js';
import type { FromLogOptions } from './from-log-options.js';
import { UsageError } from './one-line.js';
import { exitStatusOf, playAll, type Play, type Player } from './play.js';
import { playScenario } from './player.js';

/** The arguments of `fencelab run` as they were typed. */
export interface RunArguments extends FromLogOptions {
  readonly scenarios: readonly string[];
  readonly json?: string;
  readonly memory?: true;
  readonly processes?: true;
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
  const unused = (['map', 'host', 'expect'] as const).find((option) => typed[option] !== undefined);
  if (unused !== undefined) throw new UsageError(`--${unused} is of a replay, expected --from-log beside it`);
  const only = typed.memory ? 'memory' : typed.processes ? 'processes' : undefined;
  // All are read before the first is played: a mistake in the last one is told at once.
  const scenarios = await Promise.all(typed.scenarios.map((file) => loadScenario(file)));
  if (typed.json !== undefined) await checkFolderOf(typed.json);
  const plays = scenarios.flatMap((scenario) => playsOf(scenario, only));
  const reports = await playAll(plays, player, context);
  if (typed.json !== undefined) {
    await writeFile(typed.json, `${JSON.stringify(jsonReport(reports), null, 2)}\n`);
  }
  return exitStatusOf(reports);
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
