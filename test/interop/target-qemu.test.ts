import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
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
      target = await createTarget({
        iqn: 'iqn.2026-11.org.fencelab:qemu',
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [
          { lun: 0, medium: { kind: 'memory', sizeBytes: 16 * MIB } },
          { lun: 1, medium: { kind: 'memory', sizeBytes: 16 * MIB }, blockLengthBytes: 4096 },
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
  },
);
