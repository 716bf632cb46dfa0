import type { ScenarioEvent } from '../../scenario/events.js';
import { nexusText } from '../../scenario/show-reservations.js';
import { PLAIN } from '../style.js';
import { Timeline } from '../timeline.js';
import { writeName } from './recording.js';

export interface EventRow {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

/** Every event in words: those of the live timeline, with a row for each write and each change of registrations. */
export function eventRows(events: readonly ScenarioEvent[]): readonly EventRow[] {
  return events.flatMap((event) => {
    const row = (who: string, what: string): EventRow => ({ at: event.at, who, what });
    switch (event.type) {
      case 'writeIssued':
        return row(event.write.node, `${writeName(event.write)} is handed over`);
      case 'write': {
        const { write, outcome, reason } = event;
        return row(
          write.node,
          `${writeName(write)}, ${write.kind}, LUN ${write.lun} LBA ${write.lba}: ${outcome}, ${reason}`,
        );
      }
      case 'reservations': {
        const names = event.registrations.map((one) => `${nexusText(one)} ${one.key}`);
        const registered = names.length === 0 ? 'nobody is registered' : `registered: ${names.join(', ')}`;
        const reserved =
          event.reservation === null ? 'no reservation' : `reservation ${event.reservation.type}`;
        return row('', `LUN ${event.lun}: ${registered}; ${reserved}`);
      }
      default:
        return [row('node' in event ? event.node : '', timelineText(event))];
    }
  });
}

function timelineText(event: ScenarioEvent): string {
  const texts: string[] = [];
  new Timeline(
    (text) => texts.push(text),
    PLAIN,
    (_at, _who, what) => what,
  ).show(event);
  return texts.join('\n').trim();
}
