import { SourceError } from '../../source/yaml-source.js';
import { shownText } from '../../source/shown.js';
import { placeText, type Fact, type Place } from './model.js';

/** A configuration that cannot be checked: `file:line: what was wrong, what was expected`. */
export class ConfigurationError extends SourceError {
  override readonly name = 'ConfigurationError';
}

export function wrongAt(at: Place, problem: string): ConfigurationError {
  return new ConfigurationError(`${placeText(at)}: ${problem}`);
}

/** Long enough for the node list of a cluster, whose end may be what differs. */
const CONTRADICTION_LENGTH_MAX = 400;

/**
 * One fact of what CLUSTER.yaml and a file of the administrator's say. The file is what is in use, so its place counts.
 *
 * @throws ConfigurationError where the two contradict each other
 */
export function agreed<T>(
  stated: Fact<T> | undefined,
  inFile: Fact<T> | undefined,
  what: string,
  show: (value: T) => string = String,
): Fact<T> | undefined {
  if (stated === undefined) return inFile;
  if (inFile === undefined) return stated;
  const [found, expected] = [show(inFile.value), show(stated.value)];
  if (found !== expected) {
    const shown = (text: string): string => shownText(text, CONTRADICTION_LENGTH_MAX);
    throw wrongAt(
      inFile.at,
      `${what} is ${shown(found)}, expected ${shown(expected)} as ${placeText(stated.at)} has it`,
    );
  }
  return inFile;
}

export const onOff = (value: boolean): string => (value ? 'on' : 'off');
