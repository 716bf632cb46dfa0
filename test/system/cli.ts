import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/harness/cli/main.js', import.meta.url));

export interface Ended {
  /** Null where a signal ended it. */
  readonly exitStatus: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `fencelab`, as a user starts it. */
export class Fencelab {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  readonly #firstLine: Promise<string>;

  constructor(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [MAIN, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let stdout = '';
    let stderr = '';
    this.process.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    this.process.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    this.ended = once(this.process, 'close').then(([exitStatus]) => ({
      exitStatus: exitStatus as number | null,
      stdout,
      stderr,
    }));
    this.#firstLine = once(createInterface({ input: this.process.stdout }), 'line').then(([line]) =>
      String(line),
    );
  }

  /** The first line it prints; rejects with what it said if it ends without one. */
  async ready(): Promise<string> {
    const failed = this.ended.then(({ stderr }) => {
      throw new Error(`ended before it was ready: ${stderr}`);
    });
    return Promise.race([this.#firstLine, failed]);
  }

  stop(signal: 'SIGINT' | 'SIGTERM'): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }
}

export async function fencelab(...argv: string[]): Promise<Ended> {
  return new Fencelab(argv).ended;
}
