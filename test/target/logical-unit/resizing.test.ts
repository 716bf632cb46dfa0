import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeLbaStatus,
  getLbaStatusCdb,
  modeSense6Cdb,
  read10Cdb,
  readCapacity10Cdb,
  readCapacity16Cdb,
  readCapacity16DataLayout,
  SANITIZE_SERVICE_ACTION,
  sanitizeCdb,
  testUnitReadyCdb,
  verify10Cdb,
  writeSame16Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { Task } from '../../../target/logical-unit/task.js';
import type { LogicalUnitDefinition } from '../../../target/logical-unit/device-server.js';
import { openFileMedium } from '../../../target/medium/file-medium.js';
import type { LogicalUnitOptions } from '../../../target/options.js';
import { ManualClock } from '../commands/manual-clock.js';
import { ask, bench, firstByteAt, MEDIUM_BYTES, nexusOf, told, unit, write, type Bench } from './bench.js';
import { asynchronousMemory, mediumLike } from './media.js';

const BLOCKS = MEDIUM_BYTES / 512;
const ready = testUnitReadyCdb();

async function capacity(path: LogicalUnitPath): Promise<number> {
  const cdb = readCapacity16Cdb({ allocationLength: readCapacity16DataLayout.lengthBytes });
  const { dataIn } = await path.execute(cdb, { dataInLength: readCapacity16DataLayout.lengthBytes });
  return Number(readCapacity16DataLayout.decode(dataIn).returnedLogicalBlockAddress) + 1;
}

/** A WRITE SAME of all blocks up to the last, which waits for its Data-Out; what it ended with goes to `ended`. */
function writeSameToTheEnd(on: Bench, ended: string[]): Task {
  const owner = {
    taskCompleted: (task: Task) => ended.push(told(task)),
    taskDropped: () => ended.push('dropped'),
  };
  const task = new Task(owner, on.server.attach(nexusOf('node')));
  task.lun = 0;
  task.cdb.set(writeSame16Cdb({ numberOfBlocks: 0 }));
  task.expectedDataOutBytes = 512;
  expect(on.server.submit(task)).toBe('dataOutWanted');
  task.dataOut = Buffer.alloc(512, 0x6b);
  return task;
}

describe('a logical unit that is given more bytes while sessions last', () => {
  it('tells every nexus once (2A/09), and has the new capacity at once, in every command that tells it', async () => {
    const on = bench();
    const nodes = [await on.node('node'), await on.node('other')];
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    for (const node of nodes) {
      expect([await ask(node, ready), await ask(node, ready)]).toEqual(['06/2a/09', 'GOOD']);
      expect(await capacity(node)).toBe(2 * BLOCKS);
      const short = await node.execute(readCapacity10Cdb(), { dataInLength: 8 });
      expect(Buffer.from(short.dataIn).readUInt32BE(0)).toBe(2 * BLOCKS - 1);
      const modes = await node.execute(modeSense6Cdb({ pageCode: 0x0a, allocationLength: 12 }), {
        dataInLength: 12,
      });
      expect(Buffer.from(modes.dataIn).readUInt32BE(4)).toBe(2 * BLOCKS);
    }
    expect(on.server.capacityOf(0)).toBe(2 * MEDIUM_BYTES);
  });

  it('tells a nexus that has no session when it is back, and other logical units tell nothing', async () => {
    const on = bench([unit(), unit({ lun: 1 })]);
    on.server.nexusLost(on.server.attach(nexusOf('gone')));
    const elsewhere = await on.node('node', 1);
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    const back = on.transport.connect(nexusOf('gone'), 0);
    expect([await ask(back, ready), await ask(back, ready)]).toEqual(['06/29/00', '06/2a/09']);
    expect(await ask(back, ready)).toBe('GOOD');
    expect(await ask(elsewhere, ready)).toBe('GOOD');
  });

  it('serves the blocks that were added, which read as zero, and none behind them', async () => {
    const on = bench();
    const node = await on.node('node');
    expect(told(await write(node, BLOCKS - 1, 0x5a))).toBe('GOOD');
    expect(told(await write(node, BLOCKS, 0x5b))).toBe('05/21/00');
    await on.server.resize(0, MEDIUM_BYTES + 1024);
    await ask(node, ready);
    expect(await firstByteAt(node, BLOCKS)).toBe(0);
    expect(told(await write(node, BLOCKS - 1, 0x5b, 3))).toBe('GOOD');
    expect(await firstByteAt(node, BLOCKS + 1)).toBe(0x5b);
    for (const cdb of [read10Cdb, verify10Cdb]) {
      expect(await ask(node, cdb({ logicalBlockAddress: BLOCKS + 2 }), 512)).toBe('GOOD');
    }
    expect(await ask(node, read10Cdb({ logicalBlockAddress: BLOCKS + 2, transferLength: 1 }), 512)).toBe(
      '05/21/00',
    );
  });

  it('keeps its capacity through a power cycle', async () => {
    const on = bench();
    const node = await on.node('node');
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    await on.server.powerCycle({});
    expect([await ask(node, ready), await ask(node, ready), await capacity(node)]).toEqual([
      '06/29/00',
      'GOOD',
      2 * BLOCKS,
    ]);
  });

  it('where it is thin: what was added is deallocated, what was mapped is mapped', async () => {
    const on = bench([unit({ thin: true, physicalBlockLengthBytes: 4096 })]);
    const node = await on.node('node');
    await write(node, 0, 1, BLOCKS);
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    await ask(node, ready);
    const { dataIn } = await node.execute(getLbaStatusCdb({ allocationLength: 4096 }), {
      dataInLength: 4096,
    });
    expect(
      decodeLbaStatus(dataIn)?.map((one) => [
        one.logicalBlockAddress,
        one.numberOfBlocks,
        one.provisioningStatus,
      ]),
    ).toEqual([
      [0n, BLOCKS, 0],
      [BigInt(BLOCKS), BLOCKS, 1],
    ]);
  });

  it('of the same size changes nothing and tells nobody', async () => {
    const on = bench();
    const node = await on.node('node');
    await on.server.resize(0, MEDIUM_BYTES);
    expect(await ask(node, ready)).toBe('GOOD');
  });

  it.each([
    [
      MEDIUM_BYTES - 512,
      `size: expected ${MEDIUM_BYTES} bytes, which it has, or more, found ${MEDIUM_BYTES - 512}`,
    ],
    [
      MEDIUM_BYTES + 100,
      `size: expected a multiple of the 512-byte block, found ${MEDIUM_BYTES + 100} bytes`,
    ],
    [2 ** 60, `size: expected a multiple of the 512-byte block, found ${2 ** 60} bytes`],
    [2 ** 46 + 512, `size: expected at most ${2 ** 46} bytes, found ${2 ** 46 + 512}`],
    [Number.NaN, 'size: expected a multiple of the 512-byte block, found NaN bytes'],
  ])('refuses %d bytes', async (sizeBytes, problem) => {
    const on = bench();
    const node = await on.node('node');
    await expect(on.server.resize(0, sizeBytes)).rejects.toThrow(new RegExp(`^LUN 0: ${problem}`));
    expect([await ask(node, ready), await capacity(node)]).toEqual(['GOOD', BLOCKS]);
  });

  it('is not there: said so', async () => {
    await expect(bench().server.resize(7, 1)).rejects.toThrow(
      new RangeError('LUN 7 is not there; there are 0'),
    );
    expect(() => bench().server.capacityOf(7)).toThrow(RangeError);
  });
});

describe('commands that are under way when the capacity changes', () => {
  it('WRITE SAME to the last block reaches what is the last block when its Data-Out is there', async () => {
    const on = bench();
    const node = await on.node('node');
    const ended: string[] = [];
    const task = writeSameToTheEnd(on, ended);
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    on.server.dataOutArrived(task);
    await ask(node, ready);
    expect([ended, await firstByteAt(node, 2 * BLOCKS - 1)]).toEqual([['GOOD'], 0x6b]);
  });

  it('and is refused where that is more than one command may write', async () => {
    const on = bench();
    await on.node('node');
    const ended: string[] = [];
    const task = writeSameToTheEnd(on, ended);
    await on.server.resize(0, 16 * 2 ** 20 + 512);
    on.server.dataOutArrived(task);
    expect(ended).toEqual(['05/24/00 cdb 10']);
  });
});

describe('a resize and a sanitize operation', () => {
  const sanitizable = (
    more: Partial<LogicalUnitDefinition> = {},
  ): Bench & { readonly clock: ManualClock } => {
    const clock = new ManualClock();
    return { ...bench([unit({ thin: true, sanitizeSeconds: 8 }, more)], undefined, undefined, clock), clock };
  };
  const erase = sanitizeCdb({ serviceAction: SANITIZE_SERVICE_ACTION.blockErase });

  it('the resize is refused while the operation runs, not after', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    const erased = ask(node, erase);
    await on.clock.advance(4000);
    await expect(on.server.resize(0, 2 * MEDIUM_BYTES)).rejects.toThrow(
      new RangeError('LUN 0: a sanitize operation is running: expected a resize when it is over'),
    );
    await on.clock.advance(4000);
    expect(await erased).toBe('GOOD');
    await on.server.resize(0, 2 * MEDIUM_BYTES);
    expect(await ask(node, ready)).toBe('06/2a/09');
  });

  it('an operation that began while the medium was growing wipes what there was when it began, in every pass', async () => {
    const base = asynchronousMemory(MEDIUM_BYTES);
    let grow: () => void = () => undefined;
    let growing: () => void = () => undefined;
    const isGrowing = new Promise<void>((resolve) => (growing = resolve));
    const medium = mediumLike(base, {
      grow: async (sizeBytes) => {
        const mayGrow = new Promise<void>((resolve) => (grow = resolve));
        growing();
        await mayGrow;
        return base.grow(sizeBytes);
      },
    });
    const on = sanitizable({ medium });
    const node = await on.node('node');
    const resized = on.server.resize(0, 2 * MEDIUM_BYTES);
    await isGrowing;
    const list = Buffer.concat([Buffer.from([2, 0, 2, 0]), Buffer.alloc(512, 0xaa)]);
    const overwrite = sanitizeCdb({
      serviceAction: SANITIZE_SERVICE_ACTION.overwrite,
      parameterListLength: list.length,
    });
    const over = node.execute(overwrite, { dataOut: list });
    await on.clock.advance(1000);
    grow();
    await resized;
    await on.clock.advance(7000);
    expect(told(await over)).toBe('GOOD');
    await ask(node, ready);
    expect([await firstByteAt(node, BLOCKS - 1), await firstByteAt(node, BLOCKS)]).toEqual([0xaa, 0]);
  });
});

describe('resizes that come together', () => {
  it('are done one after the other, each held to what the one before left', async () => {
    const on = bench([unit({}, { medium: asynchronousMemory(MEDIUM_BYTES) })]);
    const outcomes = await Promise.allSettled([
      on.server.resize(0, 4 * MEDIUM_BYTES),
      on.server.resize(0, 2 * MEDIUM_BYTES),
      on.server.resize(0, 8 * MEDIUM_BYTES),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(on.server.capacityOf(0)).toBe(8 * MEDIUM_BYTES);
  });
});

describe('a logical unit in a file', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fencelab-resizing-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function inFile(
    name: string,
    sizeBytes: number,
    given: Partial<LogicalUnitOptions> = {},
  ): Promise<{ readonly on: Bench; readonly path: string }> {
    const path = join(directory, name);
    await writeFile(path, Buffer.alloc(sizeBytes, 1));
    const medium = await openFileMedium(path, given.readonly === true ? 'read' : 'readWrite');
    return { on: bench([unit({ medium: { kind: 'file', path }, ...given }, { medium })]), path };
  }

  it('makes the file longer, so that it has the new size at the next start too', async () => {
    const { on, path } = await inFile('grown.img', 4096);
    const node = await on.node('node');
    await on.server.resize(0, 8192);
    await ask(node, ready);
    expect([await firstByteAt(node, 7), await firstByteAt(node, 8)]).toEqual([1, 0]);
    expect(told(await write(node, 15, 2))).toBe('GOOD');
    await on.server.close();
    expect((await stat(path)).size).toBe(8192);
    const again = bench([
      unit({ medium: { kind: 'file', path } }, { medium: await openFileMedium(path, 'read') }),
    ]);
    expect(again.server.capacityOf(0)).toBe(8192);
    await again.server.close();
  });

  it('takes what somebody else has put behind it, and never cuts it', async () => {
    const { on, path } = await inFile('outgrown.img', 4096, { thin: true });
    const node = await on.node('node');
    await writeFile(path, Buffer.alloc(8192, 3));
    await expect(on.server.resize(0, 6144)).rejects.toThrow(
      new RangeError('LUN 0 cannot have 6144 bytes: its file has 8192 bytes: expected so many or more'),
    );
    expect([await ask(node, ready), await capacity(node)]).toEqual(['GOOD', 8]);
    await on.server.resize(0, 10240);
    await ask(node, ready);
    expect([await firstByteAt(node, 15), await firstByteAt(node, 16)]).toEqual([3, 0]);
    const { dataIn } = await node.execute(getLbaStatusCdb({ allocationLength: 4096 }), {
      dataInLength: 4096,
    });
    expect(decodeLbaStatus(dataIn)?.map((one) => [one.numberOfBlocks, one.provisioningStatus])).toEqual([
      [16, 0],
      [4, 1],
    ]);
    await on.server.close();
  });

  it('that is read only can only follow its file', async () => {
    const { on, path } = await inFile('readonly.img', 4096, { readonly: true });
    await expect(on.server.resize(0, 8192)).rejects.toThrow(
      new RangeError('LUN 0 cannot have 8192 bytes: its file is read only and has 4096 bytes'),
    );
    await truncate(path, 8192);
    await on.server.resize(0, 8192);
    expect(on.server.capacityOf(0)).toBe(8192);
    await on.server.close();
  });
});
