import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithPeers, runPeer } from './peer.js';

const MAIN = fileURLToPath(new URL('../../dist/bin/fencelab.js', import.meta.url));
const FRAMES_MIN = 100;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-capture-'));
});
afterEach(() => rm(folder, { recursive: true }));

describeWithPeers('a capture of a demo', [{ command: 'tshark', debianPackage: 'tshark' }], (pathOf) => {
  it('is iSCSI to tshark, without a malformed frame', async () => {
    const file = join(folder, 'demo.pcapng');
    const tshark = spawn(pathOf('tshark'), ['-q', '-i', 'lo', '-f', 'tcp', '-w', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    for await (const line of createInterface({ input: tshark.stderr })) {
      if (/Capturing on/.test(line)) break;
    }
    tshark.stderr.resume();
    const demo = await runPeer(process.execPath, [MAIN, 'demo'], { timeoutMs: 280_000 });
    tshark.kill('SIGINT');
    await once(tshark, 'exit');
    expect([demo.status, demo.stderr]).toEqual([0, '']);

    const ports = [...demo.stdout.matchAll(/the array listens on (.*)/g)].flatMap((found) =>
      [...(found[1] ?? '').matchAll(/:(\d+)/g)].map((portal) => portal[1] ?? ''),
    );
    expect(ports.length).toBeGreaterThan(1);
    const dissected = async (filter: string): Promise<string[]> => {
      const toldPorts = ports.flatMap((port) => ['-d', `tcp.port==${port},iscsi`]);
      const onPorts = `(${ports.map((port) => `tcp.port == ${port}`).join(' || ')})`;
      const fields = ['-T', 'fields', '-e', 'frame.number', '-e', 'iscsi.opcode', '-e', '_ws.expert.message'];
      const run = await runPeer(pathOf('tshark'), [
        ...['-r', file, ...toldPorts, '-Y', `${onPorts} && (${filter})`, ...fields],
      ]);
      expect(run.status).toBe(0);
      return run.stdout.split('\n').filter((line) => line !== '');
    };
    expect((await dissected('iscsi')).length).toBeGreaterThanOrEqual(FRAMES_MIN);
    // PERSISTENT RESERVE OUT went over these ports, so that the frames are the demo's own.
    expect((await dissected('scsi.persresvout.svcaction')).length).toBeGreaterThan(20);
    expect(await dissected('_ws.malformed')).toEqual([]);
  }, 300_000);
});
