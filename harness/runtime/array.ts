import type { PortalOptions, TargetOptions } from '../../target/index.js';
import type { ArrayModel } from '../cluster/model.js';
import { placementLengthBlocks, RECORD_LENGTH_BYTES } from '../oracle/types.js';

export const ARRAY_IQN = 'iqn.2026-11.org.fencelab:array';

/** The array of a scenario as a target. */
export function arrayOptions(array: ArrayModel, portals: readonly PortalOptions[]): TargetOptions {
  return {
    iqn: ARRAY_IQN,
    portals,
    nonVolatileMemory: true,
    logicalUnits: array.luns.map(({ lun, nopr }) => ({
      lun,
      medium: { kind: 'memory', sizeBytes: placementLengthBlocks * RECORD_LENGTH_BYTES },
      nopr,
      ignoreReservations: array.ignoreReservations,
    })),
  };
}
