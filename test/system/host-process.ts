import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/harness/cli/main.js', import.meta.url));

/** A host as a process of its own; settles when it has printed its ready line. */
export async function startHostProcess(options: {
  readonly initiatorName?: string;
  readonly socketPath: string;
  readonly devices: readonly string[];
  readonly untilEof?: boolean;
}): Promise<{ readonly child: ChildProcess; readonly ready: string }> {
  const { initiatorName, socketPath, devices, untilEof = false } = options;
  const child = spawn(
    process.execPath,
    [
      ...[MAIN, 'host', '--socket', socketPath, ...devices],
      ...(initiatorName === undefined ? [] : ['--initiator', initiatorName]),
      ...(untilEof ? ['--until-eof'] : []),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const [ready] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ready: ready.toString('utf8') };
}

/** Ends it; yields the exit status. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  const [status] = (await exit) as [number | null];
  return status;
}
