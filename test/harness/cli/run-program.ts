import { PassThrough } from 'node:stream';
import { runCli } from '../../../harness/cli/program.js';

export interface ProgramRun {
  readonly exitStatus: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `fencelab` in this process, with nothing on standard input and no terminal. */
export async function fencelab(...argv: string[]): Promise<ProgramRun> {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const exitStatus = await runCli(argv, {
    stdout,
    stderr,
    stdin: new PassThrough(),
    environment: {},
    stop: () => new AbortController().signal,
  });
  const read = (stream: PassThrough): string => (stream.read() as string | null) ?? '';
  return { exitStatus, stdout: read(stdout), stderr: read(stderr) };
}
