import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { scenarioFolder } from '../../../harness/index.js';

/** Every scenario file that comes with the package. */
export const scenarioFiles: readonly string[] = readdirSync(scenarioFolder())
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join(scenarioFolder(), name));

/** A twin and the SAFE scenario it differs from: `x.unsafe-why.yaml` and `x.yaml`. */
export const twins: readonly { readonly safe: string; readonly unsafe: string }[] = scenarioFiles
  .filter((file) => file.includes('.unsafe-'))
  .map((unsafe) => ({ unsafe, safe: unsafe.replace(/\.unsafe-[^.]+\.yaml$/, '.yaml') }));

export const nameOf = (file: string): string => basename(file, '.yaml');
