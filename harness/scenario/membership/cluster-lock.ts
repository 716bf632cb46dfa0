import { LogicalUnit } from '../../../initiator/index.js';
import { decodeLockClaim, encodeLockClaim, type LockClaim } from '../../cluster/lock-block.js';
import { RECORD_LENGTH_BYTES } from '../../oracle/types.js';
import { onSomePath } from '../../runtime/application.js';
import type { Runtime } from '../../runtime/runtime.js';

/** The only block of a lock LUN that is used. */
const LOCK_LBA = 0n;

/**
 * Tries to take the cluster lock for a re-formation, by what a node reads and writes on the lock LUN. Yields who has it
 * then: the claim of the first that asked stays. Undefined where the node cannot read or write the LUN: a cluster whose
 * lock fails halts (Managing HP Serviceguard for Linux, ninth edition, p. 45).
 */
export async function takeClusterLock(
  runtime: Runtime,
  lun: number,
  claim: LockClaim,
): Promise<LockClaim | undefined> {
  const paths = await runtime.openPaths(claim.node, lun).catch(() => []);
  try {
    const before = await readClaim(paths);
    if (before === undefined) return undefined;
    if (before.claim?.cluster === claim.cluster && before.claim.reformation >= claim.reformation) {
      return before.claim;
    }
    const block = encodeLockClaim(claim, RECORD_LENGTH_BYTES);
    const written = await onSomePath(paths, (unit) => unit.write(LOCK_LBA, block, RECORD_LENGTH_BYTES));
    if (!written.good) return undefined;
    // What counts is what the array says afterwards: somebody else may have written meanwhile.
    return (await readClaim(paths))?.claim;
  } catch {
    return undefined;
  } finally {
    for (const path of paths) await path.close();
  }
}

async function readClaim(
  paths: Parameters<typeof onSomePath>[0],
): Promise<{ readonly claim: LockClaim | undefined } | undefined> {
  const { value } = await onSomePath(paths, (unit: LogicalUnit) =>
    unit.read(LOCK_LBA, 1, RECORD_LENGTH_BYTES),
  );
  return value === undefined ? undefined : { claim: decodeLockClaim(value) };
}
