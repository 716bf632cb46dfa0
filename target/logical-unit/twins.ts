import { ASSOCIATION, DESIGNATOR_TYPE } from '../../protocol/index.js';
import type { UnitDescription } from '../commands/unit-description.js';

type Described = Pick<UnitDescription, 'lun' | 'vendor' | 'serial' | 'designators'>;

/**
 * Refuses two logical units with one designator (SPC-4 7.8.6): multipath software takes them for one disk, and writes to the
 * one what is for the other. Throws RangeError in one line.
 */
export function refuseTwins(units: Iterable<Described>): void {
  const known = new Map<string, number>();
  for (const { lun, vendor, serial, designators } of units) {
    for (const { association, type, designator } of designators) {
      if (association !== ASSOCIATION.logicalUnit) continue;
      const hex = Buffer.from(designator).toString('hex');
      const other = known.get(`${type},${hex}`);
      if (other !== undefined) {
        const said = type === DESIGNATOR_TYPE.naa ? `naa ${hex}` : `serial '${serial}' of vendor '${vendor}'`;
        throw new RangeError(
          `LUN ${lun}: ${said} is that of LUN ${other}: expected one that no other LUN has`,
        );
      }
      known.set(`${type},${hex}`, lun);
    }
  }
}
