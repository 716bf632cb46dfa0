import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { recordLine } from './record-line.js';

/** Not blocking: a pipe that nobody reads must not hold a script up. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * Appends the line of a run to `file`, in one write, so that lines of runs that end at once stay whole. A log that cannot
 * be written is passed over in silence: no script may be able to tell a run that is recorded from one that is not.
 */
export function record(file: string, args: readonly string[], exitStatus: number): void {
  try {
    const descriptor = openSync(file, FLAGS, 0o666);
    try {
      writeSync(descriptor, recordLine({ at: new Date(), host: hostname(), args, exitStatus }));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return;
  }
}
