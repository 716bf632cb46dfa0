import { LogError } from './errors.js';
import { YEAR_OF_NONE } from './log-time.js';
import type { LoggedCommand, NodeLog } from './read-log.js';

/** A command at its place in the order of all nodes. */
export interface OrderedCommand extends LoggedCommand {
  /** Milliseconds since the first command of all. */
  readonly atMs: number;
  /** It was over before this, on the same clock. */
  readonly doneBeforeMs: number;
}

/**
 * Puts the commands of all nodes in the order of their times; where two are alike the file that was named first comes
 * first. Throws LogError where times cannot be compared.
 */
export function mergeLogs(logs: readonly NodeLog[]): readonly OrderedCommand[] {
  const all = logs.flatMap(({ commands }) => commands);
  const zoned = all.find(({ at }) => at.hasZone);
  const local = all.find(({ at }) => !at.hasZone);
  if (zoned !== undefined && local !== undefined) {
    throw new LogError(
      `${local.place}: its time has no time zone and that of ${zoned.place} has one, expected all with or all without`,
    );
  }
  const year = yearOf(all);
  const msOf = (ms: number, { at }: LoggedCommand): number => {
    if (at.hasYear || ms === Infinity) return ms;
    const date = new Date(ms);
    return date.setUTCFullYear(date.getUTCFullYear() - YEAR_OF_NONE + year);
  };
  const firstMs = Math.min(...all.map((command) => msOf(command.at.ms, command)));
  return all
    .map((command) => ({
      ...command,
      atMs: msOf(command.at.ms, command) - firstMs,
      doneBeforeMs: msOf(command.beforeMs, command) - firstMs,
    }))
    .sort((one, other) => one.atMs - other.atMs);
}

/** Times without a year are in that of the earliest that has one. */
function yearOf(commands: readonly LoggedCommand[]): number {
  const known = commands.filter(({ at }) => at.hasYear).map(({ at }) => at.ms);
  return known.length === 0 ? YEAR_OF_NONE : new Date(Math.min(...known)).getUTCFullYear();
}

/**
 * Pairs of commands of different logs whose order the logs do not tell, where it can matter: on one LUN, and not both
 * only reading. `lunOf` tells the LUN of a command.
 */
export function unsurePairs(
  commands: readonly OrderedCommand[],
  lunOf: (command: OrderedCommand) => number | undefined,
): readonly (readonly [OrderedCommand, OrderedCommand])[] {
  return commands.flatMap((one, index) => {
    const pairs: (readonly [OrderedCommand, OrderedCommand])[] = [];
    for (const other of commands.slice(index + 1)) {
      if (other.atMs >= one.doneBeforeMs) break;
      const lun = lunOf(one);
      const meet = other.log !== one.log && lun !== undefined && lun === lunOf(other);
      if (meet && (changesState(one) || changesState(other))) pairs.push([one, other]);
    }
    return pairs;
  });
}

const changesState = ({ options }: LoggedCommand): boolean => options?.action.direction === 'out';
