import { expect } from 'vitest';
import { replay, withoutUsage, type GoldenRecord, type Program } from '../initiator/sg_persist/golden.js';
import { runPeer } from './peer.js';

const ENOTTY = 25;
/** Opens, but is no SCSI device: its pass-through fails, after everything was parsed and put together. */
export const NO_SCSI_DEVICE = '/dev/null';

/** A line that tells of the system call itself; there is none here. */
const SYSTEM_CALL_LINE = /^ioctl\(SG_IO v3\) failed: .*\n/gm;

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function comparable(run: Seen): Seen & { readonly usage: readonly boolean[] } {
  const stdout = withoutUsage(run.stdout);
  const stderr = withoutUsage(run.stderr.replace(SYSTEM_CALL_LINE, ''));
  return {
    stdout: stdout.text,
    stderr: stderr.text,
    status: run.status,
    usage: [stdout.usage, stderr.usage],
  };
}

/** A record of what has not been recorded: every command fails as a device that is none makes it fail. */
function unrecorded(cmd: string): GoldenRecord {
  const entry = { ioctl_errno: ENOTTY };
  return { n: 0, cmd, stdout: '', stderr: '', status: 0, wire: [entry, entry, entry] };
}

/** Runs a command line with the real program and with ours, and holds what they print and return to each other. */
export async function compareWithReal(
  { command, path, program }: { command: string; path: string; program: Program },
  line: string,
  files: { readonly directory?: string; readonly contents?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const [, variables = '', rest = ''] = /^((?:[A-Z0-9_]+=\S* )*)(.*)$/s.exec(line) ?? [];
  const { directory = '.', contents = {} } = files;
  const real = await runPeer('/bin/bash', [
    '-c',
    `cd '${directory}' && ${variables}exec -a ${command} ${path} ${rest}`,
  ]);
  const record = { ...unrecorded(`${variables}${command} ${rest}`), files: contents };
  expect(comparable(await replay(program, record))).toEqual(comparable(real));
}
