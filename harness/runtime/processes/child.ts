import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { CommandOutcome } from '../runtime.js';

/** The processes that a run has started and that still live, so that none outlives it. */
export class Children {
  readonly #living = new Set<ChildProcess>();
  readonly #onStarted: ((pid: number) => void) | undefined;
  #closed = false;

  /** `onStarted`: told the id of each process. */
  constructor(onStarted: ((pid: number) => void) | undefined) {
    this.#onStarted = onStarted;
  }

  add(child: ChildProcess): void {
    // A program that cannot be run has no id; whoever waits for it is told.
    if (child.pid === undefined) return;
    this.#onStarted?.(child.pid);
    // The run is over: what a step under way still starts must not outlive it.
    if (this.#closed) child.kill('SIGKILL');
    this.#living.add(child);
    child.once('exit', () => this.#living.delete(child));
  }

  /** Runs a program to its end and keeps what it prints. */
  async run(command: string, args: readonly string[], options: SpawnOptions): Promise<CommandOutcome> {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.add(child);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code === null)
      throw new Error(`${[command, ...args].join(' ')} was ended by ${signal ?? 'a signal'}`);
    return { exitStatus: code, stdout: stdout(), stderr: stderr() };
  }

  /** At once. */
  kill(child: ChildProcess): Promise<void> {
    return this.#stop(child, 'SIGKILL');
  }

  /** In an orderly way. */
  end(child: ChildProcess): Promise<void> {
    return this.#stop(child, 'SIGTERM');
  }

  async #stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (!this.#living.has(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** At once, without waiting: this process is about to end. */
  killAll(): void {
    for (const child of this.#living) child.kill('SIGKILL');
  }

  async endAll(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#living].map((child) => this.kill(child)));
  }
}

/** The first line that a process prints; rejects with what it wrote on standard error if it ends before. */
export async function firstLine(child: ChildProcess, name: string): Promise<string> {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const [line, ...more] = stdout().split('\n');
      if (line !== undefined && more.length > 0) resolve(line);
    });
    child.once('close', () => {
      reject(new Error(`${name} did not start: ${stderr().trim()}`));
    });
    child.once('error', reject);
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (piece: Buffer) => {
    text += piece.toString('utf8');
  });
  return () => text;
}
