import type { LogicalUnitOptions } from '../options.js';
import { ConfigurationError } from './config-error.js';
import { logicalUnitOf, LUN_EXPECTED, LUN_OPTIONS, lunNumber } from './lun-options.js';

/**
 * Reads a LUN SPEC, for example `0,size=64MiB,thin` or `1,file=disk.img,block=4096`: the number first, then `size=` or
 * `file=`, then options in any order. Throws ConfigurationError that says which part, and what was expected.
 */
export function parseLunSpec(text: string): LogicalUnitOptions {
  const fail = (problem: string): ConfigurationError =>
    new ConfigurationError(`LUN SPEC '${text}': ${problem}`);
  const [numberPart = '', ...parts] = text.split(',');
  const lun = lunNumber(numberPart);
  if (lun === undefined) throw fail(`'${numberPart}': expected ${LUN_EXPECTED} first`);
  const given = new Map<string, Partial<LogicalUnitOptions>>();
  for (const part of parts) {
    const [name, options] = readPart(part, fail);
    if (given.has(name)) throw fail(`${name} is given twice`);
    given.set(name, options);
  }
  const unit = logicalUnitOf(lun, given);
  if (typeof unit === 'string') throw fail(unit);
  return unit;
}

function readPart(
  part: string,
  fail: (problem: string) => ConfigurationError,
): readonly [string, Partial<LogicalUnitOptions>] {
  const equals = part.indexOf('=');
  const name = equals < 0 ? part : part.slice(0, equals);
  const option = LUN_OPTIONS.get(name);
  if (option === undefined) {
    throw fail(`'${part}': expected one of ${[...LUN_OPTIONS.keys()].join(', ')}`);
  }
  if (option.kind === 'flag' && equals >= 0) throw fail(`'${part}': expected ${name} without a value`);
  if (option.kind === 'value' && equals < 0)
    throw fail(`'${part}': expected ${name}= and ${option.expected}`);
  const options = option.read(option.kind === 'flag' ? 'true' : part.slice(equals + 1));
  if (options === undefined) throw fail(`'${part}': expected ${option.expected}`);
  return [name, options];
}
