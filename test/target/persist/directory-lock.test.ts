import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTarget } from '../../../target/index.js';
import { lockStateDirectory, StateStoreError } from '../../../target/persist/index.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const options = (stateDirectory: string, port = 0): Parameters<typeof createTarget>[0] => ({
  iqn: 'iqn.2026-11.org.fencelab:array',
  portals: [{ host: '127.0.0.1', port }],
  logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 65536 } }],
  stateDirectory,
});

describe('A state directory', () => {
  it('is one target’s at a time, by whatever path it is named, and free again when that one is closed', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    try {
      const first = await createTarget(options(folder));
      const refused = createTarget(options(link));
      await expect(refused).rejects.toThrow(
        new StateStoreError(`state directory ${link} is in use by another target`),
      );
      await first.close();
      await (await createTarget(options(link))).close();
    } finally {
      await rm(link);
    }
  });

  it('is free again when the target could not be started', async () => {
    const holder = await createTarget(options(join(folder, 'other')));
    const port = holder.portals[0]?.port;
    await expect(createTarget(options(folder, port))).rejects.toThrow(String(port));
    await (await createTarget(options(folder))).close();
    await holder.close();
  });

  it('has one winner where many ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockStateDirectory(folder)));
    const won = asked.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await Promise.all(won.map((one) => one.value.release()));
  });

  it('is not the lock of another directory', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    const locks = [await lockStateDirectory(folder), await lockStateDirectory(other)];
    for (const lock of locks) await lock.release();
  });

  it('that is gone is said in one line', async () => {
    const missing = join(folder, 'missing');
    await expect(lockStateDirectory(missing)).rejects.toThrow(`state directory ${missing} cannot be locked`);
  });

  it('is freed by the crash of the process that held it', async () => {
    const script = `
      const { stat } = await import('node:fs/promises');
      const { dev, ino } = await stat(process.argv[1], { bigint: true });
      require('node:net').createServer().listen('\\0fencelab-state-' + dev + '-' + ino, () => console.log('held'));`;
    const child = spawn(process.execPath, ['-e', `(async () => {${script}})()`, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(lockStateDirectory(folder)).rejects.toThrow('in use by another target');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await (await lockStateDirectory(folder)).release();
  });
});
