import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/** A program that nobody here wrote, and the Debian package that brings it. */
export interface Peer {
  readonly command: string;
  readonly debianPackage: string;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Where daemons live on Debian; often not on the PATH of a user. */
const daemonDirectories = ['/usr/sbin', '/sbin'];

/** The path of an installed peer, never a program of this repository; undefined where there is none. */
export function findPeer(command: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...daemonDirectories];
  for (const directory of directories) {
    const path = join(directory, command);
    try {
      accessSync(path, constants.X_OK);
      if (!realpathSync(path).startsWith(repository)) return path;
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * A suite that drives peers. Where one is not installed the suite is skipped and its title names the Debian package;
 * with FENCELAB_REQUIRE_PEERS=1 it fails instead. `body` gets a function from a command to its path.
 */
export function describeWithPeers(
  title: string,
  peers: readonly Peer[],
  body: (pathOf: (command: string) => string) => void,
): void {
  const missing = peers.filter((peer) => findPeer(peer.command) === undefined);
  if (missing.length === 0) {
    describe(title, () => {
      body((command) => {
        const path = peers.some((peer) => peer.command === command) ? findPeer(command) : undefined;
        if (path === undefined) throw new Error(`${command} is not among the peers of this suite`);
        return path;
      });
    });
    return;
  }
  const wanted = missing.map((peer) => `${peer.command} (Debian package ${peer.debianPackage})`).join(', ');
  if (process.env['FENCELAB_REQUIRE_PEERS'] === '1') {
    describe(title, () => {
      it('has its peers', () => {
        throw new Error(`not installed: ${wanted}`);
      });
    });
  } else {
    describe.skip(`${title} [not installed: ${wanted}]`, () => {
      it('needs its peers', () => undefined);
    });
  }
}

export interface PeerRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or kills it after `timeoutMs`; the event loop goes on, so that a target here answers. */
export function runPeer(
  path: string,
  args: readonly string[],
  options: { readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<PeerRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 200_000,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    child.stdin.on('error', () => undefined); // a peer may end before it has read its input
    child.stdin.end(options.input ?? '');
  });
}
