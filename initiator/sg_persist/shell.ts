import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT_STATUS } from './exit-status.js';
import type { ByteOutput, ByteSurroundings, OpenDevice } from './device.js';

const output: ByteOutput = {
  stdoutBytes: (bytes) => void process.stdout.write(bytes),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
};

function readBytes(source: string): Buffer | undefined {
  try {
    return readFileSync(source === '-' ? 0 : source);
  } catch (error) {
    // A folder can be opened, as the original does: nothing is to be read from it.
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? Buffer.alloc(0) : undefined;
  }
}

/** The device layer is loaded when a device is opened: most runs of a script need it, but `--version` does not. */
const openDevice: OpenDevice = async (name, options) => {
  const devices = await import('../devices/open-device.js');
  return devices.openDevice(name, options);
};

/**
 * Runs a program of this folder as a process: command line, environment, standard streams, exit status, with which it
 * resolves.
 */
export async function runAsProcess(
  name: string,
  run: (args: readonly string[], surroundings: ByteSurroundings, output: ByteOutput) => Promise<number>,
): Promise<number> {
  // A reader that has gone, as in `sg_persist -s ... | head -1`, is no failure of the run.
  process.stdout.on('error', () => undefined);
  const surroundings: ByteSurroundings = {
    env: process.env,
    openDevice,
    readBytes,
    readText: (source) => readBytes(source)?.toString('utf8'),
    nowMs: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds),
  };
  let exitStatus: number;
  try {
    exitStatus = await run(process.argv.slice(2), surroundings, output);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${message}\n`);
    exitStatus = EXIT_STATUS.fileError;
  }
  process.exitCode = exitStatus;
  return exitStatus;
}
