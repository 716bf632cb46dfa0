import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './one-line.js';

/** A report that cannot be written is told before anything is played. */
export async function checkFolderOf(reportPath: string): Promise<void> {
  const folder = dirname(resolve(reportPath));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`--json ${reportPath}: the folder ${folder} cannot be written to`, { cause });
  }
}
