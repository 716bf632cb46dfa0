import { InvalidArgumentError } from 'commander';

/** Gathers the values of an option that may be given several times, in their order (commander's argument parser). */
export const repeatable = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** For an option of which one would look as if both counted: refuses the second (commander's argument parser). */
export function once(value: string, before: string | undefined): string {
  if (before === undefined) return value;
  throw new InvalidArgumentError(`It is given once, and was '${before}'.`);
}
