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
  refuseOtherZones(all);
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

/** Times compare where all are in UTC, or all on the clocks of one zone, whatever its offset. */
function refuseOtherZones(commands: readonly LoggedCommand[]): void {
  const utc = commands.find(({ at }) => at.zone === 'UTC');
  const local = commands.find(({ at }) => at.zone !== 'UTC');
  if (utc !== undefined && local !== undefined) {
    const zone = local.at.zone === undefined ? 'has no time zone' : `is in ${local.at.zone}`;
    throw new LogError(
      `${local.place}: its time ${zone} and that of ${utc.place} has one that is known, expected UTC or an offset in all or in none`,
    );
  }
  const named = commands.filter(({ at }) => at.zone !== undefined);
  const other = named.find(({ at }) => at.zone !== named[0]?.at.zone);
  if (utc !== undefined || named[0] === undefined || other === undefined) return;
  throw new LogError(
    `${other.place}: its time is in ${String(other.at.zone)} and that of ${named[0].place} in ${String(named[0].at.zone)}, expected one zone, or UTC or an offset such as +01:00 in all`,
  );
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
      // One line can run on several nodes at once.
      const apart = other.log !== one.log || other.place === one.place;
      const meet = apart && lun !== undefined && lun === lunOf(other);
      if (meet && (changesState(one) || changesState(other))) pairs.push([one, other]);
    }
    return pairs;
  });
}

const changesState = ({ options }: LoggedCommand): boolean => options?.action.direction === 'out';
