import { readFileSync } from 'node:fs';
import {
  ConfigurationError,
  parseConfiguration,
  type ClusterConfiguration,
} from '../cluster/configuration/index.js';

/**
 * Reads CLUSTER.yaml, the files that it names, and those given beside it: `.vmx` and `.vmdk` files, package
 * configuration files, control scripts.
 *
 * @throws ConfigurationError, one line: `file:line: what was wrong, what was expected`
 */
export function loadConfiguration(file: string, given: readonly string[] = []): ClusterConfiguration {
  const text = textOf(file);
  if (text === undefined) throw new ConfigurationError(`${file}: there is no such file`);
  return parseConfiguration(text, file, { given, textOf });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ConfigurationError(`${file}: cannot be read (${code ?? 'unknown error'})`, { cause });
  }
}
