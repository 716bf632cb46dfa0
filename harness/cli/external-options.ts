import { formatPortal } from '../../protocol/index.js';
import { Option, type Command } from 'commander';
import { formatIscsiUrl, parseIscsiUrl, type IscsiUrl } from '../../initiator/index.js';
import { parsePortal } from '../../target/index.js';
import { placementLengthBlocks } from '../oracle/types.js';
import type { ExternalTargetOptions } from '../runtime/external/external-target.js';
import { UsageError } from './one-line.js';
import { repeatable } from './repeatable.js';
import type { ViaOptions } from './via-options.js';

/** How `fencelab run` is told of an array that is there already, as it was typed. */
export interface ExternalOptions extends ViaOptions {
  readonly target?: readonly string[];
  readonly targetPortal?: readonly string[];
}

/** Adds the options of an array that is there to `fencelab run`. */
export function addExternalOptions(run: Command): Command {
  return run
    .addOption(
      new Option(
        '--target <URL>',
        'plays on this LUN of an array that is there, once for each LUN that the scenarios or logs have',
      )
        .argParser(repeatable)
        .conflicts(['memory', 'seeds']),
    )
    .option(
      '--target-portal <HOST:PORT>',
      'with --target: where the array listens too, once for each further path of a node',
      repeatable,
    )
    .option('--write', 'with --target or --via: allows to overwrite the first blocks of these LUNs')
    .option(
      '--force',
      'with --target or --via: clears registrations and reservations that these LUNs hold already',
    );
}

/** Reads them; undefined where no target is named. Throws UsageError, BadUrlError or ConfigurationError. */
export function externalTargetOptions(typed: ExternalOptions): ExternalTargetOptions | undefined {
  if (typed.target === undefined) {
    if (typed.targetPortal !== undefined)
      throw new UsageError('--target-portal: expected --target URL beside it');
    for (const name of ['write', 'force'] as const) {
      if (typed[name] !== undefined && typed.via === undefined)
        throw new UsageError(`--${name}: expected --target URL or --via beside it`);
    }
    return undefined;
  }
  const luns = typed.target.map(parseIscsiUrl);
  checkTogether(luns);
  if (typed.write !== true) {
    throw new UsageError(
      `--target: the first ${placementLengthBlocks} blocks of ${luns.map(formatIscsiUrl).join(' and ')} would be ` +
        'overwritten, expected --write to allow it',
    );
  }
  const furtherPortals = (typed.targetPortal ?? []).map(parsePortal);
  checkPortals([...luns.slice(0, 1), ...furtherPortals]);
  return { luns, furtherPortals, force: typed.force ?? false };
}

/** A portal stands for a target port; one that is given twice would make two paths that a single failure cuts. */
function checkPortals(portals: readonly Parameters<typeof formatPortal>[0][]): void {
  const names = portals.map(formatPortal);
  const again = names.find((name, index) => names.indexOf(name) !== index);
  if (again === undefined) return;
  throw new UsageError(
    `--target-portal ${again}: named already${again === names[0] ? ', by --target' : ''}, expected a portal of its own`,
  );
}

/** A node has one path to each LUN through each portal, so all LUNs are behind the same ones. */
function checkTogether(luns: readonly IscsiUrl[]): void {
  const names = new Set<string>();
  for (const lun of luns) {
    const name = formatIscsiUrl(lun);
    if (names.has(name)) throw new UsageError(`--target ${name}: given twice, expected a LUN of its own`);
    names.add(name);
    const [first = lun] = luns;
    if (formatPortal(lun) !== formatPortal(first)) {
      throw new UsageError(
        `--target ${name}: another portal than the first one's, expected ${formatPortal(first)}; ` +
          'further portals are named by --target-portal',
      );
    }
  }
}
