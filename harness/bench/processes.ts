import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Runs a program to its end; what it printed. Throws with its last words where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  const text = Buffer.concat(printed).toString();
  if (status !== 0)
    throw new Error(`${command} ended with ${String(status)}: ${text.trim().split('\n').at(-1) ?? ''}`);
  return text;
}

/** A server that prints a line when it is ready. */
export interface Server {
  readonly readyLine: string;
  stop(): Promise<void>;
}

export async function startServer(command: string, args: readonly string[]): Promise<Server> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return { readyLine: line, stop };
  }
  throw new Error(`${command} ended before it was ready`);
}
