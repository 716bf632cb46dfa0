import type { ScenarioEvent } from '../scenario/events.js';
import { parseScenario } from '../scenario/load.js';
import { runScenario, type ScenarioResult } from '../scenario/runner.js';
import { RunLogError, type RunEnd, type RunLog } from './log.js';
import { ReplayOrder } from './replay-order.js';

/** What is compared of a run and of its replay. */
export function runEnd({ verdict }: Pick<ScenarioResult, 'verdict'>): RunEnd {
  return { verdict: verdict.verdict, findings: verdict.findings.map(({ text }) => text) };
}

/**
 * Repeats a recorded run in memory: commands enter the array in the order of the log. Throws RunLogError with its line
 * where the log does not fit.
 */
export async function replayRun(
  log: RunLog,
  logFile: string,
  onEvent?: (event: ScenarioEvent) => void,
  stop?: AbortSignal,
): Promise<ScenarioResult> {
  const replay = new ReplayOrder(log.entries, logFile);
  const result = await runScenario(parseScenario(log.scenario, log.file), {
    runtime: 'memory',
    seed: log.seed,
    replay,
    onEvent,
    stop,
  });
  const problem = replay.problem();
  if (problem !== undefined) throw new RunLogError(problem);
  return result;
}
