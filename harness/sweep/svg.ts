import { percent, SCALE_TITLE, SHADES, shadeOf, shareOf, timeText } from './heat-map.js';
import type { Grid, SweptCell } from './sweep.js';

const CELL = { width: 84, height: 34 };
const MARGIN = { left: 90, top: 34, title: 24, axis: 46, right: 20 };
const PANEL_WIDTH_MIN = 660;
const SCALE_HEIGHT = 64;

/** The heat map as one SVG picture: a panel for each kind. Every cell has its number, so it reads without its shade. */
export function heatMapSvg(grid: Grid, cells: readonly SweptCell[]): string {
  const panelHeight = MARGIN.title + grid.delaysMs.length * CELL.height + MARGIN.axis;
  const width = Math.max(PANEL_WIDTH_MIN, MARGIN.left + grid.failoversMs.length * CELL.width + MARGIN.right);
  const height = MARGIN.top + grid.kinds.length * panelHeight + SCALE_HEIGHT;
  const panels = grid.kinds.map((kind, index) =>
    panel(
      grid,
      cells.filter((cell) => cell.kind === kind),
      `${kind.name}: ${kind.title}`,
      MARGIN.top + index * panelHeight,
    ),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="13">
<title>${SCALE_TITLE}, by delay of the pending write, time to fail over and kind of fencing; ${grid.seeds} seeds a cell</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="10" y="22" font-size="16">${SCALE_TITLE}; ${grid.seeds} seeds a cell</text>
${panels.join('\n')}
${scale(height - SCALE_HEIGHT + 24)}
</svg>
`;
}

function panel(grid: Grid, cells: readonly SweptCell[], title: string, top: number): string {
  const delays = grid.delaysMs.toReversed();
  const bottom = top + MARGIN.title + delays.length * CELL.height;
  const drawn = cells.map((cell) => {
    const x = MARGIN.left + grid.failoversMs.indexOf(cell.failoverMs) * CELL.width;
    const y = top + MARGIN.title + delays.indexOf(cell.delayMs) * CELL.height;
    return box(x, y, shareOf(cell));
  });
  const rows = delays.map(
    (delayMs, index) =>
      `<text x="${MARGIN.left - 8}" y="${top + MARGIN.title + index * CELL.height + 22}" text-anchor="end">${timeText(delayMs)}</text>`,
  );
  const columns = grid.failoversMs.map(
    (ms, index) =>
      `<text x="${MARGIN.left + (index + 0.5) * CELL.width}" y="${bottom + 16}" text-anchor="middle">${timeText(ms)}</text>`,
  );
  return `<g><text x="10" y="${top + 15}" font-weight="bold">${title}</text>
${[...drawn, ...rows, ...columns].join('\n')}
<text x="10" y="${top + MARGIN.title + 14}" fill="#555555" font-size="11">mean delay</text>
<text x="${MARGIN.left}" y="${bottom + 32}" fill="#555555" font-size="11">time to fail over</text></g>`;
}

function box(x: number, y: number, share: number): string {
  const { grey, most } = shadeOf(share);
  const ink = most > 0.5 ? '#ffffff' : '#000000';
  return (
    `<rect x="${x}" y="${y}" width="${CELL.width}" height="${CELL.height}" fill="${grey}" stroke="#555555"/>` +
    `<text x="${x + CELL.width / 2}" y="${y + 22}" text-anchor="middle" fill="${ink}">${percent(share)}</text>`
  );
}

function scale(top: number): string {
  const steps = SHADES.map(({ most, grey }, index) => {
    const x = MARGIN.left + index * 110;
    const text = most === 0 ? 'none' : `up to ${most * 100} %`;
    return (
      `<rect x="${x}" y="${top}" width="18" height="18" fill="${grey}" stroke="#555555"/>` +
      `<text x="${x + 24}" y="${top + 14}">${text}</text>`
    );
  });
  return `<g>${steps.join('\n')}</g>`;
}
