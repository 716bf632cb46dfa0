import type { LogicalUnitOptions } from '../options.js';
import { openFileMedium } from './file-medium.js';
import type { Medium } from './medium.js';
import { MemoryMedium } from './memory-medium.js';

/** The medium of a logical unit. Rejects with one line where a file cannot be opened. */
export async function openMedium(options: Pick<LogicalUnitOptions, 'medium' | 'readonly'>): Promise<Medium> {
  const { medium } = options;
  if (medium.kind === 'memory') return new MemoryMedium(medium.sizeBytes);
  return openFileMedium(medium.path, options.readonly === true ? 'read' : 'readWrite');
}
