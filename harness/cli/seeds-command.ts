import { playBatch } from '../batch/play-batch.js';
import { jobsUnderSeeds } from '../batch/job.js';
import { Progress, seedsJson, SeedsReport, seedsTable, styleFor } from '../report/index.js';
import { parseScenario, readScenarioText } from '../scenario/load.js';
import { checkPlaceOf, writeJson } from './output-file.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { SEEDS_MAX, wholeNumber } from './whole-number.js';

/** `fencelab run --seeds N` as it was typed. */
export interface SeedsArguments {
  readonly scenarios: readonly string[];
  readonly seeds: string;
  readonly json?: string;
}

/** Plays scenarios in memory under the seeds 1 to N, on all cores, and tells every seed that is not as expected. */
export async function runSeeds(typed: SeedsArguments, context: CliContext): Promise<number> {
  const count = wholeNumber('--seeds', typed.seeds, 1, SEEDS_MAX);
  const texts = await Promise.all(
    typed.scenarios.map(async (file) => ({ file, text: await readScenarioText(file) })),
  );
  const scenarios = texts.map(({ file, text }) => {
    const scenario = parseScenario(text, file);
    if (scenario.runtimes.includes('memory')) return scenario;
    throw new UsageError(`${file}: it cannot be played in memory, expected one that can for --seeds`);
  });
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const jobs = jobsUnderSeeds(scenarios.length, count);
  const stop = context.stop();
  const progress = new Progress(context.stderr, context.environment, jobs.length, 'runs', () =>
    performance.now(),
  );
  const reports = scenarios.map(({ id, file, expect }) => new SeedsReport(id, file, expect));
  await playBatch(texts, jobs, {
    stop,
    onResult: (place, result) => {
      reports[Math.floor(place / count)]?.add((place % count) + 1, result);
      progress.step();
    },
  }).finally(() => {
    progress.end();
  });
  for (const line of seedsTable(reports, progress.seconds, styleFor(context.stdout, context.environment))) {
    context.stdout.write(`${line}\n`);
  }
  if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`);
  if (typed.json !== undefined) {
    await writeJson('--json', typed.json, seedsJson(reports));
  }
  const good = reports.every(({ differing }) => differing.length === 0);
  return good ? EXIT.asExpected : EXIT.notAsExpected;
}
