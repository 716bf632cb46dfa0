import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './processes.js';

const START_ATTEMPTS_MAX = 50;
const START_PAUSE_MS = 100;

/** A running tgtd with one LUN. */
export interface Tgt {
  readonly url: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Starts Debian's tgtd on a free loopback port with `imagePath` as LUN 1; `directory` is for its control socket. */
export async function startTgt(imagePath: string, directory: string): Promise<Tgt> {
  const port = await freePort();
  // tgtd takes only small control ports: a socket of its own keeps it apart from one that runs already.
  const environment = { ...process.env, TGT_IPC_SOCKET: join(directory, 'tgt.sock') };
  const daemon = spawn('/usr/sbin/tgtd', ['-f', '--iscsi', `portal=127.0.0.1:${port}`], {
    stdio: 'ignore',
    env: environment,
  });
  const stop = async (): Promise<void> => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    // tgtd ignores SIGTERM while it has a target.
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
  };
  const name = 'iqn.2026-11.org.fencelab.bench:tgt';
  const administer = (...args: string[]): Promise<string> =>
    run('tgtadm', ['--lld', 'iscsi', ...args], environment);
  try {
    await firstSuccess(() =>
      administer('--mode', 'target', '--op', 'new', '--tid', '1', '--targetname', name),
    );
    await administer(
      '--mode',
      'logicalunit',
      '--op',
      'new',
      '--tid',
      '1',
      '--lun',
      '1',
      '--backing-store',
      imagePath,
    );
    await administer('--mode', 'target', '--op', 'bind', '--tid', '1', '--initiator-address', '127.0.0.1');
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `iscsi://127.0.0.1:${port}/${name}/1`, stop };
}

async function firstSuccess(attempt: () => Promise<unknown>): Promise<void> {
  for (let count = 1; ; count++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (count === START_ATTEMPTS_MAX) throw error;
      await delay(START_PAUSE_MS);
    }
  }
}
