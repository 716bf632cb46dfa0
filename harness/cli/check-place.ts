import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './one-line.js';

/** A report that cannot be written is told before anything is played; `option` is the one that asked for it. */
export async function checkPlaceOf(option: string, reportPath: string): Promise<void> {
  const folder = dirname(resolve(reportPath));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`${option} ${reportPath}: the folder ${folder} cannot be written to`, { cause });
  }
  const there = await stat(reportPath).catch(() => undefined);
  if (there?.isDirectory() === true) {
    throw new UsageError(`${option} ${reportPath}: it is a folder, expected a file`);
  }
}
