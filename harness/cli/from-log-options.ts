import { Option, type Command } from 'commander';
import { repeatable } from './repeatable.js';

/** What `fencelab run --from-log` takes, as it was typed. */
export interface FromLogOptions {
  readonly fromLog?: true;
  readonly map?: readonly string[];
  readonly host?: readonly string[];
  readonly sideBySide?: true;
  readonly expect?: 'SAFE' | 'UNSAFE';
}

/** Adds the options of a replay to `fencelab run`. */
export function addFromLogOptions(run: Command): Command {
  return run
    .addOption(
      new Option(
        '--from-log',
        'the files are logs, each named after its node: replays their sg_persist lines and judges them',
      ).conflicts(['memory', 'processes', 'seed']),
    )
    .option(
      '--map <[NODE:]DEVICE=LUN[@PORT]>',
      'with --from-log: what a device name leads to, may be repeated (default: one name, one LUN)',
      repeatable,
    )
    .option(
      '--host <HOST=NODE[,NODE]>',
      'with --from-log: nodes that are guests of one hypervisor, may be repeated',
      repeatable,
    )
    .option(
      '--side-by-side',
      'with --from-log: every registered node writes, as with a cluster file system (default: only the holder)',
    )
    .addOption(
      new Option(
        '--expect <VERDICT>',
        'with --from-log: the verdict that there should be (default: SAFE)',
      ).choices(['SAFE', 'UNSAFE']),
    );
}

/** An option that says nothing without --from-log, if one was typed. */
export function optionOfReplay(typed: FromLogOptions): string | undefined {
  const names = { map: '--map', host: '--host', sideBySide: '--side-by-side', expect: '--expect' } as const;
  const keys = ['map', 'host', 'sideBySide', 'expect'] as const;
  const found = keys.find((key) => typed[key] !== undefined);
  return found === undefined ? undefined : names[found];
}
