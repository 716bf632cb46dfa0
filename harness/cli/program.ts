import { Argument, Command, CommanderError, Option } from 'commander';
import { COMPLETION_SHELLS, type CompletionShell } from './completion-shells.js';
import { LEVELS } from '../conformance/case.js';
import type { ConformArguments } from './conform-command.js';
import type { CliContext } from './context.js';
import { EXIT } from './exit-status.js';
import { addExternalOptions } from './external-options.js';
import { addFromLogOptions } from './from-log-options.js';
import { oneLine } from './one-line.js';
import type { SweepArguments } from './sweep-command.js';
import { addSecurityOptions } from './security-options.js';
import { packageVersion } from './package-version.js';
import { once, repeatable } from './repeatable.js';
import { addViaOption } from './via-options.js';

type Print = (text: string) => void;

/**
 * Runs `fencelab` with its arguments and yields the exit status. Whatever goes wrong becomes one line on standard error.
 * Each subcommand loads its own code when it is called, so that a short command need not wait for a web server.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let exitStatus: number = EXIT.asExpected;
  const program = fencelab(
    (text) => context.stdout.write(text),
    async (run) => {
      exitStatus = await run(context);
    },
  );
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitStatus;
  } catch (thrown) {
    return report(thrown, program, context);
  }
}

function report(thrown: unknown, program: Command, { stderr }: CliContext): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT.asExpected;
    // Called without a subcommand: commander asks for its help to be shown.
    const problem =
      thrown.code === 'commander.help'
        ? `expected a subcommand: ${program.commands.map((command) => command.name()).join(', ')}`
        : oneLine(thrown).replace(/^error: /, '');
    stderr.write(`fencelab: ${problem}\n`);
  } else {
    stderr.write(`fencelab: ${oneLine(thrown)}\n`);
  }
  return EXIT.notAsked;
}

type Run = (context: CliContext) => Promise<number>;
type Invoke = (run: Run) => Promise<void>;

/** The commands of `fencelab`, with their options: what is parsed, completed and held to the manual page. */
export function fencelab(print: Print, invoke: Invoke): Command {
  const program = new Command('fencelab')
    .description(
      'An emulated SCSI-3 persistent reservation array, and a harness that judges cluster fencing.',
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined, outputError: () => undefined })
    .showSuggestionAfterError(true);
  addTarget(program, invoke);
  addRun(program, invoke);
  addSweep(program, invoke);
  addDemo(program, invoke);
  addCheckConfig(program, invoke);
  addHost(program, invoke);
  addIo(program, invoke);
  addProbe(program, invoke);
  addConform(program, invoke);
  addCompletion(program, invoke);
  return program;
}

function addTarget(program: Command, invoke: Invoke): void {
  const target = program
    .command('target')
    .description(
      'run an emulated array until SIGINT or SIGTERM; prints the iscsi:// URL of each LUN when it listens',
    )
    .addOption(
      new Option('--config <FILE>', 'YAML file that says the same').conflicts(['iqn', 'portal', 'lun']),
    )
    .option('--iqn <NAME>', 'name of the target (default: iqn.2026-11.org.fencelab:array)')
    .option(
      '--portal <ADDRESS:PORT>',
      'where it listens, may be repeated (default: 127.0.0.1:3260); ,group=N behind it: its target port group',
      repeatable,
    )
    .option(
      '--lun <SPEC>',
      'a logical unit, may be repeated: 0,size=64MiB or 1,file=disk.img,thin ...',
      repeatable,
    )
    .option(
      '--state <DIRECTORY>',
      'keeps reservations with APTPL, saved mode pages and port identifiers over a restart',
    )
    .option('--admin <ADDRESS:PORT>', 'serves the admin API there, on loopback')
    .option('--quirk <NAME>', 'deviates from the standard as some array does, may be repeated', repeatable)
    .option('--profile <NAME>', 'has all quirks of one array, or is of another edition of the standard', once)
    .option(
      '--pcap <FILE>',
      'writes what goes over its connections to a capture file (pcapng) for Wireshark',
      once,
    )
    .option('--pcap-size <SIZE>', 'no larger than 64MiB or so: goes on in FILE.1, FILE.2, ...', once)
    .option('--pcap-files <NUMBER>', 'so many such files, then the first is overwritten', once)
    .option('--list-quirks', 'lists profiles and quirks, and runs nothing');
  addSecurityOptions(target)
    .allowExcessArguments(false)
    .action(async (typed: object) => {
      await invoke(async (context) => (await import('./target-command.js')).runTarget(typed, context));
    });
}

/** Where no node logs in to an array of ours, or nobody is asked how. */
const NO_LOGINS_OF_OURS = ['memory', 'seeds', 'record', 'replay', 'fromLog', 'target', 'via'];

/** What goes with plain runs only. */
const REPORTS_AND_TARGETS = ['json', 'junit', 'html', 'fromLog', 'target'];

function addRun(program: Command, invoke: Invoke): void {
  addViaOption(addExternalOptions(addFromLogOptions(program.command('run'))))
    .description(
      'play scenarios, or replay logs, and judge them; exit 0 only if every verdict is as expected',
    )
    .argument('<SCENARIO...>', 'YAML files, or logs')
    .option('--json <FILE>', 'writes the report there')
    .option('--junit <FILE>', 'writes the report there as continuous integration reads it')
    .option('--html <FILE>', 'writes a page there that shows all of it')
    .addOption(new Option('--memory', 'only in one process, where waits take no time').conflicts('processes'))
    .option('--processes', 'only over sockets, with a process for each node')
    .addOption(
      new Option('--chap', 'nodes and array prove themselves to each other by CHAP, over sockets').conflicts(
        NO_LOGINS_OF_OURS,
      ),
    )
    .addOption(
      new Option('--digests', 'headers and data have CRC32C digests, over sockets').conflicts(
        NO_LOGINS_OF_OURS,
      ),
    )
    .option(
      '--seed <N>',
      'decides what a scenario leaves open, and in memory the order of commands (default: 1)',
    )
    .addOption(
      new Option('--seeds <N>', 'plays under the seeds 1 to N in memory, on all cores').conflicts([
        'seed',
        'processes',
        'fromLog',
        'target',
      ]),
    )
    .addOption(
      new Option(
        '--record <FILE>',
        'plays one scenario over sockets, and writes a log there that --replay repeats',
      ).conflicts(['memory', 'seeds', 'replay', ...REPORTS_AND_TARGETS]),
    )
    .addOption(
      new Option('--replay', 'repeats a run in memory from the log of --record').conflicts([
        'memory',
        'processes',
        'seed',
        'seeds',
        ...REPORTS_AND_TARGETS,
      ]),
    )
    .action(async (scenarios: readonly string[], typed: object) => {
      await invoke(async (context) =>
        (await import('./run-command.js')).run({ scenarios, ...typed }, context),
      );
    });
}

function addSweep(program: Command, invoke: Invoke): void {
  program
    .command('sweep')
    .description(
      'how often a pending write harms, by its delay, the time to fail over and the kind of fencing',
    )
    .option('--seeds <N>', 'plays each cell under the seeds 1 to N', '1000')
    .option('--delays <TIMES>', 'mean delays of the pending write', '5s,30s,60s,120s')
    .option('--failovers <TIMES>', 'times to fail over', '5s,30s,60s')
    .option('--only <KINDS>', 'some of one-box,two-hosts,a1118,a1119,preempt-and-abort')
    .option('--svg <FILE>', 'writes the picture there')
    .option('--json <FILE>', 'writes the numbers there, with the scenario of each cell')
    .allowExcessArguments(false)
    .action(async (typed: SweepArguments) => {
      await invoke(async (context) => (await import('./sweep-command.js')).runSweep(typed, context));
    });
}

function addDemo(program: Command, invoke: Invoke): void {
  program
    .command('demo')
    .description('the failover from physical node to virtual machine and back, live and judged')
    .option('--step', 'pauses at each sg_persist line and shows the keys before and after')
    .allowExcessArguments(false)
    .action(async (typed: object) => {
      await invoke(async (context) => (await import('./demo-command.js')).demo(typed, context));
    });
}

function addCheckConfig(program: Command, invoke: Invoke): void {
  program
    .command('check-config')
    .description('hold a cluster configuration to the white paper, rule by rule; exit 1 if a rule fails')
    .argument('<CLUSTER.yaml>', 'the configuration')
    .argument('[FILE...]', '.vmx and .vmdk files, package configuration files, legacy control scripts')
    .option('--target <[LUN=]URL>', 'asks the array itself about a LUN, may be repeated', repeatable)
    .option('--json <FILE>', 'writes the findings there')
    .action(async (cluster: string, files: readonly string[], typed: object) => {
      await invoke(async (context) =>
        (await import('./check-config-command.js')).checkConfig({ cluster, files, ...typed }, context),
      );
    });
}

function addHost(program: Command, invoke: Invoke): void {
  program
    .command('host')
    .description('one node or hypervisor: owns its nexus and serves its users on a Unix socket')
    .argument(
      '<DEVICE=URL...>',
      'iscsi://host[:port]/target-name/lun, socket:PATH#device of another host, or exec:COMMAND LINE',
    )
    .option('--initiator <IQN>', 'its initiator name; a guest of another host needs none')
    .requiredOption('--socket <PATH>', 'Unix socket for its users')
    .option('--replacement-timeout <MS>', 'how long commands wait for a lost session to come back')
    .option('--keep-trying', 'starts also where a portal cannot be reached, and logs in when it can')
    .option('--machine <NAME>', 'the machine that it stands for: only one process of it may own a nexus')
    .option('--until-eof', 'ends with its standard input too, and so with whoever holds the other end')
    .action(
      async (
        devices: readonly string[],
        typed: {
          initiator?: string;
          socket: string;
          machine?: string;
          replacementTimeout?: string;
          keepTrying?: boolean;
          untilEof?: boolean;
        },
      ) => {
        await invoke(async (context) =>
          (await import('./host-command.js')).host({ devices, ...typed }, context),
        );
      },
    );
}

function addIo(program: Command, invoke: Invoke): void {
  program
    .command('io')
    .description('read or write blocks of a device, as a script would')
    .argument('<DEVICE>', 'iscsi:// URL, socket:PATH#DEVICE, exec:COMMAND LINE, or a name in the device map')
    .argument('<ACTION>', 'write or read')
    .argument('<LBA>', 'first block')
    .argument('<BLOCKS>', 'number of blocks')
    .option('--pattern <BYTE>', 'what is written (default: 0xcd), or must be found by a read')
    .allowExcessArguments(false)
    .action(
      async (
        device: string,
        action: string,
        lba: string,
        blocks: string,
        { pattern }: { pattern?: string },
      ) => {
        await invoke(async (context) =>
          (await import('./io-command.js')).io({ device, action, lba, blocks, pattern }, context),
        );
      },
    );
}

function addProbe(program: Command, invoke: Invoke): void {
  program
    .command('probe')
    .description('ask the array whether it can tell two nodes apart, on a LU that nobody uses')
    .argument(
      '<A>',
      'the LU as one node reaches it: iscsi:// URL, socket:PATH#DEVICE, exec:COMMAND LINE, or a name in the device map',
    )
    .argument('<B>', 'the same LU as the other node reaches it')
    .option('--initiator-a <IQN>', 'initiator name for A, where that is a URL')
    .option('--initiator-b <IQN>', 'initiator name for B, where that is a URL')
    .option('--json <FILE>', 'writes the answer there')
    .allowExcessArguments(false)
    .action(async (a: string, b: string, typed: object) => {
      await invoke(async (context) =>
        (await import('./probe-command.js')).runProbe({ a, b, ...typed }, context),
      );
    });
}

function addConform(program: Command, invoke: Invoke): void {
  program
    .command('conform')
    .description(
      'hold a target to the standards of persistent reservations, case by case, as iqn.2026-11.org.fencelab:conform-a, -b and -c',
    )
    .argument(
      '[DEVICE...]',
      'iscsi:// URL of a logical unit that nobody uses, and a second one through another port; or three exec: lines',
    )
    .addOption(new Option('--level <LEVEL>', 'edition it is held to').choices(LEVELS).default('spc4'))
    .option('--only <GLOB>', 'only cases with such an id, may be repeated: "preempt.*"', repeatable)
    .option('--write', 'also run the cases that change data')
    .option('--force', 'clear a logical unit that holds registrations, and use it')
    .option('--list', 'print the ids of the cases, and run none')
    .option('--matrix', 'print what the standard demands with the cases that try it, and run none')
    .option(
      '--power-cycle <COMMAND>',
      'shell command that takes the power of the target away and gives it back',
    )
    .option('--restart <COMMAND>', 'shell command that starts a target which died')
    .option(
      '--registrations <NUMBER>',
      'fill the logical unit with so many, for which it has room, and try one more',
    )
    .option('--tap', 'print the report as TAP, version 14')
    .option('--json <FILE>', 'write the report for programs')
    .option('--junit <FILE>', 'write the report for continuous integration')
    .option('--html <FILE>', 'write the report as a page')
    .action(async (devices: readonly string[], typed: Omit<ConformArguments, 'devices'>) => {
      await invoke(async (context) =>
        (await import('./conform-command.js')).runConform({ ...typed, devices }, context),
      );
    });
}

function addCompletion(program: Command, invoke: Invoke): void {
  program
    .command('completion')
    .description('print what makes a shell complete fencelab and the sg_ programs; it is to be sourced')
    .addArgument(new Argument('<SHELL>', 'bash, zsh or fish').choices(COMPLETION_SHELLS))
    .allowExcessArguments(false)
    .action(async (shell: CompletionShell) => {
      await invoke(async (context) => {
        const { completionScript } = await import('./completion.js');
        context.stdout.write(completionScript(program, shell));
        return EXIT.asExpected;
      });
    });
}
