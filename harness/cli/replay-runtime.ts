import type { Target } from '../../target/index.js';
import type { Site } from '../cluster/model.js';
import { ExternalTarget, type ExternalTargetOptions } from '../runtime/external/external-target.js';
import { MemoryRuntime } from '../runtime/memory/memory-runtime.js';
import { ProcessesRuntime } from '../runtime/processes/processes-runtime.js';
import type { Runtime } from '../runtime/runtime.js';
import { UsageError } from './one-line.js';

/** Nothing falls due in the waits of a log, so none has to take time. */
const REAL_MS_PER_SECOND = 0;
/** Lines are given one after another: a seed decides nothing. */
const SEED = 1;

/**
 * What logs are replayed on: the built-in array in memory, which `onTarget` is given before anything uses it, or an array
 * that is there, with a process for each node.
 */
export async function startReplayRuntime(
  site: Site,
  options: ExternalTargetOptions | undefined,
  onTarget: (target: Target) => void,
): Promise<Runtime> {
  if (options === undefined) return MemoryRuntime.start(site, SEED, onTarget);
  checkItHas(site, options);
  const target = await ExternalTarget.open(options);
  const array = await target.arrayFor(site.array);
  return ProcessesRuntime.start(site, array, { realMsPerSecond: REAL_MS_PER_SECOND });
}

function checkItHas({ array }: Site, { luns, furtherPortals }: ExternalTargetOptions): void {
  const gap = array.luns.find(({ lun }, index) => lun !== index);
  if (gap !== undefined) {
    throw new UsageError(
      `--map: LUN ${gap.lun} is there and LUN ${gap.lun - 1} is not, expected LUNs from 0 without a gap with --target`,
    );
  }
  if (array.luns.length > luns.length) {
    throw new UsageError(
      `--target: the logs have ${array.luns.length} LUNs, expected --target once for each, or --map to make two names one LUN`,
    );
  }
  const portals = 1 + furtherPortals.length;
  if (array.portals > portals) {
    throw new UsageError(
      `--target: --map names port ${array.portals}, expected --target-portal for each port after the first`,
    );
  }
}
