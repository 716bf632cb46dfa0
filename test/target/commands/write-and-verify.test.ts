import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeSense, SENSE_KEY, type ScsiResult } from '../../../protocol/index.js';
import { openFileMedium } from '../../../target/medium/file-medium.js';
import type { AsynchronousMedium, Medium, SynchronousMedium } from '../../../target/medium/medium.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import { bench, firstByteAt, MEDIUM_BYTES, told, unit, write } from '../logical-unit/bench.js';
import { mediumLike } from '../logical-unit/media.js';

const BYTCHK = 0x02;
const LBA = 5;

/** WRITE AND VERIFY of two blocks at LBA 5, by length of the CDB. */
const CDBS = {
  10: (flags: number) => Buffer.from([0x2e, flags, 0, 0, 0, LBA, 0, 0, 2, 0]),
  12: (flags: number) => Buffer.from([0xae, flags, 0, 0, 0, LBA, 0, 0, 0, 2, 0, 0]),
  16: (flags: number) => Buffer.from([0x8e, flags, 0, 0, 0, 0, 0, 0, 0, LBA, 0, 0, 0, 2, 0, 0]),
} as const;

const data = Buffer.alloc(1024, 0x5a);

/** Loses one bit of the second block of what it is given. */
function corrupted(given: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(given);
  if (bytes.length > 512) bytes[700] = (bytes[700] ?? 0) ^ 1;
  return bytes;
}

function corruptingMemory(): SynchronousMedium {
  const good = new MemoryMedium(MEDIUM_BYTES);
  return {
    kind: 'synchronous',
    sizeBytes: good.sizeBytes,
    blank: good.blank,
    copyTo: (...args) => {
      good.copyTo(...args);
    },
    write: (position, bytes, lengthBytes) => {
      good.write(position, corrupted(bytes), lengthBytes);
    },
    discard: (extents) => {
      good.discard(extents);
    },
    grow: (sizeBytes) => good.grow(sizeBytes),
    close: () => good.close(),
  };
}

describe('WRITE AND VERIFY (SBC-4)', () => {
  let directory = '';
  let files = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fencelab-verify-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function file(): Promise<AsynchronousMedium> {
    const path = join(directory, `disk-${++files}.img`);
    await writeFile(path, Buffer.alloc(MEDIUM_BYTES));
    return openFileMedium(path, 'readWrite');
  }

  async function corruptingFile(): Promise<AsynchronousMedium> {
    const good = await file();
    return mediumLike(good, {
      write: (position, bytes, durable) => good.write(position, corrupted(bytes), durable),
    });
  }

  async function verified(medium: Medium, cdb: Uint8Array): Promise<ScsiResult> {
    const on = bench([unit({}, { medium })]);
    const node = await on.node('node');
    const result = await node.execute(cdb, { dataOut: data });
    // The blocks are written whatever the comparison says: it comes after the write.
    expect(await firstByteAt(node, LBA + 1)).toBe(0x5a);
    await on.server.close();
    return result;
  }

  const media = [
    [
      'memory',
      () => Promise.resolve<Medium>(new MemoryMedium(MEDIUM_BYTES)),
      () => Promise.resolve<Medium>(corruptingMemory()),
    ],
    ['file', file, corruptingFile],
  ] as const;
  const cases = media.flatMap(([name, sound, corrupting]) =>
    ([10, 12, 16] as const).map((length) => ({ name, sound, corrupting, length })),
  );

  it.each(cases)(
    '($length) on $name, BYTCHK=1: GOOD where the medium gives back what it took',
    async (one) => {
      expect(told(await verified(await one.sound(), CDBS[one.length](BYTCHK)))).toBe('GOOD');
    },
  );

  it.each(cases)('($length) on $name, BYTCHK=1: one bit lost is MISCOMPARE, 0E/1D/00', async (one) => {
    const result = await verified(await one.corrupting(), CDBS[one.length](BYTCHK));
    expect(decodeSense(result.sense)).toEqual({ key: SENSE_KEY.miscompare, asc: 0x1d, ascq: 0 });
  });

  it.each(cases)('($length) on $name, BYTCHK=0: nothing is compared', async (one) => {
    expect(told(await verified(await one.corrupting(), CDBS[one.length](0)))).toBe('GOOD');
  });

  it('BYTCHK=0: blocks that cannot be read again are 04/44/00; a plain WRITE does not look', async () => {
    const sound = await file();
    const medium = mediumLike(sound, { read: () => Promise.reject(new Error('unreadable')) });
    const on = bench([unit({}, { medium })]);
    const node = await on.node('node');
    expect(told(await node.execute(CDBS[10](0), { dataOut: data }))).toBe('04/44/00');
    expect(told(await write(node, LBA, 0x5a))).toBe('GOOD');
    await on.server.close();
  });

  it('writes durably and reads back before another write of the same blocks can come between', async () => {
    const sound = await file();
    const durable: boolean[] = [];
    const medium = mediumLike(sound, {
      write: (position, bytes, isDurable) => {
        durable.push(isDurable);
        return sound.write(position, bytes, isDurable);
      },
    });
    const on = bench([unit({}, { medium })]);
    const node = await on.node('node');
    const other = await on.node('other');
    const both = [node.execute(CDBS[10](BYTCHK), { dataOut: data }), write(other, LBA, 0x77, 2)];
    expect((await Promise.all(both)).map(told)).toEqual(['GOOD', 'GOOD']);
    expect(durable).toEqual([true, false]);
    expect(await firstByteAt(node, LBA)).toBe(0x77);
    await on.server.close();
  });

  it('a held one is compared when it lands', async () => {
    const on = bench([unit({}, { medium: corruptingMemory() })]);
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites();
    const pending = node.execute(CDBS[10](BYTCHK), { dataOut: data });
    await hold.held;
    await hold.release();
    expect(told(await pending)).toBe('0e/1d/00');
  });
});
