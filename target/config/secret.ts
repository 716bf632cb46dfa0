import { readFileSync, statSync } from 'node:fs';
import { secretOfFile } from '../../protocol/index.js';
import { warnOnStandardError } from '../warn.js';
import { ConfigurationError } from './config-error.js';

const READABLE_BY_EVERYBODY = 0o004;

/**
 * Reads a secret: what the file holds, a line break at its end apart. A file that everybody on this machine may read is used,
 * with a line of warning. Throws ConfigurationError.
 */
export function readSecretFile(path: string): string {
  try {
    const secret = secretOfFile(readFileSync(path, 'utf8'));
    if ((statSync(path).mode & READABLE_BY_EVERYBODY) !== 0) {
      warnOnStandardError(`secret file ${path}: everybody here may read it, expected mode 600`);
    }
    return secret;
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new ConfigurationError(`secret file ${path}: ${cause.message}`, { cause });
    }
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ConfigurationError(`secret file ${path}: ${why}`, { cause });
  }
}
