import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { runPeer } from './peer.js';

export const TGT_PEERS = [
  { command: 'tgtd', debianPackage: 'tgt' },
  { command: 'tgtadm', debianPackage: 'tgt' },
] as const;

/** How often tgtadm is asked until tgtd listens; each time is a program that runs to its end. */
const START_ATTEMPTS_MAX = 100;

export interface Tgt {
  readonly portals: readonly { readonly host: string; readonly port: number }[];
  tgtadm(...args: string[]): Promise<void>;
  /** Makes a target with disks as LUNs 1, 2, ...; yields their URLs at the first portal. */
  makeTarget(tid: number, name: string, disks: number, diskBytes: number): Promise<string[]>;
  /** Starts it again after it died, at the same portals, with the targets that it had; their disks are empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Debian's tgtd on loopback; `directory` is for its control socket and its disks. */
export async function startTgt(
  pathOf: (command: string) => string,
  directory: string,
  portalCount = 1,
): Promise<Tgt> {
  const ports: number[] = [];
  for (let count = 0; count < portalCount; count++) ports.push(await freePort());
  const portals = ports.map((port) => ({ host: '127.0.0.1', port }));
  /** Where tgtd and tgtadm meet: a socket of this run's own. */
  const env = { ...process.env, TGT_IPC_SOCKET: join(directory, 'control') };
  const [first = 0, ...others] = ports;
  let daemon: { readonly process: ChildProcess; readonly gone: Promise<unknown> } | undefined;
  const tgtadm = async (...args: string[]): Promise<void> => {
    const run = await runPeer(pathOf('tgtadm'), ['--lld', 'iscsi', ...args], { env });
    if (run.status !== 0) throw new Error(`tgtadm ${args.join(' ')}: ${run.stderr}`);
  };
  const stop = async (): Promise<void> => {
    // tgtd ignores SIGTERM while it has a target.
    daemon?.process.kill('SIGKILL');
    await daemon?.gone;
  };
  const words = (text: string): string[] => text.split(' ');
  const start = async (): Promise<void> => {
    const process = spawn(pathOf('tgtd'), ['-f', '--iscsi', `portal=127.0.0.1:${first}`], {
      stdio: 'ignore',
      env,
    });
    daemon = { process, gone: once(process, 'exit') };
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await tgtadm(...words('--mode target --op show'));
          break;
        } catch (error) {
          if (attempt === START_ATTEMPTS_MAX || process.exitCode !== null) throw error;
        }
      }
      for (const port of others) {
        await tgtadm(...words(`--mode portal --op new --param portal=127.0.0.1:${port}`));
      }
    } catch (error) {
      await stop();
      throw error;
    }
  };
  await start();
  const made: (() => Promise<unknown>)[] = [];
  const make = async (tid: number, name: string, disks: number, diskBytes: number) => {
    await tgtadm(...words(`--mode target --op new --tid ${tid} -T ${name}`));
    const urls: string[] = [];
    for (let lun = 1; lun <= disks; lun++) {
      const disk = join(directory, `disk${tid}-${lun}`);
      writeFileSync(disk, '');
      truncateSync(disk, diskBytes);
      await tgtadm(...words(`--mode logicalunit --op new --tid ${tid} --lun ${lun} -b`), disk);
      urls.push(`iscsi://127.0.0.1:${first}/${name}/${lun}`);
    }
    await tgtadm(...words(`--mode target --op bind --tid ${tid} -I ALL`));
    return urls;
  };
  return {
    portals,
    tgtadm,
    makeTarget: (...target) => {
      const again = () => make(...target);
      made.push(again);
      return again();
    },
    restart: async () => {
      await daemon?.gone;
      await start();
      for (const again of made) await again();
    },
    stop,
  };
}
