import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, symlinkSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synchronizeCache10Cdb, write10Cdb } from '../../../protocol/index.js';
import { openFileMedium } from '../../../target/medium/file-medium.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import { OpenFiles } from '../../../target/medium/open-files.js';
import { openMedium } from '../../../target/medium/open-medium.js';
import { ask, bench, firstByteAt, told, unit, write } from '../logical-unit/bench.js';

describe('The memory medium', () => {
  it('of a tebibyte costs only what is written, and the rest reads as zero', () => {
    const medium = new MemoryMedium(2 ** 40);
    expect(medium.allocatedBytes).toBe(0);
    const data = Buffer.alloc(200_000, 0x5a);
    const position = 2 ** 39 - 100_000;
    medium.write(position, data, data.length);
    expect(medium.allocatedBytes).toBe(4 * 65536);
    const around = Buffer.alloc(200_002, 0xff);
    medium.copyTo(around, 0, position - 1, around.length);
    expect([around[0], around.at(-1)]).toEqual([0, 0]);
    expect(around.subarray(1, -1).equals(data)).toBe(true);
    const last = Buffer.alloc(3, 0xff);
    medium.copyTo(last, 1, 2 ** 40 - 2, 2);
    expect([...last]).toEqual([0xff, 0, 0]);
  });

  it('has 64 TiB at most, for whoever uses the library too', async () => {
    const memory = (sizeBytes: number) =>
      openMedium({ lun: 3, medium: { kind: 'memory', sizeBytes } }, new OpenFiles());
    await expect(memory(2 ** 46 + 512)).rejects.toThrow(
      new RangeError('LUN 3: size: expected at most 70368744177664 bytes, found 70368744178176'),
    );
    expect((await memory(2 ** 46)).sizeBytes).toBe(2 ** 46);
  });

  it('writes only the length it is told', () => {
    const medium = new MemoryMedium(4096);
    medium.write(0, Buffer.alloc(1024, 1), 512);
    const back = Buffer.alloc(1024);
    medium.copyTo(back, 0, 0, 1024);
    expect([back[511], back[512]]).toEqual([1, 0]);
  });
});

describe('The file medium', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fencelab-medium-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });
  const fileOf = async (name: string, bytes = 65536): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, Buffer.alloc(bytes));
    return path;
  };

  it('keeps blocks in the file, through a logical unit; FUA and SYNCHRONIZE CACHE answer GOOD', async () => {
    const path = await fileOf('disk.img');
    const options = { lun: 0, medium: { kind: 'file', path } } as const;
    const on = bench([unit(options, { medium: await openMedium(options, new OpenFiles()) })]);
    const node = await on.node('node');
    expect(told(await write(node, 5, 0x77, 2))).toBe('GOOD');
    const forced = write10Cdb({ logicalBlockAddress: 7, transferLength: 1, forceUnitAccess: 1 });
    expect(told(await node.execute(forced, { dataOut: Buffer.alloc(512, 0x88) }))).toBe('GOOD');
    expect(await ask(node, synchronizeCache10Cdb({}))).toBe('GOOD');
    expect([await firstByteAt(node, 6), await firstByteAt(node, 7), await firstByteAt(node, 8)]).toEqual([
      0x77, 0x88, 0,
    ]);
    await on.server.close();
    const file = await readFile(path);
    expect([file[5 * 512], file[7 * 512], file[8 * 512], file.length]).toEqual([0x77, 0x88, 0, 65536]);
  });

  it('operations that overlap take effect in the order in which they were begun', async () => {
    const medium = await openMedium(
      { lun: 0, medium: { kind: 'file', path: await fileOf('order.img') } },
      new OpenFiles(),
    );
    if (medium.kind !== 'asynchronous') throw new Error('a file');
    const reads: Buffer[] = [];
    const work: Promise<void>[] = [];
    for (let round = 1; round <= 50; round++) {
      const target = Buffer.alloc(4096);
      reads.push(target);
      work.push(medium.write(0, Buffer.alloc(4096, round), false), medium.read(0, target));
    }
    await Promise.all(work);
    expect(reads.map((target) => [target[0], target[4095]])).toEqual(
      reads.map((_, index) => [index + 1, index + 1]),
    );
    await medium.close();
  });

  it('a file that was cut short behind our back: 04/44/00', async () => {
    const path = await fileOf('short.img');
    const options = { lun: 0, medium: { kind: 'file', path } } as const;
    const on = bench([unit(options, { medium: await openMedium(options, new OpenFiles()) })]);
    const node = await on.node('node');
    await writeFile(path, Buffer.alloc(512));
    expect(await ask(node, Buffer.from([0x28, 0, 0, 0, 0, 9, 0, 0, 1, 0]), 512)).toBe('04/44/00');
    await on.server.close();
  });

  it('a file that is not there is said in one line', async () => {
    const path = join(directory, 'missing.img');
    await expect(openMedium({ lun: 0, medium: { kind: 'file', path } }, new OpenFiles())).rejects.toThrow(
      `file ${path} of a logical unit cannot be opened`,
    );
  });

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a directory', (path: string) => execFileSync('mkdir', [path])],
    ['a device', (path: string) => execFileSync('ln', ['-s', '/dev/null', path])],
  ])('%s is refused at once, in one line, for reading and for writing', async (kind, make) => {
    const path = join(directory, kind);
    make(path);
    for (const access of ['read', 'readWrite'] as const) {
      await expect(openFileMedium(path, access)).rejects.toThrow(
        new Error(`file ${path} of a logical unit cannot be opened: expected a regular file, found ${kind}`),
      );
    }
  });

  it('a socket is refused at once', async () => {
    const path = join(directory, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    await expect(openFileMedium(path, 'read')).rejects.toThrow('expected a regular file, found a socket');
    server.close();
  });

  it("is one LUN's, whatever it is called, until it is closed", async () => {
    const path = await fileOf('shared.img');
    const hard = join(directory, 'hard.img');
    const soft = join(directory, 'soft.img');
    linkSync(path, hard);
    symlinkSync(path, soft);
    const files = new OpenFiles();
    const at = (lun: number, name: string) =>
      openMedium({ lun, medium: { kind: 'file', path: name } }, files);
    const first = await at(0, path);
    for (const name of [path, hard, soft, `${directory}/./shared.img`, relative('.', path)]) {
      await expect(at(1, name)).rejects.toThrow(
        new RangeError(`LUN 1: file ${name} is that of LUN 0: expected a file that no other LUN has`),
      );
    }
    await first.close();
    const next = await at(1, hard);
    await expect(at(0, path)).rejects.toThrow(`LUN 0: file ${path} is that of LUN 1`);
    await next.close();
  });

  it('is had by one of two LUNs that open it in the same moment', async () => {
    const path = await fileOf('contested.img');
    const files = new OpenFiles();
    const outcomes = await Promise.allSettled(
      [0, 1].map((lun) => openMedium({ lun, medium: { kind: 'file', path } }, files)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.close();
  });
});
