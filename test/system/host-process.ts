import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const ENTRANCE = new URL('../../initiator/index.ts', import.meta.url).href;
const SCRIPT = `
  import { runHost, untilSignalled } from ${JSON.stringify(ENTRANCE)};
  process.exitCode = await runHost(JSON.parse(process.env.HOST_OPTIONS), process, untilSignalled());
`;

/** A host as a process of its own; settles when it has printed its ready line. */
export async function startHostProcess(options: {
  readonly initiatorName?: string;
  readonly socketPath: string;
  readonly devices: readonly string[];
}): Promise<{ readonly child: ChildProcess; readonly ready: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', SCRIPT], {
    env: { ...process.env, HOST_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
