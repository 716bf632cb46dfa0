import type { LogicalUnitOptions } from '../options.js';
import { openFileMedium } from './file-medium.js';
import { CAPACITY_BYTES_MAX } from './limits.js';
import type { Medium } from './medium.js';
import { MemoryMedium } from './memory-medium.js';

/** The medium of a logical unit. Rejects with one line where a file cannot be opened, or memory would be too large. */
export async function openMedium(
  options: Pick<LogicalUnitOptions, 'lun' | 'medium' | 'readonly'>,
): Promise<Medium> {
  const { lun, medium } = options;
  if (medium.kind === 'file') {
    return openFileMedium(medium.path, options.readonly === true ? 'read' : 'readWrite');
  }
  if (medium.sizeBytes > CAPACITY_BYTES_MAX) {
    throw new RangeError(
      `LUN ${lun}: size: expected at most ${CAPACITY_BYTES_MAX} bytes, found ${medium.sizeBytes}`,
    );
  }
  return new MemoryMedium(medium.sizeBytes);
}
