import { Option, type Command } from 'commander';
import { BadCommandLineError, looksLikeCommandLine, parseCommandLine } from '../../initiator/index.js';
import { initiatorPorts } from '../cluster/placement.js';
import { placementLengthBlocks } from '../oracle/types.js';
import {
  pathName,
  type CommandLineTargetOptions,
  type MachinePath,
} from '../runtime/external/command-line-target.js';
import type { Scenario } from '../scenario/scenario.js';
import { UsageError } from './one-line.js';
import { repeatable } from './repeatable.js';

/** How `fencelab run` is told of machines that command lines reach, as it was typed. */
export interface ViaOptions {
  readonly via?: readonly string[];
  readonly write?: true;
  readonly force?: true;
}

/** Adds the option to `fencelab run`. */
export function addViaOption(run: Command): Command {
  return run.addOption(
    new Option(
      '--via <MACHINE[@PATH]=exec:COMMAND LINE>',
      'plays on LUNs that this machine of the scenarios reaches by a command line, once for each LUN',
    )
      .argParser(repeatable)
      .conflicts(['target', 'targetPortal', 'memory', 'seeds', 'fromLog', 'record', 'replay']),
  );
}

const FORM = 'expected MACHINE=exec:COMMAND LINE, or MACHINE@2=exec:COMMAND LINE for its second path';

/** Reads the ways; undefined where none is named. `scenarios`: those that have the machines. Throws UsageError. */
export function commandLineTargetOptions(
  { via, write, force }: ViaOptions,
  scenarios: readonly Scenario[],
): CommandLineTargetOptions | undefined {
  if (via === undefined) return undefined;
  const paths = new Map<string, MachinePath & { readonly devices: string[] }>();
  const given = new Set<string>();
  for (const text of via) {
    const { device, ...path } = parseWay(text);
    if (given.has(device))
      throw new UsageError(`--via ${text}: given twice, expected a way of its own for each`);
    given.add(device);
    const name = pathName(path);
    const known = paths.get(name) ?? { ...path, devices: [] };
    known.devices.push(device);
    paths.set(name, known);
  }
  for (const { machine } of paths.values()) checkMachine(machine, scenarios);
  if (write !== true) {
    throw new UsageError(
      `--via: the first ${placementLengthBlocks} blocks of the LUNs behind ${via.join(' and ')} would be overwritten, ` +
        'expected --write to allow it',
    );
  }
  return { paths: [...paths.values()], force: force ?? false };
}

function parseWay(text: string): Omit<MachinePath, 'devices'> & { readonly device: string } {
  const [, machine = '', path = '1', device = ''] = /^([^=@\s]+)(?:@([1-9]\d?))?=(.+)$/s.exec(text) ?? [];
  if (!looksLikeCommandLine(device)) throw new UsageError(`--via ${text}: ${FORM}`);
  try {
    parseCommandLine(device);
  } catch (cause) {
    if (!(cause instanceof BadCommandLineError)) throw cause;
    throw new UsageError(`--via ${machine}: ${cause.message}`, { cause });
  }
  return { machine, portalIndex: Number(path) - 1, device };
}

/** A guest is known by the port of its host, so only the host has a way. */
function checkMachine(machine: string, scenarios: readonly Scenario[]): void {
  const machines = [...new Set(scenarios.flatMap(({ site }) => initiatorPorts(site)))];
  if (machines.includes(machine)) return;
  const isGuest = scenarios.some(({ site }) => site.nodes.some(({ name }) => name === machine));
  const wrong = isGuest ? 'a guest, which the array knows by its host' : 'no such machine in the scenarios';
  throw new UsageError(`--via ${machine}: ${wrong}, expected ${machines.join(', ')}`);
}
