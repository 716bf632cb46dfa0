import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeLbaStatus,
  encodeUnmapParameterList,
  getLbaStatusCdb,
  itNexusId,
  unmapCdb,
  writeSame16Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { openFileMedium } from '../../../target/medium/file-medium.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import {
  ask,
  bench,
  firstByteAt,
  MEDIUM_BYTES,
  nexusOf,
  prOut,
  told,
  unit,
  write,
} from '../logical-unit/bench.js';
import { asynchronousMemory, mediumLike } from '../logical-unit/media.js';

const BLOCKS = MEDIUM_BYTES / 512;
const THIN = { thin: true, physicalBlockLengthBytes: 4096 } as const;

type Range = readonly [lba: number, blocks: number];

const listOf = (...ranges: readonly Range[]): Uint8Array =>
  encodeUnmapParameterList(
    ranges.map(([lba, numberOfBlocks]) => ({ logicalBlockAddress: BigInt(lba), numberOfBlocks })),
  );

async function sendList(
  node: LogicalUnitPath,
  list: Uint8Array,
  fields: Parameters<typeof unmapCdb>[0] = {},
): Promise<string> {
  const cdb = unmapCdb({ parameterListLength: list.length, ...fields });
  return told(await node.execute(cdb, { dataOut: list }));
}

const unmap = (node: LogicalUnitPath, ...ranges: readonly Range[]): Promise<string> =>
  sendList(node, listOf(...ranges));

/** LBA, blocks and PROVISIONING STATUS of each descriptor. */
async function status(
  node: LogicalUnitPath,
  lba = 0,
  allocationLength = 4096,
): Promise<[number, number, number][]> {
  const cdb = getLbaStatusCdb({ startingLogicalBlockAddress: BigInt(lba), allocationLength });
  const { dataIn } = await node.execute(cdb, { dataInLength: allocationLength });
  return (decodeLbaStatus(dataIn) ?? []).map((one) => [
    Number(one.logicalBlockAddress),
    one.numberOfBlocks,
    one.provisioningStatus,
  ]);
}

describe('UNMAP (SBC-4)', () => {
  it('deallocates blocks, which read as zero, and their neighbours stay', async () => {
    const medium = new MemoryMedium(MEDIUM_BYTES);
    const node = await bench([unit(THIN, { medium })]).node('node');
    expect(await status(node)).toEqual([[0, BLOCKS, 1]]);
    await write(node, 0, 0x5a, 32);
    expect(await unmap(node, [8, 8], [24, 8])).toBe('GOOD');
    expect(await status(node)).toEqual([
      [0, 8, 0],
      [8, 8, 1],
      [16, 8, 0],
      [24, BLOCKS - 24, 1],
    ]);
    const read = [7, 8, 15, 16].map((lba) => firstByteAt(node, lba));
    expect(await Promise.all(read)).toEqual([0x5a, 0, 0, 0x5a]);
    expect(medium.allocatedBytes).toBe(65536);
    expect(await unmap(node, [0, 8], [16, 8])).toBe('GOOD');
    expect([medium.allocatedBytes, await status(node)]).toEqual([0, [[0, BLOCKS, 1]]]);
  });

  it('of a part of a physical block zeroes the part and leaves all of it mapped', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 0, 0x5a, 16);
    expect(await unmap(node, [4, 8])).toBe('GOOD');
    expect([await firstByteAt(node, 4), await firstByteAt(node, 3)]).toEqual([0, 0x5a]);
    expect((await status(node))[0]).toEqual([0, 16, 0]);
    // Neighbours in one list are one extent: the physical block across their border goes.
    expect(await unmap(node, [0, 4], [4, 4])).toBe('GOOD');
    expect((await status(node))[0]).toEqual([0, 8, 1]);
  });

  it('a write maps the whole physical block', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 9, 1);
    expect(await status(node)).toEqual([
      [0, 8, 1],
      [8, 8, 0],
      [16, BLOCKS - 16, 1],
    ]);
  });

  it('needs no descriptor, and no block in one', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 0, 1, 8);
    expect(await ask(node, unmapCdb())).toBe('GOOD');
    expect(await unmap(node)).toBe('GOOD');
    expect(await unmap(node, [0, 0], [BLOCKS, 0])).toBe('GOOD');
    expect((await status(node))[0]).toEqual([0, 8, 0]);
  });

  it('a descriptor that is cut by its list does not count', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 0, 1, 16);
    const list = Buffer.from(listOf([0, 8], [8, 8]));
    list.writeUInt16BE(31, 2);
    expect(await sendList(node, list)).toBe('GOOD');
    expect(await status(node)).toEqual([
      [0, 8, 1],
      [8, 8, 0],
      [16, BLOCKS - 16, 1],
    ]);
  });

  it('checks every descriptor before it unmaps the first', async () => {
    const node = await bench([unit(THIN, { medium: new MemoryMedium(2 ** 31) })]).node('node');
    await write(node, 0, 0x77, 8);
    expect(await unmap(node, [0, 8], [2 ** 22 - 1, 2])).toBe('05/21/00');
    expect(await unmap(node, [0, 8], [0, 2 ** 20 - 7])).toBe('05/26/00 parameterList 32');
    expect(await unmap(node, ...Array.from({ length: 257 }, (): Range => [0, 1]))).toBe(
      '05/26/00 parameterList 2',
    );
    expect(await firstByteAt(node, 0)).toBe(0x77);
    expect(await unmap(node, [0, 8], [8, 2 ** 20 - 8])).toBe('GOOD');
  });

  it('a list that is too short: 05/1A/00; ANCHOR: 05/24/00; readonly: 07/27/00', async () => {
    const node = await bench([unit(THIN)]).node('node');
    expect(await sendList(node, new Uint8Array(7))).toBe('05/1a/00');
    expect(await sendList(node, listOf([0, 8]).subarray(0, 20))).toBe('05/1a/00');
    expect(await sendList(node, listOf([0, 8]), { parameterListLength: 40 })).toBe('05/1a/00');
    expect(await sendList(node, listOf([0, 8]), { anchor: 1 })).toBe('05/24/00 cdb 1.0');
    const readonly = await bench([unit({ ...THIN, readonly: true })]).node('node');
    expect(await unmap(readonly, [0, 8])).toBe('07/27/00');
  });

  it('is no command of a fully provisioned LU: 05/20/00', async () => {
    expect(await unmap(await bench().node('node'), [0, 8])).toBe('05/20/00 cdb 0');
  });

  it('that is held is dropped by PREEMPT AND ABORT, as a zombie’s write is', async () => {
    const on = bench([unit(THIN)]);
    const zombie = await on.node('zombie');
    const fencer = await on.node('fencer');
    await write(fencer, 0, 0x42, 8);
    await prOut(zombie, 'register', { newKey: 1n });
    await prOut(fencer, 'register', { newKey: 2n });
    const type = 'writeExclusiveRegistrantsOnly';
    await prOut(zombie, 'reserve', { key: 1n, type });
    const hold = on.server.faults(0).holdWrites({ nexusIds: [itNexusId(nexusOf('zombie'))] });
    const pending = unmap(zombie, [0, 8]);
    await hold.held;
    expect(await prOut(fencer, 'preemptAndAbort', { key: 2n, newKey: 1n, type })).toBe('GOOD');
    expect(await pending).toBe('ABORTED');
    await hold.release();
    expect([await firstByteAt(fencer, 0), (await status(fencer))[0]]).toEqual([0x42, [0, 8, 0]]);
  });
});

describe('WRITE SAME with UNMAP=1', () => {
  const same = (node: LogicalUnitPath, fill: number, numberOfBlocks: number): Promise<string> =>
    node
      .execute(writeSame16Cdb({ numberOfBlocks, unmap: 1 }), { dataOut: Buffer.alloc(512, fill) })
      .then(told);

  it.each([0, 0xff])('and Data-Out of %i unmaps, up to the last block where it says 0', async (fill) => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 0, 0x5a, 16);
    expect(await same(node, fill, 8)).toBe('GOOD');
    expect((await status(node)).slice(0, 2)).toEqual([
      [0, 8, 1],
      [8, 8, 0],
    ]);
    expect(await same(node, fill, 0)).toBe('GOOD');
    expect([await status(node), await firstByteAt(node, 8)]).toEqual([[[0, BLOCKS, 1]], 0]);
  });

  it('without it maps, even with zeros', async () => {
    const node = await bench([unit(THIN)]).node('node');
    const cdb = writeSame16Cdb({ numberOfBlocks: 8, noDataOutBuffer: 1 });
    expect(await ask(node, cdb)).toBe('GOOD');
    expect((await status(node))[0]).toEqual([0, 8, 0]);
  });
});

describe('GET LBA STATUS (SBC-4)', () => {
  it('of a fully provisioned LU: everything is mapped', async () => {
    expect(await status(await bench().node('node'), 5)).toEqual([[5, BLOCKS - 5, 0]]);
  });

  it('sends as many descriptors as fit, and at least one, of which what fits', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 8, 1, 8);
    expect(await status(node, 0, 24)).toEqual([[0, 8, 1]]);
    expect(await status(node, 0, 55)).toEqual([
      [0, 8, 1],
      [8, 8, 0],
    ]);
    const cdb = getLbaStatusCdb({ allocationLength: 10 });
    expect((await node.execute(cdb, { dataInLength: 64 })).dataIn).toHaveLength(10);
  });

  it('from the first LBA that is not there: 05/21/00', async () => {
    const node = await bench([unit(THIN)]).node('node');
    const from = (startingLogicalBlockAddress: bigint): Promise<string> =>
      ask(node, getLbaStatusCdb({ startingLogicalBlockAddress, allocationLength: 24 }), 24);
    expect([await from(BigInt(BLOCKS - 1)), await from(BigInt(BLOCKS)), await from(2n ** 64n - 1n)]).toEqual([
      'GOOD',
      '05/21/00',
      '05/21/00',
    ]);
  });

  it('within a mapped physical block begins at the next one, within a deallocated one where it was asked', async () => {
    const node = await bench([unit(THIN)]).node('node');
    await write(node, 8, 1, 16);
    expect(await status(node, 9)).toEqual([
      [16, 8, 0],
      [24, BLOCKS - 24, 1],
    ]);
    expect((await status(node, 3))[0]).toEqual([3, 5, 1]);
    await write(node, BLOCKS - 1, 1);
    expect(await status(node, BLOCKS - 3)).toEqual([[BLOCKS - 3, 3, 0]]);
  });
});

describe('Thin provisioning on a file', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fencelab-thin-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  /** Some file systems cannot, and neither can other systems than Linux. */
  async function holesCanBePunched(): Promise<boolean> {
    const path = join(directory, 'probe.img');
    await writeFile(path, Buffer.alloc(65536, 1));
    return spawnSync('fallocate', ['-p', '-o', '0', '-l', '65536', path]).status === 0;
  }

  it('gives the space of unmapped blocks back where the file system can', async () => {
    const path = join(directory, 'full.img');
    await writeFile(path, Buffer.alloc(MEDIUM_BYTES, 0x5a));
    const on = bench([unit(THIN, { medium: await openFileMedium(path, 'readWrite') })]);
    const node = await on.node('node');
    // What an image holds is not known: it counts as mapped.
    expect(await status(node)).toEqual([[0, BLOCKS, 0]]);
    const before = (await stat(path)).blocks;
    expect(await unmap(node, [8, 1024], [2040, 1])).toBe('GOOD');
    expect((await status(node)).slice(0, 3)).toEqual([
      [0, 8, 0],
      [8, 1024, 1],
      [1032, BLOCKS - 1032, 0],
    ]);
    const read = [7, 8, 1031, 1032, 2040, 2041].map((lba) => firstByteAt(node, lba));
    expect(await Promise.all(read)).toEqual([0x5a, 0, 0, 0x5a, 0, 0x5a]);
    await on.server.close();
    const { blocks, size } = await stat(path);
    expect(size).toBe(MEDIUM_BYTES);
    if (await holesCanBePunched()) expect(blocks).toBeLessThanOrEqual(before - 1024 + 16);
  });

  it('an image that is one hole has nothing mapped', async () => {
    const path = join(directory, 'hole.img');
    await writeFile(path, '');
    await truncate(path, MEDIUM_BYTES);
    const on = bench([unit(THIN, { medium: await openFileMedium(path, 'readWrite') })]);
    expect(await status(await on.node('node'))).toEqual([[0, BLOCKS, 1]]);
    await on.server.close();
  });

  it('writes zeros where no hole can be punched', async () => {
    const path = join(directory, 'zeros.img');
    await writeFile(path, Buffer.alloc(2 * MEDIUM_BYTES, 0x5a));
    const search = process.env['PATH'];
    const medium = await openFileMedium(path, 'readWrite');
    process.env['PATH'] = directory;
    try {
      await medium.discard([{ position: 4096, lengthBytes: MEDIUM_BYTES + 4096 }]);
    } finally {
      process.env['PATH'] = search;
    }
    const data = Buffer.alloc(2 * MEDIUM_BYTES);
    await medium.read(0, data);
    await medium.close();
    expect((await stat(path)).blocks).toBeGreaterThanOrEqual((2 * MEDIUM_BYTES) / 512);
    const end = MEDIUM_BYTES + 8192;
    expect([data[4095], data[end]]).toEqual([0x5a, 0x5a]);
    expect(data.subarray(4096, end).every((byte) => byte === 0)).toBe(true);
  });

  it('what could not be unmapped is mapped', async () => {
    const medium = mediumLike(asynchronousMemory(MEDIUM_BYTES), {
      discard: () => Promise.reject(new Error('no space for zeros')),
    });
    const node = await bench([unit(THIN, { medium })]).node('node');
    await write(node, 0, 1, 8);
    expect(await unmap(node, [0, 8])).toBe('04/44/00');
    expect((await status(node))[0]).toEqual([0, 8, 0]);
  });
});
