import { Progress, styleFor } from '../report/index.js';
import { heatMap } from '../sweep/heat-map.js';
import { FENCING_KINDS, type FencingKind } from '../sweep/kinds.js';
import { heatMapSvg } from '../sweep/svg.js';
import { cellsOf, sweep, type Grid, type SweptCell } from '../sweep/sweep.js';
import { checkPlaceOf, writeJson, writeOutput } from './output-file.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { UsageError } from './one-line.js';
import { SEEDS_MAX, wholeNumber } from './whole-number.js';

/** The options of `fencelab sweep` as they were typed. */
export interface SweepArguments {
  readonly seeds: string;
  readonly delays: string;
  readonly failovers: string;
  readonly only?: string;
  readonly svg?: string;
  readonly json?: string;
}

/** Longest time on an axis: an hour. */
const TIME_MS_MAX = 3_600_000;
/** Goes up when a reader of the JSON would have to change. */
const SCHEMA_VERSION = 1;

/** How often what is pending when a node fails harms, over delays, times to fail over and kinds of fencing. */
export async function runSweep(typed: SweepArguments, context: CliContext): Promise<number> {
  const grid: Grid = {
    kinds: kindsOf(typed.only),
    delaysMs: times('--delays', typed.delays),
    failoversMs: times('--failovers', typed.failovers),
    seeds: wholeNumber('--seeds', typed.seeds, 1, SEEDS_MAX),
  };
  if (typed.svg !== undefined) await checkPlaceOf('--svg', typed.svg);
  if (typed.json !== undefined) await checkPlaceOf('--json', typed.json);
  const stop = context.stop();
  const runs = cellsOf(grid).length * grid.seeds;
  const progress = new Progress(context.stderr, context.environment, runs, 'runs', () => performance.now());
  const cells = await sweep(grid, {
    stop,
    onRun: () => {
      progress.step();
    },
  }).finally(() => {
    progress.end();
  });
  if (stop.aborted) throw new UsageError(`interrupted by ${String(stop.reason)}`);
  const { seconds } = progress;
  for (const line of heatMap(grid, cells, styleFor(context.stdout, context.environment))) {
    context.stdout.write(`${line}\n`);
  }
  context.stdout.write(
    `${runs} runs in memory, ${grid.seeds} seeds a cell, in ${seconds.toFixed(1)} s, ${Math.round(runs / seconds)} a second.\n`,
  );
  if (typed.svg !== undefined) await writeOutput('--svg', typed.svg, heatMapSvg(grid, cells));
  if (typed.json !== undefined) await writeJson('--json', typed.json, json(grid, cells));
  const notJudged = cells.reduce((sum, cell) => sum + cell.notJudged, 0);
  if (notJudged === 0) return EXIT.asExpected;
  context.stdout.write(`${notJudged} runs say nothing: they did not go as their steps expect.\n`);
  return EXIT.notAsExpected;
}

/** The kinds that were named, each once. */
function kindsOf(only: string | undefined): readonly FencingKind[] {
  if (only === undefined) return FENCING_KINDS;
  const kinds = only.split(',').map((name) => {
    const kind = FENCING_KINDS.find((each) => each.name === name);
    if (kind !== undefined) return kind;
    const names = FENCING_KINDS.map((each) => each.name).join(', ');
    throw new UsageError(`--only ${only}: there is no kind '${name}', expected some of ${names}`);
  });
  return [...new Set(kinds)];
}

/** Times of an axis, ascending, each once. */
function times(option: string, text: string): number[] {
  const values = text.split(',').map((word) => {
    const [, digits = '', unit] = /^(\d{1,7})(ms|s)$/.exec(word) ?? [];
    const ms = Number(digits) * (unit === 's' ? 1_000 : 1);
    if (digits !== '' && ms > 0 && ms <= TIME_MS_MAX) return ms;
    throw new UsageError(`${option} ${text}: expected times above 0 and up to 3600s such as 5s,30s,500ms`);
  });
  return [...new Set(values)].sort((one, other) => one - other);
}

function json(grid: Grid, cells: readonly SweptCell[]): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    seeds: grid.seeds,
    delayDistribution: 'uniform from 0 to twice delayMs, whole milliseconds',
    cells: cells.map(({ kind, ...cell }) => ({ kind: kind.name, ...cell })),
  };
}
