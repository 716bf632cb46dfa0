import type { LogicalUnitOptions } from '../options.js';
import { openFileMedium } from './file-medium.js';
import { CAPACITY_BYTES_MAX } from './limits.js';
import type { Medium } from './medium.js';
import { MemoryMedium } from './memory-medium.js';
import type { OpenFiles } from './open-files.js';

/**
 * The medium of a logical unit. Rejects with one line where a file cannot be opened or is another one's, or memory would be
 * too large.
 */
export async function openMedium(
  options: Pick<LogicalUnitOptions, 'lun' | 'medium' | 'readonly'>,
  files: OpenFiles,
): Promise<Medium> {
  const { lun, medium } = options;
  if (medium.kind === 'file') {
    const { path } = medium;
    const opened = await openFileMedium(path, options.readonly === true ? 'read' : 'readWrite');
    try {
      files.claim(lun, path, opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }
  if (medium.sizeBytes > CAPACITY_BYTES_MAX) {
    throw new RangeError(
      `LUN ${lun}: size: expected at most ${CAPACITY_BYTES_MAX} bytes, found ${medium.sizeBytes}`,
    );
  }
  return new MemoryMedium(medium.sizeBytes);
}
