import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './one-line.js';

/** An output that cannot be written is told before anything is done; `option` is the one that asked for it. */
export async function checkPlaceOf(option: string, file: string): Promise<void> {
  if (file === '') throw new UsageError(`${option} '': expected a file`);
  if (file === '-') {
    throw new UsageError(
      `${option} -: standard output is for people, expected a file (./- for one of that name)`,
    );
  }
  const folder = dirname(resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    const why = codeOf(cause) === 'ENOENT' ? 'does not exist' : 'cannot be written to';
    throw new UsageError(`${option} ${file}: the folder ${folder} ${why}`, { cause });
  }
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory() === true)
    throw new UsageError(`${option} ${file}: it is a folder, expected a file`);
}

/** Writes what an option asked for. Throws UsageError where that fails after all. */
export async function writeOutput(option: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(`${option} ${file}: it cannot be written (${codeOf(cause) ?? 'unknown error'})`, {
      cause,
    });
  }
}

/** The same for programs. */
export function writeJson(option: string, file: string, value: object): Promise<void> {
  return writeOutput(option, file, `${JSON.stringify(value, null, 2)}\n`);
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Two reports in one file would leave the last. */
export function checkOneEach({
  json,
  junit,
  html,
}: {
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
}): void {
  const given = Object.entries({ json, junit, html }).filter(([, file]) => file !== undefined);
  for (const [index, [option, file]] of given.entries()) {
    const [other] = given.slice(0, index).find(([, one]) => one === file) ?? [];
    if (other === undefined) continue;
    throw new UsageError(
      `--${option} ${String(file)}: --${other} is written there, expected a file of its own`,
    );
  }
}
