import { Markup, markup } from '../markup.js';
import type { Band, Flag, Lane, Mark, Picture } from './layout.js';

/** Width of the names at the left. */
const LABELS_WIDTH = 190;
/** One strip of the printed picture is no wider: on A4 its letters are then 8 pixels high. */
const STRIP_WIDTH_MAX = 1250;

/** The shape of each mark around its middle; every fate has its own, so that none needs its colour. */
export const GLYPHS: Readonly<Record<Mark['glyph'], Markup>> = {
  acknowledged: markup`<circle r="5"/>`,
  refused: markup`<path d="M-5-5 5 5M5-5-5 5"/>`,
  failed: markup`<path d="M0-6 6 5H-6Z"/>`,
  pending: markup`<circle r="5" stroke-dasharray="2 2"/>`,
  landedLate: markup`<path d="M0-9 2.5-3 9-3 4 1.5 6 8 0 4-6 8-4 1.5-9-3-2.5-3Z"/>`,
  lost: markup`<circle r="6"/><path d="M-7 7 7-7"/>`,
  wrongOnMedium: markup`<path d="M0-8 8 0 0 8-8 0Z"/><path d="M0-4V1M0 3V4"/>`,
  notExclusive: markup`<rect x="-8" y="-5" width="10" height="10"/><rect x="-2" y="-5" width="10" height="10"/>`,
  command: markup`<rect x="-8" y="-7" width="16" height="14" rx="3"/>`,
  commandFailed: markup`<rect x="-8" y="-7" width="16" height="14"/><path d="M-8 7 8-7"/>`,
  note: markup`<circle r="7"/>`,
};

/** One picture: names at the left that stay, lanes that scroll; and the same in strips, for paper. */
export function pictureSvg(picture: Picture, id: string): Markup {
  const { scale, height } = picture;
  const count = Math.ceil(scale.width / STRIP_WIDTH_MAX);
  const stripWidth = Math.ceil(scale.width / count);
  const strips = Array.from({ length: count }, (_, strip) => strip);
  const labels = picture.lanes.map(labelOf);
  return markup`<div class="picture" tabindex="0" role="group" aria-label="Timeline; the table of events below says the same">
<svg class="labels" width="${LABELS_WIDTH}" height="${height}" viewBox="0 0 ${LABELS_WIDTH} ${height}"><g id="${id}-labels">${labels}</g></svg>
<svg class="lanes" width="${scale.width}" height="${height}" viewBox="0 0 ${scale.width} ${height}"><g id="${id}">${drawing(picture)}</g></svg>
</div>
<div class="strips" aria-hidden="true">${strips.map((strip) => {
    const x = strip * stripWidth;
    return markup`<svg viewBox="0 0 ${LABELS_WIDTH + stripWidth} ${height}"><use href="#${id}-labels"/><svg x="${LABELS_WIDTH}" width="${stripWidth}" height="${height}" viewBox="${x} 0 ${stripWidth} ${height}"><use href="#${id}"/></svg></svg>`;
  })}</div>
`;
}

function labelOf({ label, kind, y, height }: Lane): Markup {
  const indent = kind === 'guest' || kind === 'registrations' ? 16 : 6;
  return markup`<text class="label-${kind}" x="${indent}" y="${y + Math.min(height / 2 + 4, 14)}">${label}</text>`;
}

function drawing({ scale, height, lanes, bands, marks, flags }: Picture): Markup {
  return markup`${lanes.map(({ kind, y, height: tall }) => markup`<rect class="lane ${kind}" y="${y}" width="${scale.width}" height="${tall}"/>`)}
${scale.ticks.map(({ x, text }) => markup`<path class="tick" d="M${x} 20V${height}"/><text class="time" x="${x + 2}" y="14">${text}</text>`)}
${scale.gaps.map(({ x, text }) => markup`<path class="gap" d="M${x} 18V${height}"/><text class="time" text-anchor="middle" x="${x}" y="28">⋯ ${text} ⋯</text>`)}
${scale.steps.map(({ x, row, text }) => markup`<path class="step" d="M${x} ${34 + row * 15}v11"/><text x="${x + 3}" y="${43 + row * 15}">${text}</text>`)}
${bands.map(bandSvg)}
${flags.map(flagSvg)}
${marks.map(markSvg)}`;
}

/** A text that has no room in its band is left to its title. */
function bandSvg({ kind, x, width, y, height, text }: Band): Markup {
  const room = Math.floor((width - 6) / 6);
  const shown = text.length <= room ? text : room > 3 ? `${text.slice(0, room - 1)}…` : undefined;
  const textY = kind === 'hung' || kind === 'crashed' ? y + height - 5 : y + height / 2 + 4;
  return markup`<g class="band ${kind}"><title>${text}</title><rect x="${x}" y="${y}" width="${Math.max(2, width)}" height="${height}"/>${shown && markup`<text x="${x + 4}" y="${textY}">${shown}</text>`}</g>
`;
}

/** Its pole stands on what it marks, whose text begins there. */
function flagSvg({ x, y, text }: Flag): Markup {
  return markup`<g class="flag"><title>${text}</title><path d="M${x} ${y - 7}v9M${x} ${y - 7}h9l-3 3.5 3 3.5h-9"/></g>
`;
}

function markSvg({ glyph, x, y, code, title }: Mark): Markup {
  const letters =
    code === '' ? undefined : markup`<text class="code" text-anchor="middle" y="3.5">${code}</text>`;
  return markup`<g class="mark ${glyph}" transform="translate(${x} ${y})"><title>${title}</title>${GLYPHS[glyph]}${letters}</g>
`;
}
