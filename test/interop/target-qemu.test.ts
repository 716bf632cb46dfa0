import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, truncate, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { readPcapng } from '../target/capture/pcapng-reader.js';
import { describeWithPeers, runPeer } from './peer.js';

const MIB = 1024 * 1024;

describeWithPeers(
  'QEMU works on the target through libiscsi',
  [
    { command: 'qemu-io', debianPackage: 'qemu-utils' },
    { command: 'qemu-img', debianPackage: 'qemu-utils and qemu-block-extra' },
  ],
  (pathOf) => {
    let target: Target;
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fencelab-qemu-'));
      const path = join(directory, 'thin.img');
      await writeFile(path, '');
      await truncate(path, 16 * MIB);
      target = await createTarget({
        iqn: 'iqn.2026-11.org.fencelab:qemu',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [
          { lun: 0, medium: { kind: 'memory', sizeBytes: 16 * MIB } },
          { lun: 1, medium: { kind: 'memory', sizeBytes: 16 * MIB }, blockLengthBytes: 4096 },
          {
            lun: 2,
            medium: { kind: 'memory', sizeBytes: 16 * MIB },
            thin: true,
            physicalBlockLengthBytes: 4096,
          },
          { lun: 3, medium: { kind: 'file', path }, thin: true },
        ],
      });
    });
    afterAll(async () => {
      await target.close();
      await rm(directory, { recursive: true });
    });

    it.each([0, 1])('qemu-io reads back what it wrote on LUN %i', async (lun) => {
      const run = await runPeer(pathOf('qemu-io'), [
        ...['-f', 'raw', '-c', 'write -P 7 0 64k', '-c', 'read -P 7 0 64k'],
        target.urlOf(lun),
      ]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toContain('wrote 65536/65536 bytes at offset 0');
      expect(run.stdout).toContain('read 65536/65536 bytes at offset 0');
      expect(run.stdout).not.toContain('verification failed');
    });

    it('qemu-io answers pings, and its session goes on', async () => {
      const path = join(directory, 'pings.pcapng');
      const pinging = await createTarget({
        iqn: 'iqn.2026-11.org.fencelab:pinging',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: MIB } }],
        timeouts: { idleMs: 50 },
        capture: { path },
      });
      const causes: string[] = [];
      pinging.onEvent((event) => {
        if (event.type === 'logout') causes.push(event.cause);
      });
      const qemu = spawn(pathOf('qemu-io'), ['-f', 'raw', pinging.urlOf(0)], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      try {
        const ended = once(qemu, 'exit') as Promise<[number | null]>;
        let output = '';
        qemu.stdout.on('data', (chunk) => (output += String(chunk)));
        // NOP-Out without a task tag of its own and with a transfer tag of ours.
        const answers = async (): Promise<number> =>
          readPcapng(await readFile(path)).frames.filter(
            ({ payload }) =>
              (payload[0] ?? 1) % 0x40 === 0 &&
              payload.readUInt32BE(16) === 0xffff_ffff &&
              payload.readUInt32BE(20) !== 0xffff_ffff,
          ).length;
        // The capture grows with each ping.
        for await (const change of watch(path))
          if (change.eventType === 'change' && (await answers()) >= 3) break;
        qemu.stdin.end('write -P 7 0 64k\nread -P 7 0 64k\nquit\n');
        expect(await ended).toEqual([0, null]);
        expect(output).toContain('read 65536/65536 bytes at offset 0');
        expect(causes).toEqual(['logout']);
      } finally {
        qemu.kill();
        await pinging.close();
      }
    });

    it('qemu-io sees that a pattern is not there', async () => {
      const run = await runPeer(pathOf('qemu-io'), ['-f', 'raw', '-c', 'read -P 9 1M 64k', target.urlOf(0)]);
      expect(run.stdout).toContain('Pattern verification failed');
    });

    it.each([0, 1])('qemu-img copies an image to LUN %i and back', async (lun) => {
      const image = join(directory, 'image.raw');
      const back = join(directory, 'back.raw');
      const bytes = Buffer.from(Uint8Array.from({ length: 16 * MIB }, (_, i) => ((i >> 12) * 31 + i) & 0xff));
      await writeFile(image, bytes);
      const convert = (...args: string[]) => runPeer(pathOf('qemu-img'), ['convert', ...args]);
      const raw = ['-f', 'raw', '-O', 'raw'];
      expect(await convert('-n', ...raw, image, target.urlOf(lun))).toMatchObject({ status: 0, stderr: '' });
      expect(await convert(...raw, target.urlOf(lun), back)).toMatchObject({ status: 0, stderr: '' });
      expect((await readFile(back)).equals(bytes)).toBe(true);
    });

    it.each([2, 3])('qemu-io unmaps, and qemu-img sees what is mapped, on the thin LUN %i', async (lun) => {
      const run = await runPeer(pathOf('qemu-io'), [
        ...['-d', 'unmap', '-f', 'raw', '-c', 'write -P 7 0 4M', '-c', 'discard 1M 1M'],
        ...['-c', 'write -z -u 2M 1M', '-c', 'read -P 0 1M 2M', '-c', 'read -P 7 3M 1M'],
        target.urlOf(lun),
      ]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).not.toContain('verification failed');
      const map = await runPeer(pathOf('qemu-img'), [
        ...['map', '--output=json', '-f', 'raw'],
        target.urlOf(lun),
      ]);
      const extents = JSON.parse(map.stdout) as { start: number; length: number; data: boolean }[];
      expect(extents.map(({ start, length, data }) => [start / MIB, length / MIB, data])).toEqual([
        [0, 1, true],
        [1, 2, false],
        [3, 1, true],
        [4, 12, false],
      ]);
    });
  },
);
