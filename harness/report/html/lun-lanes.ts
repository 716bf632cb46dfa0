import type { LunModel } from '../../cluster/model.js';
import type { ScenarioEvent } from '../../scenario/events.js';
import { nexusText } from '../../scenario/show-reservations.js';
import type { Band, Lane } from './layout.js';
import type { TimeScale } from './time-scale.js';

export type LunLane = Lane & { readonly lun: number };
type Shown = Extract<ScenarioEvent, { type: 'reservations' }>;

const ROW = 16;

/** A lane for each LUN: its reservation above, a row for each nexus that ever registered below. */
export function bandsOfLuns(
  luns: readonly LunModel[],
  events: readonly ScenarioEvent[],
  scale: TimeScale,
  top: number,
): { readonly lanes: readonly LunLane[]; readonly bands: readonly Band[] } {
  const lanes: LunLane[] = [];
  const bands: Band[] = [];
  let y = top + 4;
  for (const { lun, name } of luns) {
    const states = events.flatMap((event, index) =>
      event.type === 'reservations' && event.lun === lun ? [{ event, x: scale.xOf(index) }] : [],
    );
    // A LUN of a log has no name but its number. The column of labels holds some thirty letters.
    const called = name === `LUN ${lun}` ? name : `LUN ${lun} ${name}`;
    const label = `${called}: ${states.length === 0 ? 'not told' : 'reservation'}`;
    lanes.push({ label, kind: 'lun', y, height: ROW, lun });
    bands.push(...bandsOf(states, 'reservation', reservationText, y, scale.width));
    y += ROW + 2;
    const names = states.flatMap(({ event }) => event.registrations.map(nexusText));
    for (const row of new Set(names)) {
      const keyText = ({ registrations }: Shown): string | undefined =>
        registrations.find((one) => nexusText(one) === row)?.key;
      lanes.push({ label: row, kind: 'registrations', y, height: ROW, lun });
      bands.push(...bandsOf(states, 'registration', keyText, y, scale.width));
      y += ROW + 1;
    }
    y += 6;
  }
  return { lanes, bands };
}

/** `writeExclusiveRegistrantsOnly, held by node1 path 1` */
function reservationText({ reservation }: Shown): string | undefined {
  if (reservation === null) return undefined;
  const { type, holder } = reservation;
  return `${type}, held by ${holder === null ? 'every registrant' : nexusText(holder)}`;
}

/** One band as long as the text stays the same. */
function bandsOf(
  states: readonly { readonly event: Shown; readonly x: number }[],
  kind: Band['kind'],
  textOf: (event: Shown) => string | undefined,
  y: number,
  end: number,
): Band[] {
  const bands: Band[] = [];
  let open: { x: number; text: string } | undefined;
  const close = (x: number): void => {
    if (open !== undefined)
      bands.push({ kind, x: open.x, width: x - open.x, y, height: ROW - 2, text: open.text });
    open = undefined;
  };
  for (const { event, x } of states) {
    const text = textOf(event);
    if (text === open?.text) continue;
    close(x);
    if (text !== undefined) open = { x, text };
  }
  close(end);
  return bands;
}
