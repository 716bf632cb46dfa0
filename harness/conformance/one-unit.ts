import { decodeDeviceIdentification, VPD_PAGE } from '../../protocol/index.js';
import { unitNames } from '../probe/unit-identity.js';
import { unitOf } from './facts.js';
import type { Nexus } from './reach/reach.js';

/** A nexus of a suite, as messages call it. */
interface NamedNexus {
  readonly label: string;
  readonly nexus: Nexus;
}

/**
 * Requires that all lead to one logical unit, as page 83h names it: a suite registers and reserves through each of them, and
 * asks through the first alone whether anybody uses the unit. Rejects in one line where one leads elsewhere. Where no name
 * tells, nothing can be compared.
 */
export async function requireOneUnit([first, ...others]: readonly NamedNexus[]): Promise<void> {
  if (first === undefined) return;
  const wanted = await namesOf(first.nexus);
  for (const { label, nexus } of others) {
    const names = await namesOf(nexus);
    if (names.length === 0 && wanted.length === 0) continue;
    if (names.some((name) => wanted.includes(name))) continue;
    throw new Error(
      `${first.label} reaches ${inWords(wanted)}, ${label} ${inWords(names)}: expected one logical unit for all`,
    );
  }
}

async function namesOf(nexus: Nexus): Promise<readonly string[]> {
  const { value } = await unitOf(nexus).vpdPage(VPD_PAGE.deviceIdentification);
  return unitNames((value === undefined ? undefined : decodeDeviceIdentification(value)) ?? []);
}

const inWords = (names: readonly string[]): string =>
  names[0] === undefined ? 'a unit that page 83h does not name' : names[0];
