import { playBatch } from '../batch/play-batch.js';
import type { JobResult } from '../batch/job.js';
import { Progress, seedsJson, seedsTable, styleFor, type SeedsReport } from '../report/index.js';
import { parseScenario, readScenarioText } from '../scenario/load.js';
import { checkPlaceOf, writeJson } from './output-file.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { SEED_MAX, wholeNumber } from './whole-number.js';

/** `fencelab run --seeds N` as it was typed. */
export interface SeedsArguments {
  readonly scenarios: readonly string[];
  readonly seeds: string;
  readonly json?: string;
}

/** Plays scenarios in memory under the seeds 1 to N, on all cores, and tells every seed that is not as expected. */
export async function runSeeds(typed: SeedsArguments, context: CliContext): Promise<number> {
  const count = wholeNumber('--seeds', typed.seeds, 1, SEED_MAX);
  const texts = await Promise.all(
    typed.scenarios.map(async (file) => ({ file, text: await readScenarioText(file) })),
  );
  const scenarios = texts.map(({ file, text }) => {
    const scenario = parseScenario(text, file);
    if (scenario.runtimes.includes('memory')) return scenario;
    throw new UsageError(`${file}: it cannot be played in memory, expected one that can for --seeds`);
  });
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const jobs = scenarios.flatMap((_, scenario) =>
    Array.from({ length: count }, (__, index) => ({ scenario, seed: index + 1 })),
  );
  const stop = context.stop();
  const progress = new Progress(context.stderr, context.environment, jobs.length, 'runs', () =>
    performance.now(),
  );
  const results: (JobResult | undefined)[] = new Array<undefined>(jobs.length).fill(undefined);
  await playBatch(texts, jobs, {
    stop,
    onResult: (place, result) => {
      results[place] = result;
      progress.step();
    },
  }).finally(() => {
    progress.end();
  });
  const reports = scenarios.map(({ id, file, expect }, index): SeedsReport => ({
    scenario: id,
    file,
    expected: expect,
    results: results
      .slice(index * count, (index + 1) * count)
      .flatMap((result, place) => (result === undefined ? [] : { seed: place + 1, ...result })),
  }));
  for (const line of seedsTable(reports, progress.seconds, styleFor(context.stdout, context.environment))) {
    context.stdout.write(`${line}\n`);
  }
  if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`);
  if (typed.json !== undefined) {
    await writeJson('--json', typed.json, seedsJson(reports));
  }
  const good = reports.every((report) => report.results.every(({ asExpected }) => asExpected));
  return good ? EXIT.asExpected : EXIT.notAsExpected;
}
