import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import type { Extent } from './medium.js';

/**
 * Gives a run of bytes of a file back to the file system, so that it reads as zero and takes no space: fallocate(2) with
 * FALLOC_FL_PUNCH_HOLE, which Node does not have, by the program of util-linux. It is handed the open file, so that it is
 * this file whatever its path names by now. Resolves to false where the system or the file system cannot; nothing was
 * changed then.
 */
export function punchHole(file: FileHandle, { position, lengthBytes }: Extent): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      'fallocate',
      ['--punch-hole', '--offset', String(position), '--length', String(lengthBytes), INHERITED_FILE],
      { stdio: ['ignore', 'ignore', 'ignore', file.fd] },
    );
    child.once('error', () => {
      resolve(false);
    });
    child.once('close', (code) => {
      resolve(code === 0);
    });
  });
}

/** Descriptor 3 of the program, as Linux names it. */
const INHERITED_FILE = '/proc/self/fd/3';
