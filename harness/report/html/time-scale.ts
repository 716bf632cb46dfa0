import type { ScenarioEvent } from '../../scenario/events.js';

/** Where things stand from left to right, and the times that are written above. */
export interface TimeScale {
  /** By the place of an event in the list. */
  readonly xOf: (index: number) => number;
  readonly width: number;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
  /** Spans that are drawn shorter than they are. */
  readonly gaps: readonly { readonly x: number; readonly text: string }[];
  /** Steps of the scenario, in rows so that no text covers another. */
  readonly steps: readonly { readonly x: number; readonly row: number; readonly text: string }[];
}

const LEFT = 12;
const ADVANCE = 17;
/** Silence from here on is drawn as a gap of one width, with its length. */
const GAP_MS = 1_000;
const GAP_WIDTH = 44;
const TICK_WIDTH = 60;
const CHARACTER_WIDTH = 6.2;
export const STEP_ROWS = 3;

/** Things that need no room of their own: they begin or end what is drawn by others. */
const WITHOUT_ROOM: readonly ScenarioEvent['type'][] = [
  'scenarioStarted',
  'writeIssued',
  'reservations',
  'view',
];

/**
 * Time goes on from left to right, and unevenly: each event has its room, however close it follows, and silence of a
 * second or more is cut short and says how long it is.
 */
export function timeScale(events: readonly ScenarioEvent[]): TimeScale {
  const xs: number[] = [];
  const ticks: { x: number; text: string }[] = [];
  const gaps: { x: number; text: string }[] = [];
  const steps: { x: number; row: number; text: string }[] = [];
  const rowEnds = Array.from({ length: STEP_ROWS }, () => 0);
  let x = LEFT;
  let at = 0;
  for (const event of events) {
    if (!WITHOUT_ROOM.includes(event.type)) x += ADVANCE;
    if (event.at - at >= GAP_MS) {
      gaps.push({ x: x + GAP_WIDTH / 2 - ADVANCE / 2, text: `${((event.at - at) / 1000).toFixed(0)} s` });
      x += GAP_WIDTH;
    }
    if (event.type === 'step') {
      const text = shortStep(event.text);
      const row = rowEnds.indexOf(Math.min(...rowEnds));
      x = Math.max(x, rowEnds[row] ?? 0);
      rowEnds[row] = x + text.length * CHARACTER_WIDTH + 14;
      steps.push({ x, row, text });
    }
    const last = ticks.at(-1);
    if (last === undefined || (x - last.x >= TICK_WIDTH && event.at > at)) {
      ticks.push({ x, text: `${(event.at / 1000).toFixed(3)} s` });
    }
    at = Math.max(at, event.at);
    xs.push(x);
  }
  const width = Math.max(x + ADVANCE * 2, ...rowEnds);
  return { xOf: (index) => xs[index] ?? width, width, ticks, gaps, steps };
}

/** `cmrunpkg pkg1 node1` of `cmrunpkg package=pkg1 node=node1`. */
const shortStep = (text: string): string => text.replaceAll(/\b[A-Za-z]+=/g, '');
