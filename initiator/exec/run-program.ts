import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { DeviceIoError } from '../devices/errors.js';
import { EXEC_OUTPUT_BYTES_MAX } from '../limits.js';
import type { SgRawRun } from './sg-raw-output.js';

export interface RunProgramOptions {
  readonly words: readonly string[];
  /** Standard input; none where it is empty. */
  readonly input: Uint8Array;
  readonly timeoutMs: number;
  /** Ends the run; its reason is what the promise rejects with. */
  readonly abort: AbortSignal;
}

/**
 * Runs a program to its end. Rejects with DeviceIoError where it cannot be started, takes too long, prints without end or
 * is aborted; then it is killed, with all that it started.
 *
 * It gets a session of its own: Ctrl-C in a terminal must not tear a command apart that the tool has to see through.
 */
export function runProgram({ words, input, timeoutMs, abort }: RunProgramOptions): Promise<SgRawRun> {
  const [program = '', ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const giveUp = (error: DeviceIoError): void => {
      kill(child);
      reject(error);
    };
    const timer = setTimeout(() => {
      giveUp(new DeviceIoError('ETIMEDOUT', `no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const onAbort = (): void => {
      giveUp(new DeviceIoError('EIO', 'the device was closed'));
    };
    abort.addEventListener('abort', onAbort, { once: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let outputBytes = 0;
    const keepIn = (kept: Buffer[]) => (piece: Buffer) => {
      outputBytes += piece.length;
      if (outputBytes > EXEC_OUTPUT_BYTES_MAX) {
        giveUp(new DeviceIoError('EIO', `${program} prints without end: this is not sg_raw's output`));
      } else kept.push(piece);
    };
    child.stdout.on('data', keepIn(stdout));
    child.stderr.on('data', keepIn(stderr));
    child.on('error', (error: NodeJS.ErrnoException) => {
      const errnoName = error.code === 'EACCES' ? 'EACCES' : 'ENOENT';
      giveUp(
        new DeviceIoError(errnoName, `${program}: no such program, or it cannot be run`, { cause: error }),
      );
    });
    child.on('close', (exitStatus) => {
      clearTimeout(timer);
      abort.removeEventListener('abort', onAbort);
      resolve({ exitStatus, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
    // What a program did not read shows in how it ended.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Kills the program and what it started; whoever holds its pipes is waited for no longer. */
function kill(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
