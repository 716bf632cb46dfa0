import type { ItNexusId } from '../../protocol/index.js';
import { profileNamed, type PortalOptions, type Target, type TargetOptions } from '../../target/index.js';
import type { ArrayModel } from '../cluster/model.js';
import { placementLengthBlocks, RECORD_LENGTH_BYTES } from '../oracle/types.js';
import type { Hold } from './runtime.js';

export const ARRAY_IQN = 'iqn.2026-11.org.fencelab:array';

/** The array of a scenario as a target. Throws RangeError where there is no such quirk or profile. */
export function arrayOptions(array: ArrayModel, portals: readonly PortalOptions[]): TargetOptions {
  return {
    iqn: ARRAY_IQN,
    portals,
    nonVolatileMemory: true,
    quirks: [...(array.profile === undefined ? [] : profileNamed(array.profile).deviations), ...array.quirks],
    logicalUnits: array.luns.map(({ lun, nopr }) => ({
      lun,
      medium: { kind: 'memory', sizeBytes: placementLengthBlocks * RECORD_LENGTH_BYTES },
      nopr,
    })),
  };
}

/** Keeps the next writes that come by some nexuses back in our own array, behind its checks. */
export function holdInTarget(
  target: Target,
  lun: number,
  nexusIds: readonly ItNexusId[],
  count: number,
): Hold {
  const hold = target.faults(lun).holdWrites({ nexusIds, count });
  return {
    held: hold.held,
    heldAny: () => Promise.resolve(hold.takenCount() > 0),
    release: () => hold.release(),
  };
}
