import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BYTE_CHECK,
  compareAndWriteCdb,
  decodeSense,
  itNexusId,
  orWrite16Cdb,
  prefetch10Cdb,
  prefetch16Cdb,
  read10Cdb,
  readDefectData10Cdb,
  readDefectData12Cdb,
  verify10Cdb,
  verify12Cdb,
  verify16Cdb,
  writeAtomic16Cdb,
  writeSame10Cdb,
  writeSame16Cdb,
  type LogicalUnitPath,
  type ScsiResult,
} from '../../../protocol/index.js';
import { openFileMedium } from '../../../target/medium/file-medium.js';
import type { AsynchronousMedium, Medium } from '../../../target/medium/medium.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import type { LogicalUnitOptions } from '../../../target/options.js';
import { ask, bench, firstByteAt, MEDIUM_BYTES, nexusOf, told, unit, write } from '../logical-unit/bench.js';
import { asynchronousMemory, mediumLike } from '../logical-unit/media.js';

const LAST = MEDIUM_BYTES / 512 - 1;
const blocks = (count: number, fill: number): Buffer => Buffer.alloc(512 * count, fill);

let directory = '';
const files: AsynchronousMedium[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fencelab-blocks-'));
});
afterAll(async () => {
  await Promise.all(files.map((file) => file.close()));
  await rm(directory, { recursive: true });
});

const MEDIA: Readonly<Record<'memory' | 'file', () => Promise<Medium>>> = {
  memory: () => Promise.resolve(new MemoryMedium(MEDIUM_BYTES)),
  file: async () => {
    const path = join(directory, `disk-${files.length}.img`);
    await writeFile(path, Buffer.alloc(MEDIUM_BYTES));
    const file = await openFileMedium(path, 'readWrite');
    files.push(file);
    return file;
  },
};

async function nodeOn(
  medium: 'memory' | 'file',
  options: Partial<LogicalUnitOptions> = {},
): Promise<LogicalUnitPath> {
  return bench([unit(options, { medium: await MEDIA[medium]() })]).node('node');
}

const out = async (node: LogicalUnitPath, cdb: Uint8Array, dataOut?: Uint8Array): Promise<string> =>
  told(await send(node, cdb, dataOut));
const send = (node: LogicalUnitPath, cdb: Uint8Array, dataOut?: Uint8Array): Promise<ScsiResult> =>
  node.execute(cdb, dataOut === undefined ? {} : { dataOut });
const contents = async (node: LogicalUnitPath, lba: number, count: number): Promise<Uint8Array> =>
  (
    await node.execute(read10Cdb({ logicalBlockAddress: lba, transferLength: count }), {
      dataInLength: 512 * count,
    })
  ).dataIn;

describe.each(['memory', 'file'] as const)('VERIFY on a medium of %s (SBC-4)', (medium) => {
  const at = { logicalBlockAddress: 5, verificationLength: 3 };

  it.each([
    ['(10)', verify10Cdb],
    ['(12)', verify12Cdb],
    ['(16)', (fields: typeof at) => verify16Cdb({ ...fields, logicalBlockAddress: 5n })],
  ] as const)('%s: BYTCHK 00b, 01b and 11b', async (_, cdbOf) => {
    const node = await nodeOn(medium);
    await write(node, 5, 0x11, 3);
    const cdb = (byteCheck: number): Uint8Array => cdbOf({ ...at, byteCheck });
    expect(await out(node, cdb(BYTE_CHECK.nothing))).toBe('GOOD');
    expect(await out(node, cdb(BYTE_CHECK.everyBlock), blocks(3, 0x11))).toBe('GOOD');
    expect(await out(node, cdb(BYTE_CHECK.oneBlock), blocks(1, 0x11))).toBe('GOOD');
    const other = blocks(3, 0x11);
    other[1535] = 0x12;
    expect(await out(node, cdb(BYTE_CHECK.everyBlock), other)).toBe('0e/1d/00');
    await write(node, 7, 0x12);
    expect(await out(node, cdb(BYTE_CHECK.oneBlock), blocks(1, 0x11))).toBe('0e/1d/00');
    expect(await out(node, cdb(0b10))).toBe('05/24/00 cdb 1.2');
  });

  it('of more than one piece finds the last byte', async () => {
    const node = await nodeOn(medium);
    const verify = verify10Cdb({ verificationLength: LAST + 1, byteCheck: BYTE_CHECK.everyBlock });
    const data = Buffer.alloc(MEDIUM_BYTES);
    expect(await out(node, verify, data)).toBe('GOOD');
    data[MEDIUM_BYTES - 1] = 1;
    expect(await out(node, verify, data)).toBe('0e/1d/00');
  });

  it('beyond the end: 05/21/00; other Data-Out than the CDB says: 05/24/00', async () => {
    const node = await nodeOn(medium);
    const beyond = { logicalBlockAddress: LAST, verificationLength: 2 };
    expect(await out(node, verify10Cdb(beyond))).toBe('05/21/00');
    const compared = { byteCheck: BYTE_CHECK.everyBlock };
    expect(await out(node, verify10Cdb({ ...beyond, ...compared }), blocks(2, 0))).toBe('05/21/00');
    expect(await out(node, verify10Cdb({ ...at, ...compared }), blocks(2, 0))).toBe('05/24/00 cdb 7');
  });
});

it('VERIFY with BYTCHK=00b of blocks that cannot be read: 04/44/00', async () => {
  const medium = mediumLike(asynchronousMemory(MEDIUM_BYTES), {
    read: () => Promise.reject(new Error('unreadable')),
  });
  const node = await bench([unit({}, { medium })]).node('node');
  expect(await out(node, verify10Cdb({ verificationLength: 1 }))).toBe('04/44/00');
});

it('VERIFY stops with its abort, after the piece that it reads', async () => {
  const pieces: (() => void)[] = [];
  const medium = mediumLike(asynchronousMemory(4 * MEDIUM_BYTES), {
    read: () => new Promise((resolve) => pieces.push(resolve)),
  });
  const on = bench([unit({}, { medium })]);
  const node = await on.node('node');
  const lost = expect(
    node.execute(verify10Cdb({ verificationLength: (4 * MEDIUM_BYTES) / 512 })),
  ).rejects.toThrow('closed');
  await node.close();
  await lost;
  pieces[0]?.();
  await new Promise(setImmediate);
  expect(pieces).toHaveLength(1);
});

describe.each(['memory', 'file'] as const)('COMPARE AND WRITE on a medium of %s (SBC-4)', (medium) => {
  const cdb = compareAndWriteCdb({ logicalBlockAddress: 9n, numberOfBlocks: 2 });

  it('writes the second half of Data-Out where the blocks are the first', async () => {
    const node = await nodeOn(medium);
    await write(node, 9, 0xaa, 2);
    expect(await out(node, cdb, Buffer.concat([blocks(2, 0xaa), blocks(2, 0xbb)]))).toBe('GOOD');
    expect(Buffer.from(await contents(node, 8, 4))).toEqual(
      Buffer.concat([blocks(1, 0), blocks(2, 0xbb), blocks(1, 0)]),
    );
  });

  it('else writes nothing and tells the first byte that differs in INFORMATION', async () => {
    const node = await nodeOn(medium);
    await write(node, 9, 0xaa, 2);
    const compared = blocks(2, 0xaa);
    compared[700] = 0xab;
    compared[701] = 0xab;
    const result = await send(node, cdb, Buffer.concat([compared, blocks(2, 0xbb)]));
    expect(decodeSense(result.sense)).toEqual({ key: 0x0e, asc: 0x1d, ascq: 0, information: 700n });
    expect(await firstByteAt(node, 9)).toBe(0xaa);
  });

  it('of no block is GOOD; with Data-Out for another number of blocks 05/24/00', async () => {
    const node = await nodeOn(medium);
    expect(await out(node, compareAndWriteCdb({ logicalBlockAddress: 9n }))).toBe('GOOD');
    expect(await out(node, cdb, blocks(3, 0))).toBe('05/24/00 cdb 13');
    expect(await out(node, cdb, blocks(5, 0))).toBe('05/24/00 cdb 13');
    const beyond = compareAndWriteCdb({ logicalBlockAddress: BigInt(LAST), numberOfBlocks: 2 });
    expect(await out(node, beyond, blocks(4, 0))).toBe('05/21/00');
  });

  it('is one operation: of many that count up from many nexuses none is lost', async () => {
    const on = bench([unit({}, { medium: await MEDIA[medium]() })]);
    const nodes = await Promise.all([1, 2, 3, 4].map((number) => on.node(`node-${number}`)));
    const counter = compareAndWriteCdb({ logicalBlockAddress: 3n, numberOfBlocks: 1 });
    const countUp = async (node: LogicalUnitPath): Promise<void> => {
      let seen = 0;
      let done = 0;
      while (done < 10) {
        const answer = await out(node, counter, Buffer.concat([blocks(1, seen), blocks(1, seen + 1)]));
        if (answer === 'GOOD') done++;
        else expect(answer).toBe('0e/1d/00');
        seen = (await firstByteAt(node, 3)) ?? 0;
      }
    };
    await Promise.all(nodes.map(countUp));
    const [first] = nodes;
    expect(first === undefined ? undefined : await firstByteAt(first, 3)).toBe(40);
  });
});

describe.each(['memory', 'file'] as const)('ORWRITE(16) on a medium of %s', (medium) => {
  it('sets the bits of Data-Out and leaves the others', async () => {
    const node = await nodeOn(medium);
    await write(node, 4, 0x0f, 2);
    const cdb = orWrite16Cdb({ logicalBlockAddress: 4n, transferLength: 2 });
    expect(await out(node, cdb, Buffer.concat([blocks(1, 0x31), blocks(1, 0x80)]))).toBe('GOOD');
    expect([await firstByteAt(node, 4), await firstByteAt(node, 5), await firstByteAt(node, 6)]).toEqual([
      0x3f, 0x8f, 0,
    ]);
    expect(await out(node, cdb, blocks(1, 0))).toBe('05/24/00 cdb 10');
  });
});

describe('WRITE ATOMIC(16)', () => {
  const cdbOf = (lba: number, transferLength: number): Uint8Array =>
    writeAtomic16Cdb({ logicalBlockAddress: BigInt(lba), transferLength });

  it('writes whole physical blocks, and nothing else', async () => {
    const node = await nodeOn('memory', { physicalBlockLengthBytes: 4096 });
    expect(await out(node, cdbOf(8, 8), blocks(8, 0x77))).toBe('GOOD');
    expect([await firstByteAt(node, 7), await firstByteAt(node, 15)]).toEqual([0, 0x77]);
    expect(await out(node, cdbOf(1, 8), blocks(8, 1))).toBe('05/24/00 cdb 2');
    expect(await out(node, cdbOf(0, 7), blocks(7, 1))).toBe('05/24/00 cdb 12');
    expect(await out(node, cdbOf(0, 8), blocks(7, 1))).toBe('05/24/00 cdb 12');
    expect(await out(node, cdbOf(LAST + 1, 8), blocks(8, 1))).toBe('05/21/00');
    expect(await firstByteAt(node, 0)).toBe(0);
  });

  it('is not there where a write can be torn: on a file', async () => {
    expect(await out(await nodeOn('file'), cdbOf(0, 1), blocks(1, 1))).toBe('05/20/00 cdb 0');
  });
});

describe.each(['memory', 'file'] as const)('WRITE SAME on a medium of %s (SBC-4)', (medium) => {
  it.each([
    ['(10)', writeSame10Cdb({ logicalBlockAddress: 3, numberOfBlocks: 4 })],
    ['(16)', writeSame16Cdb({ logicalBlockAddress: 3n, numberOfBlocks: 4 })],
  ])('%s writes one block again and again', async (_, cdb) => {
    const node = await nodeOn(medium);
    const block = Buffer.from(Array.from({ length: 512 }, (__, index) => index & 0xff));
    expect(await out(node, cdb, block)).toBe('GOOD');
    expect(Buffer.from(await contents(node, 2, 6))).toEqual(
      Buffer.concat([blocks(1, 0), block, block, block, block, blocks(1, 0)]),
    );
    expect(await out(node, cdb, blocks(2, 0))).toMatch(/^05\/24\/00/);
    expect(await out(node, cdb, blocks(1, 0).subarray(1))).toMatch(/^05\/24\/00/);
  });

  it('of 0 blocks writes up to the last; NDOB writes zeros', async () => {
    const node = await nodeOn(medium);
    expect(await out(node, writeSame10Cdb({ logicalBlockAddress: 1 }), blocks(1, 0x55))).toBe('GOOD');
    expect([await firstByteAt(node, 0), await firstByteAt(node, 1), await firstByteAt(node, LAST)]).toEqual([
      0, 0x55, 0x55,
    ]);
    const zeros = writeSame16Cdb({ logicalBlockAddress: 2n, numberOfBlocks: 1, noDataOutBuffer: 1 });
    expect(await out(node, zeros)).toBe('GOOD');
    expect([await firstByteAt(node, 1), await firstByteAt(node, 2), await firstByteAt(node, 3)]).toEqual([
      0x55, 0, 0x55,
    ]);
    expect(await out(node, zeros, blocks(1, 1))).toBe('05/24/00 cdb 10');
  });

  it('ANCHOR, and UNMAP on a fully provisioned LU, are invalid fields; so is a range beyond the end', async () => {
    const node = await nodeOn(medium);
    const one = { logicalBlockAddress: 0n, numberOfBlocks: 1 };
    expect(await out(node, writeSame16Cdb({ ...one, anchor: 1 }), blocks(1, 0))).toBe('05/24/00 cdb 1.4');
    expect(await out(node, writeSame16Cdb({ ...one, unmap: 1 }), blocks(1, 0))).toBe('05/24/00 cdb 1.3');
    const beyond = { logicalBlockAddress: BigInt(LAST), numberOfBlocks: 2 };
    expect(await out(node, writeSame16Cdb(beyond), blocks(1, 0))).toBe('05/21/00');
  });
});

it('WRITE SAME of more than MAXIMUM WRITE SAME LENGTH: 05/24/00, also where 0 stands for it', async () => {
  const medium = new MemoryMedium(2 ** 30);
  const node = await bench([unit({}, { medium })]).node('node');
  const most = 32768;
  expect(await out(node, writeSame10Cdb({ numberOfBlocks: most }), blocks(1, 1))).toBe('GOOD');
  expect(await out(node, writeSame10Cdb({ numberOfBlocks: most + 1 }), blocks(1, 1))).toBe('05/24/00 cdb 7');
  expect(await out(node, writeSame16Cdb(), blocks(1, 1))).toBe('05/24/00 cdb 10');
});

describe('PRE-FETCH and READ DEFECT DATA', () => {
  it('PRE-FETCH of what exists is GOOD, beyond the end 05/21/00', async () => {
    const node = await nodeOn('memory');
    expect(await ask(node, prefetch10Cdb({ prefetchLength: 4, immediate: 1, groupNumber: 3 }))).toBe('GOOD');
    expect(await ask(node, prefetch16Cdb({ logicalBlockAddress: 2n ** 63n }))).toBe('05/21/00');
    const beyond = prefetch10Cdb({ logicalBlockAddress: LAST, prefetchLength: 2 });
    expect(await ask(node, beyond)).toBe('05/21/00');
  });

  it('READ DEFECT DATA: the lists and the format that were asked for, empty', async () => {
    const node = await nodeOn('memory');
    const asked = { requestPrimaryList: 1, defectListFormat: 5, allocationLength: 64 };
    const ten = await node.execute(readDefectData10Cdb(asked), { dataInLength: 64 });
    expect([...ten.dataIn]).toEqual([0, 0x15, 0, 0]);
    const twelve = await node.execute(readDefectData12Cdb({ ...asked, requestGrownList: 1 }), {
      dataInLength: 64,
    });
    expect([...twelve.dataIn]).toEqual([0, 0x1d, 0, 0, 0, 0, 0, 0]);
  });
});

describe('Every command that writes', () => {
  const data = Buffer.concat([blocks(1, 0), blocks(1, 0xee)]);
  const commands: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ['COMPARE AND WRITE', compareAndWriteCdb({ logicalBlockAddress: 2n, numberOfBlocks: 1 }), data],
    ['ORWRITE', orWrite16Cdb({ logicalBlockAddress: 2n, transferLength: 1 }), blocks(1, 0xee)],
    ['WRITE ATOMIC', writeAtomic16Cdb({ logicalBlockAddress: 2n, transferLength: 1 }), blocks(1, 0xee)],
    ['WRITE SAME', writeSame16Cdb({ logicalBlockAddress: 2n, numberOfBlocks: 1 }), blocks(1, 0xee)],
  ];

  it.each(commands)('%s: 07/27/00 on a readonly LU', async (_, cdb, dataOut) => {
    const node = await nodeOn('memory', { readonly: true });
    expect(await out(node, cdb, dataOut)).toBe('07/27/00');
  });

  it.each(commands)('%s is held on its way to the medium, and lands on release', async (_, cdb, dataOut) => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites({ nexusIds: [itNexusId(nexusOf('node'))] });
    const pending = out(node, cdb, dataOut);
    await hold.held;
    expect(await firstByteAt(other, 2)).toBe(0);
    await hold.release();
    expect([await pending, await firstByteAt(other, 2)]).toEqual(['GOOD', 0xee]);
  });

  it.each(commands)('%s that is held is dropped by an abort', async (_, cdb, dataOut) => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites();
    const lost = expect(out(node, cdb, dataOut)).rejects.toThrow('closed');
    await hold.held;
    await node.close();
    await lost;
    await hold.release();
    expect(await firstByteAt(other, 2)).toBe(0);
  });

  it('COMPARE AND WRITE that is held compares when it lands', async () => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites();
    const [, cdb, dataOut] = commands[0] ?? ['', new Uint8Array(), new Uint8Array()];
    const pending = out(node, cdb, dataOut);
    await hold.held;
    await write(other, 2, 0x33);
    await hold.release();
    expect([await pending, await firstByteAt(other, 2)]).toEqual(['0e/1d/00', 0x33]);
  });
});
