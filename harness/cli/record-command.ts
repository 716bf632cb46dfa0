import { readFile } from 'node:fs/promises';
import { parseRunLog, runLogText, type RunEnd } from '../replay/log.js';
import { Recorder } from '../replay/recorder.js';
import { replayRun, runEnd } from '../replay/replay-run.js';
import { parseScenario, readScenarioText } from '../scenario/load.js';
import { DEFAULT_SEED, runScenario } from '../scenario/runner.js';
import { visibleText } from '../source/shown.js';
import { checkPlaceOf, writeOutput } from './output-file.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { exitStatusOf, playAll, type Player } from './play.js';

/** Plays one scenario over sockets and writes down in which order its commands reached the array. */
export async function runRecorded(
  files: readonly string[],
  logFile: string,
  seed: number = DEFAULT_SEED,
  context: CliContext,
): Promise<number> {
  const file = onlyOne(files, '--record', 'one scenario');
  const text = await readScenarioText(file);
  const scenario = parseScenario(text, file);
  if (scenario.runtimes.length !== 2) {
    throw new UsageError(
      `${file}: expected a scenario for memory and processes, to be recorded and replayed`,
    );
  }
  await checkPlaceOf('--record', logFile);
  const record = new Recorder();
  let end: RunEnd | undefined;
  const player: Player = async (play, { onEvent, stop }) => {
    end = runEnd(await runScenario(play.scenario, { runtime: 'processes', seed, record, onEvent, stop }));
  };
  const played = await playAll([{ scenario, runtime: 'processes', seed }], player, context);
  if (end !== undefined) {
    await writeOutput(
      '--record',
      logFile,
      runLogText({ file, scenario: text, seed, entries: record.entries, end }),
    );
  }
  return exitStatusOf(played);
}

/** Repeats a recorded run in memory; ends with 1 also where it comes to something else. */
export async function runReplayed(files: readonly string[], context: CliContext): Promise<number> {
  const logFile = onlyOne(files, '--replay', 'one log of --record');
  const log = parseRunLog(await readFile(logFile, 'utf8'), logFile);
  const scenario = parseScenario(log.scenario, log.file);
  let end: RunEnd | undefined;
  const player: Player = async (_, { onEvent, stop }) => {
    end = runEnd(await replayRun(log, logFile, onEvent, stop));
  };
  const played = await playAll([{ scenario, runtime: 'memory', seed: log.seed }], player, context);
  const same = JSON.stringify(end) === JSON.stringify(log.end);
  const recorded = `${visibleText(log.end.verdict)} with ${log.end.findings.length} findings`;
  context.stdout.write(
    same
      ? `As recorded: ${recorded}.\n`
      : `NOT as recorded, which was ${recorded}: see the last line of ${logFile}.\n`,
  );
  return same ? exitStatusOf(played) : EXIT.notAsExpected;
}

function onlyOne(files: readonly string[], option: string, what: string): string {
  const [file] = files;
  if (file === undefined || files.length !== 1) throw new UsageError(`${option}: expected ${what}`);
  return file;
}
