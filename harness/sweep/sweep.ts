import { jobsUnderSeeds } from '../batch/job.js';
import { playBatch, type BatchOptions } from '../batch/play-batch.js';
import { cellScenario, type Cell } from './cell-scenario.js';
import type { FencingKind } from './kinds.js';

/** What is swept: every kind, every delay, every time to fail over, each under the seeds 1 to `seeds`. */
export interface Grid {
  readonly kinds: readonly FencingKind[];
  readonly delaysMs: readonly number[];
  readonly failoversMs: readonly number[];
  readonly seeds: number;
}

export interface SweptCell extends Cell {
  /** The scenario that was played, to play it again. */
  readonly scenario: string;
  readonly runs: number;
  readonly unsafe: number;
  /** Runs that say nothing: not played to their end, or not as their steps expect. */
  readonly notJudged: number;
}

/** Kind by kind, delay by delay, time by time. */
export function cellsOf({ kinds, delaysMs, failoversMs }: Grid): Cell[] {
  return kinds.flatMap((kind) =>
    delaysMs.flatMap((delayMs) => failoversMs.map((failoverMs) => ({ kind, delayMs, failoverMs }))),
  );
}

/** Plays every cell in memory. If `stop` is aborted, the cells hold what was played until then. */
export async function sweep(
  grid: Grid,
  { stop, onRun }: Pick<BatchOptions, 'stop'> & { readonly onRun: () => void },
): Promise<readonly SweptCell[]> {
  const cells = cellsOf(grid).map((cell) => ({
    ...cell,
    scenario: cellScenario(cell),
    runs: 0,
    unsafe: 0,
    notJudged: 0,
  }));
  const texts = cells.map(({ kind, scenario }) => ({ file: `${kind.name}.yaml`, text: scenario }));
  await playBatch(texts, jobsUnderSeeds(cells.length, grid.seeds), {
    stop,
    onResult: (place, { verdict, checksPassed }) => {
      const cell = cells[Math.floor(place / grid.seeds)];
      if (cell === undefined) throw new RangeError(`there is no job ${place}`);
      cell.runs += 1;
      if (verdict === 'UNSAFE' && checksPassed) cell.unsafe += 1;
      else if (verdict !== 'SAFE' || !checksPassed) cell.notJudged += 1;
      onRun();
    },
  });
  return cells;
}
