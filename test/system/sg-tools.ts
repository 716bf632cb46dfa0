import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Ended } from './cli.js';

const PROGRAMS = {
  sg_persist: fileURLToPath(new URL('../../dist/initiator/sg_persist/main.js', import.meta.url)),
  sg_turs: fileURLToPath(new URL('../../dist/initiator/sg_persist/turs.js', import.meta.url)),
  sg_inq: fileURLToPath(new URL('../../dist/initiator/sg_inq/main.js', import.meta.url)),
} as const;

/** A directory that is gone when the test ends. */
export function runDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fencelab-sg-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** A node's shell: a device map, and the built programs as a script calls them. */
export class Node {
  readonly #environment: NodeJS.ProcessEnv;

  /** `devices`: name -> settings of the device map; `environment`: what its programs find there besides. */
  constructor(
    devices: Readonly<Record<string, Readonly<Record<string, string>>>>,
    environment: Readonly<Record<string, string>> = {},
  ) {
    const file = join(runDirectory(), 'devices.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify(devices));
    this.#environment = { ...process.env, ...environment, FENCELAB_DEVICES: file };
  }

  /** Runs a line as a shell without quotes would: `sg_persist -n -i -k -d /dev/sdb`. */
  async run(line: string): Promise<Ended> {
    const [name = '', ...argv] = line.split(' ');
    const program = Object.entries(PROGRAMS).find(([known]) => known === name)?.[1];
    if (program === undefined) throw new Error(`no such program: ${line}`);
    const child = spawn(process.execPath, [program, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: this.#environment,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    const [exitStatus] = (await once(child, 'close')) as [number | null];
    return { exitStatus, stdout, stderr };
  }

  /** The same; a status other than 0 is an error. */
  async done(line: string): Promise<string> {
    const { exitStatus, stdout, stderr } = await this.run(line);
    if (exitStatus !== 0) throw new Error(`${line}: exit status ${exitStatus}: ${stdout}${stderr}`);
    return stdout;
  }
}
