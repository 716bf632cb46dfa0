import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const IQN = 'iqn.2026-11.org.fencelab';
const SG_RAW = fileURLToPath(new URL('sg-raw.mjs', import.meta.url));

/**
 * Machines that only a command line reaches. `reach NAME COMMAND...` does what ssh and sshd do: the words are joined with
 * blanks, and a shell of that machine reads them. Each has an `sg_raw` and an initiator name of its own.
 */
export class Machines {
  readonly #directory = mkdtempSync(join(tmpdir(), 'fencelab-exec-'));
  readonly reach = this.#program(
    'reach',
    `PATH="${this.#directory}:$PATH"
FENCELAB_INITIATOR="${IQN}:$1"
FENCELAB_DEVICES=
export PATH FENCELAB_INITIATOR FENCELAB_DEVICES
shift
exec sh -c "$*"`,
  );

  constructor() {
    onTestFinished(() => {
      rmSync(this.#directory, { recursive: true, force: true });
    });
    this.#program('sg_raw', `exec "${process.execPath}" "${SG_RAW}" "$@"`);
  }

  /** How a LU is named that a machine sees. */
  device(machine: string, url: string): string {
    return `exec:${this.reach} ${machine} sg_raw ${url}`;
  }

  #program(name: string, script: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  }
}
