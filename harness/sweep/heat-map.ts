import type { Style } from '../report/index.js';
import type { Grid, SweptCell } from './sweep.js';

/** Shades by the share of runs, each up to and with its limit; a share of none has its own. */
export const SHADES = [
  { most: 0, character: '·', grey: '#ffffff' },
  { most: 0.25, character: '░', grey: '#d9d9d9' },
  { most: 0.5, character: '▒', grey: '#a6a6a6' },
  { most: 0.75, character: '▓', grey: '#6e6e6e' },
  { most: 1, character: '█', grey: '#262626' },
] as const;

export const shadeOf = (share: number): (typeof SHADES)[number] =>
  SHADES.find(({ most }) => share <= most) ?? SHADES[SHADES.length - 1] ?? SHADES[0];

export const shareOf = ({ unsafe, runs }: SweptCell): number => (runs === 0 ? 0 : unsafe / runs);

/** `0 %`, `0.3 %`, `42 %`, `100 %`: what is neither none nor all never reads as if it were. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  if (value < 1 || value > 99) return `${Math.min(Math.max(Number(value.toFixed(1)), 0.1), 99.9)} %`;
  return `${Math.round(value)} %`;
}

/** `5 s` or `500 ms`. */
export const timeText = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`);

const CELL_WIDTH = 9;
const DELAY_WIDTH = 10;
export const SCALE_TITLE = 'Share of runs that are UNSAFE';

/** The heat map for a terminal: a block for each kind, the longest delay on top. It needs no colours. */
export function heatMap(grid: Grid, cells: readonly SweptCell[], style: Style): string[] {
  const lines = grid.kinds.flatMap((kind) => {
    const rows = grid.delaysMs.toReversed().map((delayMs) => {
      const row = cells.filter((cell) => cell.kind === kind && cell.delayMs === delayMs);
      const shown = row.map((cell) => {
        const share = shareOf(cell);
        const text = `${shadeOf(share).character} ${percent(share)}`.padStart(CELL_WIDTH);
        return share === 0 ? text : style.bad(text);
      });
      return `${timeText(delayMs).padStart(DELAY_WIDTH)} |${shown.join('')}`;
    });
    const times = grid.failoversMs.map((ms) => timeText(ms).padStart(CELL_WIDTH)).join('');
    return [style.strong(`${kind.name}: ${kind.title}`), ...rows, `${' '.repeat(DELAY_WIDTH)}  ${times}`, ''];
  });
  const scale = SHADES.map(({ most, character }) =>
    most === 0 ? `${character} none` : `${character} up to ${most * 100} %`,
  );
  return [
    ...lines,
    'Up: mean delay of the pending write; the seed draws it evenly from 0 to twice that. Right: time to fail over.',
    `${SCALE_TITLE}: ${scale.join('   ')}`,
  ];
}
