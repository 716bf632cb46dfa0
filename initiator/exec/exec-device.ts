import { setMaxListeners } from 'node:events';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { attachLogicalUnit, requireLogicalUnit } from '../devices/attach.js';
import { DeviceIoError, DeviceOpenError } from '../devices/errors.js';
import { EXEC_COMMAND_TIMEOUT_MS, EXEC_GRACE_MS, EXEC_TRANSFER_BYTES_MAX } from '../limits.js';
import { commandWords } from './command-line.js';
import type { ExecCommandLine } from './command-line.js';
import { runProgram } from './run-program.js';
import { readSgRawRun } from './sg-raw-output.js';

/**
 * Opens a LU that a command line reaches, and attaches to it as to any other: so a program that is missing, a machine
 * that does not answer and a device that is not there are told at once. Throws DeviceOpenError.
 */
export async function openExecDevice(
  line: ExecCommandLine,
  options: { readonly readOnly: boolean },
): Promise<LogicalUnitPath> {
  const path = new ExecPath(line, options.readOnly);
  try {
    const attached = await attachLogicalUnit(path);
    requireLogicalUnit(attached, path.name);
    return attached;
  } catch (error) {
    if (!(error instanceof DeviceIoError)) throw error;
    throw new DeviceOpenError(error.errnoName, error.message, { cause: error });
  }
}

/** A LU behind a command line: a run of the program for each command. */
class ExecPath implements LogicalUnitPath {
  readonly name: string;
  readonly #line: ExecCommandLine;
  readonly #readOnly: boolean;
  readonly #closed = new AbortController();

  constructor(line: ExecCommandLine, readOnly: boolean) {
    this.name = `exec:${line.text}`;
    this.#line = line;
    this.#readOnly = readOnly;
    // One for each command under way, however many.
    setMaxListeners(0, this.#closed.signal);
  }

  async execute(cdb: Uint8Array, options: ExecuteOptions = {}): Promise<ScsiResult> {
    const { dataOut = new Uint8Array(0), dataInLength = 0, timeoutMs = EXEC_COMMAND_TIMEOUT_MS } = options;
    if (this.#closed.signal.aborted) throw this.#error('EIO', 'the device was closed');
    if (options.whenDataOutIsAskedFor !== undefined) {
      throw this.#error('EINVAL', 'a command line cannot withhold Data-Out');
    }
    const longest = Math.max(dataOut.length, dataInLength);
    if (longest > EXEC_TRANSFER_BYTES_MAX) {
      throw this.#error('EINVAL', `${longest} bytes are more than the ${EXEC_TRANSFER_BYTES_MAX} of sg_raw`);
    }
    const timeoutSeconds = Math.max(1, Math.ceil(timeoutMs / 1000));
    const words = commandWords(this.#line, {
      cdb,
      dataOutLength: dataOut.length,
      dataInLength,
      timeoutSeconds,
      readOnly: this.#readOnly,
    });
    const reading = readSgRawRun(await this.#run(words, dataOut, timeoutSeconds), dataInLength);
    if (reading.kind === 'failure') throw this.#error(reading.errnoName, reading.message);
    return reading.result;
  }

  /** Kills what is still under way. */
  close(): Promise<void> {
    this.#closed.abort();
    return Promise.resolve();
  }

  async #run(words: readonly string[], input: Uint8Array, timeoutSeconds: number) {
    try {
      const timeoutMs = timeoutSeconds * 1000 + EXEC_GRACE_MS;
      return await runProgram({ words, input, timeoutMs, abort: this.#closed.signal });
    } catch (error) {
      if (!(error instanceof DeviceIoError)) throw error;
      throw this.#error(error.errnoName, error.message, error);
    }
  }

  #error(errnoName: DeviceIoError['errnoName'], message: string, cause?: unknown): DeviceIoError {
    const text = `${this.name}: ${message}`;
    return cause === undefined
      ? new DeviceIoError(errnoName, text)
      : new DeviceIoError(errnoName, text, { cause });
  }
}
