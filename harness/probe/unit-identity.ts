import { ASSOCIATION, DESIGNATOR_TYPE } from '../../protocol/index.js';
import type { Designator } from '../../protocol/index.js';

/** Kinds of designators that name one logical unit in the world, and how their names begin (SPC-4 7.8.6). */
const WORLD_WIDE = new Map<number, string>([
  [DESIGNATOR_TYPE.naa, 'naa.'],
  [DESIGNATOR_TYPE.eui64, 'eui.'],
]);

/**
 * The names by which page 83h tells a logical unit from others, best first: NAA and EUI-64 in hex, SCSI name strings, and
 * what the vendor says (T10) where there is nothing better, since some vendors give every unit the same.
 */
export function unitNames(designators: readonly Designator[]): readonly string[] {
  const ofUnit = designators.filter(({ association }) => association === ASSOCIATION.logicalUnit);
  const names = ofUnit.flatMap(({ type, designator }) => {
    const prefix = WORLD_WIDE.get(type);
    if (prefix !== undefined) return [prefix + Buffer.from(designator).toString('hex')];
    return type === DESIGNATOR_TYPE.scsiNameString ? [textOf(designator)] : [];
  });
  if (names.length > 0) return names;
  return ofUnit
    .filter(({ type }) => type === DESIGNATOR_TYPE.t10VendorId)
    .map(({ designator }) => `t10.${textOf(designator)}`);
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').replace(/\0+$/, '').trim();
