import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fencelab } from '../cli/run-program.js';
import { parseScenario, runScenario } from '../../../harness/index.js';
import { PLAIN } from '../../../harness/report/index.js';
import { cellScenario } from '../../../harness/sweep/cell-scenario.js';
import { heatMap, percent, shadeOf } from '../../../harness/sweep/heat-map.js';
import { FENCING_KINDS } from '../../../harness/sweep/kinds.js';
import { heatMapSvg } from '../../../harness/sweep/svg.js';
import { cellsOf, sweep, type Grid, type SweptCell } from '../../../harness/sweep/sweep.js';

const folder = mkdtempSync(join(tmpdir(), 'fencelab-sweep-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const kindNamed = (name: string): (typeof FENCING_KINDS)[number] => {
  const kind = FENCING_KINDS.find((each) => each.name === name);
  if (kind === undefined) throw new Error(`there is no kind ${name}`);
  return kind;
};

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const A1118_WAIT_MS = 70_000;
/** Commands take a millisecond each: a delay that ends within so many of the takeover is left out. */
const COMMANDS_MS = 200;

/** The delay that a seed draws in a cell, as the scenario's own steps have it. */
function delayUnder(text: string, seed: number): number {
  const hold = parseScenario(text, 'cell.yaml')
    .stepsUnder(seed)
    .find(({ name }) => name === 'hold');
  const [, ms] = /for=(\d+)ms/.exec(hold?.text ?? '') ?? [];
  return Number(ms);
}

/** One cell, played seed by seed. */
async function playedCell(
  name: string,
  delayMs: number,
  failoverMs: number,
): Promise<(readonly [number, boolean])[]> {
  const kind = kindNamed(name);
  const grid = { kinds: [kind], delaysMs: [delayMs], failoversMs: [failoverMs], seeds: SEEDS.length };
  const text = cellScenario({ kind, delayMs, failoverMs });
  const [cell] = await sweep(grid, { stop: new AbortController().signal, onRun: () => undefined });
  expect(cell).toMatchObject({ scenario: text, runs: SEEDS.length, notJudged: 0 });

  const scenario = parseScenario(text, 'cell.yaml');
  const each: (readonly [number, boolean])[] = [];
  for (const seed of SEEDS) {
    const { verdict } = await runScenario(scenario, { runtime: 'memory', seed });
    each.push([delayUnder(text, seed), verdict.verdict === 'UNSAFE']);
  }
  expect(each.filter(([, unsafe]) => unsafe)).toHaveLength(cell?.unsafe ?? -1);
  return each;
}

describe('a cell of the sweep, played for real', () => {
  it.each([
    ['one-box', 30_000, 0],
    ['a1119', 30_000, 0],
    ['a1118', 30_000, A1118_WAIT_MS],
  ])(
    '%s harms under a seed if and only if its delay outlasts the takeover',
    async (name, failoverMs, waitMs) => {
      const takeoverMs = failoverMs + waitMs;
      const runs = await playedCell(name, takeoverMs, failoverMs);
      const clear = runs.filter(([delayMs]) => Math.abs(delayMs - takeoverMs) > COMMANDS_MS);
      expect(clear.map(([delayMs, unsafe]) => [delayMs, unsafe])).toEqual(
        clear.map(([delayMs]) => [delayMs, delayMs > takeoverMs]),
      );
      expect(new Set(clear.map(([, unsafe]) => unsafe)).size).toBe(2);
    },
  );

  it('never harms where the wait of A.11.18 covers every delay', async () => {
    expect((await playedCell('a1118', 30_000, 1_000)).filter(([, unsafe]) => unsafe)).toEqual([]);
  });

  it.each(['two-hosts', 'preempt-and-abort'])('%s never harms, however long the delay', async (name) => {
    expect((await playedCell(name, 3_000_000, 1_000)).filter(([, unsafe]) => unsafe)).toEqual([]);
  });
});

const GRID: Grid = {
  kinds: [kindNamed('one-box'), kindNamed('preempt-and-abort')],
  delaysMs: [5_000, 120_000],
  failoversMs: [500, 30_000],
  seeds: 1_000,
};
const SWEPT: readonly SweptCell[] = cellsOf(GRID).map((cell, index) => ({
  ...cell,
  scenario: '',
  runs: 1_000,
  unsafe: [950, 0, 1_000, 3, 0, 0, 0, 0][index] ?? 0,
  notJudged: 0,
}));

describe('the heat map', () => {
  it('reads without colours: numbers, shades and the scale', () => {
    expect(heatMap(GRID, SWEPT, PLAIN)).toEqual([
      'one-box: both guests on one host, the write is pending in it',
      '     120 s |  █ 100 %  ░ 0.3 %',
      '       5 s |   █ 95 %    · 0 %',
      '               500 ms     30 s',
      '',
      'preempt-and-abort: two hosts, PREEMPT AND ABORT, the write is pending in the array',
      '     120 s |    · 0 %    · 0 %',
      '       5 s |    · 0 %    · 0 %',
      '               500 ms     30 s',
      '',
      'Up: mean delay of the pending write; the seed draws it evenly from 0 to twice that. Right: time to fail over.',
      'Share of runs that are UNSAFE: · none   ░ up to 25 %   ▒ up to 50 %   ▓ up to 75 %   █ up to 100 %',
    ]);
  });

  it('never calls some none, or nearly all all', () => {
    expect([0, 0.0001, 0.004, 0.25, 0.9999, 1].map(percent)).toEqual([
      '0 %',
      '0.1 %',
      '0.4 %',
      '25 %',
      '99.9 %',
      '100 %',
    ]);
    expect([0, 0.0001, 0.25, 0.26, 0.75, 0.76].map((share) => shadeOf(share).character).join('')).toBe(
      '·░░▒▓█',
    );
  });

  it('is a picture with a number and a shade in each cell', () => {
    const svg = heatMapSvg(GRID, SWEPT);
    const boxes = [...svg.matchAll(/fill="(#[0-9a-f]{6})" stroke="#555555"\/><text [^>]*>([^<]*)</g)];
    const cells = boxes.slice(0, 8).map(([, fill, text]) => `${text ?? ''} ${fill ?? ''}`);
    expect(cells).toEqual([
      '95 % #262626',
      '0 % #ffffff',
      '100 % #262626',
      '0.3 % #d9d9d9',
      '0 % #ffffff',
      '0 % #ffffff',
      '0 % #ffffff',
      '0 % #ffffff',
    ]);
    expect(svg.match(/<text/g)).toHaveLength(svg.match(/<\/text>/g)?.length ?? -1);
    expect(svg).toContain('role="img"');
  });
});

describe('fencelab sweep', () => {
  it('prints the heat map, and writes the picture and the numbers with what was played', async () => {
    const [svg, json] = [join(folder, 'sweep.svg'), join(folder, 'sweep.json')];
    const argv = ['--seeds', '4', '--delays', '20s,5s', '--failovers', '10s', '--only', 'one-box,one-box'];
    const { exitStatus, stdout } = await fencelab('sweep', ...argv, '--svg', svg, '--json', json);
    expect(exitStatus).toBe(0);
    expect(stdout).toMatch(/^one-box: .*\n +20 s \|.*%\n +5 s \| +· 0 %\n +10 s\n/);
    expect(stdout).toMatch(/\n8 runs in memory, 4 seeds a cell, in \d+\.\d s, \d+ a second\.\n$/);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    const report = JSON.parse(readFileSync(json, 'utf8')) as {
      cells: readonly { kind: string; delayMs: number; runs: number; unsafe: number; scenario: string }[];
    };
    expect(report.cells.map(({ kind, delayMs, runs }) => [kind, delayMs, runs])).toEqual([
      ['one-box', 5_000, 4],
      ['one-box', 20_000, 4],
    ]);
    // The scenario of a cell can be played by hand: SAFE is what it expects, so the seeds that harm are told.
    const file = join(folder, 'cell.yaml');
    writeFileSync(file, report.cells[1]?.scenario ?? '');
    const again = await fencelab('run', '--seeds', '4', file);
    const unsafe = report.cells[1]?.unsafe ?? -1;
    expect(again.stdout).toMatch(new RegExp(`^cell +SAFE +${4 - unsafe} +${unsafe} +0 +0 +${unsafe}$`, 'm'));
  });

  it.each([
    [['--seeds', '0'], '--seeds 0: expected a whole number from 1 to 1000000'],
    [['--delays', '5'], '--delays 5: expected times above 0 and up to 3600s such as 5s,30s,500ms'],
    [['--failovers', '0s'], '--failovers 0s: expected times above 0 and up to 3600s such as 5s,30s,500ms'],
    [
      ['--only', 'a1120'],
      "--only a1120: there is no kind 'a1120', expected some of one-box, two-hosts, a1118, a1119, preempt-and-abort",
    ],
    [['--svg', '/nowhere/x.svg'], '--svg /nowhere/x.svg: the folder /nowhere does not exist'],
  ])('%j is told in one line', async (argv, problem) => {
    expect(await fencelab('sweep', ...argv)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: ${problem}\n`,
    });
  });
});
