import { STANDARD_BEHAVIOUR, type DeviceBehaviour } from '../../logical-unit/behaviour.js';
import type { Quirk } from './quirk.js';
import { TGT_QUIRKS } from './tgt.js';

export type { Quirk } from './quirk.js';

/** Every quirk there is, by array. */
export const QUIRKS: readonly Quirk[] = [...TGT_QUIRKS];

const BY_NAME: ReadonlyMap<string, Quirk> = new Map(QUIRKS.map((quirk) => [quirk.name, quirk]));

/** How a device server with these quirks behaves; a later one stands before an earlier one. Throws RangeError. */
export function behaviourWith(names: readonly string[]): DeviceBehaviour {
  return names.reduce((behaviour, name) => {
    const quirk = BY_NAME.get(name);
    if (quirk === undefined) {
      throw new RangeError(`no quirk is called '${name}': 'fencelab target --list-quirks' lists them`);
    }
    return { ...behaviour, ...quirk.change(behaviour) };
  }, STANDARD_BEHAVIOUR);
}
