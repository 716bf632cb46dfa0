import { STANDARD_BEHAVIOUR, type DeviceBehaviour } from '../../logical-unit/behaviour.js';
import { COMSTAR_QUIRKS } from './comstar.js';
import { CTL_QUIRKS } from './ctl.js';
import { GOTGT_QUIRKS } from './gotgt.js';
import { HARUKA_QUIRKS } from './haruka.js';
import { ISTGT_QUIRKS } from './istgt.js';
import { LIO_QUIRKS } from './lio.js';
import type { Deviation, Quirk } from './quirk.js';
import { REPORTED_QUIRKS } from './reports.js';
import { SCST_QUIRKS } from './scst.js';
import { SPDK_QUIRKS } from './spdk.js';
import { TGT_QUIRKS } from './tgt.js';

export type { Deviation, Quirk } from './quirk.js';

/** Every quirk there is, by array. */
export const QUIRKS: readonly Quirk[] = [
  ...TGT_QUIRKS,
  ...LIO_QUIRKS,
  ...SCST_QUIRKS,
  ...CTL_QUIRKS,
  ...SPDK_QUIRKS,
  ...ISTGT_QUIRKS,
  ...GOTGT_QUIRKS,
  ...HARUKA_QUIRKS,
  ...COMSTAR_QUIRKS,
  ...REPORTED_QUIRKS,
];

const BY_NAME: ReadonlyMap<string, Quirk> = new Map(QUIRKS.map((quirk) => [quirk.name, quirk]));

/** How a device server with these quirks behaves; a later one stands before an earlier one. Throws RangeError. */
export function behaviourWith(quirks: readonly (string | Deviation)[]): DeviceBehaviour {
  return quirks.reduce<DeviceBehaviour>((behaviour, one) => {
    const { change } = typeof one === 'string' ? quirkNamed(one) : one;
    return { ...behaviour, ...change(behaviour) };
  }, STANDARD_BEHAVIOUR);
}

/** Throws RangeError, in one line, where there is none. */
export function quirkNamed(name: string): Quirk {
  const quirk = BY_NAME.get(name);
  if (quirk !== undefined) return quirk;
  throw new RangeError(`no quirk is called '${name}': 'fencelab target --list-quirks' lists them`);
}
