import { readFileSync } from 'node:fs';
import { secretOfFile } from '../../protocol/index.js';
import { ConfigurationError } from './config-error.js';

/** Reads a secret: what the file holds, a line break at its end apart. Throws ConfigurationError. */
export function readSecretFile(path: string): string {
  try {
    return secretOfFile(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new ConfigurationError(`secret file ${path}: ${cause.message}`, { cause });
    }
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ConfigurationError(`secret file ${path}: ${why}`, { cause });
  }
}
