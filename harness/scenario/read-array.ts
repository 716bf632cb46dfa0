import { profileNamed, quirkNamed } from '../../target/index.js';
import type { ArrayModel } from '../cluster/model.js';
import { messageOf } from '../message-of.js';
import type { ScenarioFile } from './schema/scenario-file.js';
import type { Path, ScenarioSource } from './source.js';

/** What an array that ignores reservations does: the negative control of most scenarios. */
const IGNORES_RESERVATIONS = 'gotgt-never-enforces';

/** The array of a scenario; the profile and the quirks that it names are there. */
export function readArray(source: ScenarioSource, read: ScenarioFile['array']): ArrayModel {
  const { transport, portals = 1, luns, ignoreReservations = false, profile, quirks = [] } = read;
  if (profile !== undefined) named(source, ['array', 'profile'], () => profileNamed(profile));
  for (const [index, quirk] of quirks.entries()) {
    named(source, ['array', 'quirks', index], () => quirkNamed(quirk));
  }
  return {
    transport,
    portals,
    luns: luns.map(({ name, nopr = false }, lun) => ({ lun, name, nopr })),
    profile,
    quirks: [...quirks, ...(ignoreReservations ? [IGNORES_RESERVATIONS] : [])],
  };
}

function named(source: ScenarioSource, place: Path, look: () => unknown): void {
  try {
    look();
  } catch (error) {
    throw source.error(place, messageOf(error));
  }
}
