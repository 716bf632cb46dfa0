import { describe, expect, it } from 'vitest';
import { BlockDevice } from '../../../initiator/io/block-device.js';
import {
  blockLimitsLayout,
  OPERATION_CODE,
  readCapacity16DataLayout,
  SCSI_STATUS,
  unitAttention,
  vpdHeaderLayout,
  writeProtected,
} from '../../../protocol/index.js';
import type { ScsiResult } from '../../../protocol/index.js';
import { checkCondition, good, scriptedPath, withStatus } from '../scripted-path.js';
import type { ScriptedPath } from '../scripted-path.js';

/** A disk that answers READ CAPACITY(16) and Block Limits, and media commands from `answers`. */
function disk(
  answers: ScsiResult[],
  shape: { lastLba?: bigint; blockLengthBytes?: number; maximumTransferLength?: number } = {},
): ScriptedPath {
  const blockLengthBytes = shape.blockLengthBytes ?? 512;
  return scriptedPath([], (cdb, options) => {
    if (cdb[0] === OPERATION_CODE.serviceActionIn16) {
      return good(
        readCapacity16DataLayout.toBytes({
          returnedLogicalBlockAddress: shape.lastLba ?? 2047n,
          logicalBlockLengthBytes: blockLengthBytes,
        }),
      );
    }
    if (cdb[0] === OPERATION_CODE.inquiry) {
      const body = blockLimitsLayout.toBytes({ maximumTransferLength: shape.maximumTransferLength ?? 0 });
      return good(
        Buffer.concat([vpdHeaderLayout.toBytes({ pageCode: 0xb0, pageLength: body.length }), body]),
      );
    }
    return answers.shift() ?? good(new Uint8Array(options.dataInLength ?? 0).fill(0x5a));
  });
}

const mediaCdbs = (path: ScriptedPath): string[] => path.cdbs.filter((cdb) => !/^(9e|12)/.test(cdb));
const conflict = withStatus(SCSI_STATUS.reservationConflict);
const attention = (asc: number, ascq: number): ScsiResult => checkCondition(unitAttention(asc, ascq));
const WRITE_LBA_5 = '2a000000000500000100';

describe('a transfer', () => {
  it('that is a whole number of commands ends with the last of them', async () => {
    const path = disk([], { maximumTransferLength: 2 });
    const device = new BlockDevice(path);
    await device.write(0n, new Uint8Array(4 * 512));
    expect(await device.read(0n, 4)).toHaveLength(4 * 512);
    expect(mediaCdbs(path)).toEqual([
      '2a000000000000000200',
      '2a000000000200000200',
      '28000000000000000200',
      '28000000000200000200',
    ]);
  });

  it('goes by (10) commands up to LBA FFFFFFFFh, and by (16) where one block lies beyond', async () => {
    const path = disk([], { lastLba: 0x1_0000_0001n });
    const device = new BlockDevice(path);
    await device.read(0xffff_fffen, 2);
    await device.read(0xffff_fffen, 3);
    await device.write(0xffff_fffen, new Uint8Array(2 * 512));
    await device.write(0xffff_fffen, new Uint8Array(3 * 512));
    expect(mediaCdbs(path)).toEqual([
      '2800fffffffe00000200',
      '880000000000fffffffe000000030000',
      '2a00fffffffe00000200',
      '8a0000000000fffffffe000000030000',
    ]);
  });

  it.each([[1500], [undefined]])('gives each command the time-out of the device: %s', async (timeoutMs) => {
    const seen: unknown[] = [];
    const path = scriptedPath([], (_, options) => {
      seen.push(options.timeoutMs);
      return good();
    });
    await new BlockDevice(path, timeoutMs === undefined ? {} : { timeoutMs }).flush();
    expect(seen).toEqual([timeoutMs]);
  });
});

describe('a node writing', () => {
  it('RESERVATION CONFLICT fails the write without retry, with EBADE', async () => {
    const path = disk([conflict]);
    await expect(new BlockDevice(path).write(5n, new Uint8Array(512))).rejects.toMatchObject({
      name: 'ReservationConflictError',
      errnoName: 'EBADE',
      errno: 52,
      message: 'write 1 block at LBA 5: RESERVATION CONFLICT',
    });
    expect(mediaCdbs(path)).toEqual([WRITE_LBA_5]);
  });

  it('after 06/2A/xx it retries once', async () => {
    const path = disk([attention(0x2a, 0x05)]);
    await new BlockDevice(path).write(5n, new Uint8Array(512));
    expect(mediaCdbs(path)).toEqual([WRITE_LBA_5, WRITE_LBA_5]);
  });

  it('after 06/2A/xx a conflict ends it: the fenced node', async () => {
    const path = disk([attention(0x2a, 0x05), conflict]);
    await expect(new BlockDevice(path).write(5n, new Uint8Array(512))).rejects.toMatchObject({
      errnoName: 'EBADE',
    });
    expect(mediaCdbs(path)).toHaveLength(2);
  });

  it('a second 06/2A/xx is an error', async () => {
    const path = disk([attention(0x2a, 0x03), attention(0x2a, 0x04)]);
    await expect(new BlockDevice(path).write(5n, new Uint8Array(512))).rejects.toMatchObject({
      errnoName: 'EIO',
      message: 'write 1 block at LBA 5: CHECK CONDITION 06/2A/04, Reservations released',
    });
    expect(mediaCdbs(path)).toHaveLength(2);
  });

  it('29/xx, BUSY, TASK SET FULL and TASK ABORTED go again, pausing but for attentions', async () => {
    const pauses: number[] = [];
    const path = disk([
      attention(0x29, 0x00),
      withStatus(SCSI_STATUS.busy),
      withStatus(SCSI_STATUS.taskSetFull),
      withStatus(SCSI_STATUS.taskAborted),
    ]);
    const device = new BlockDevice(path, {
      pause: (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
    });
    await device.write(5n, new Uint8Array(512));
    expect(mediaCdbs(path)).toHaveLength(5);
    expect(pauses).toHaveLength(3);
  });

  it('gives up after five retries', async () => {
    const path = disk(Array.from({ length: 9 }, () => withStatus(SCSI_STATUS.taskAborted)));
    const device = new BlockDevice(path, { pause: () => Promise.resolve() });
    await expect(device.write(5n, new Uint8Array(512))).rejects.toMatchObject({
      message: 'write 1 block at LBA 5: TASK ABORTED',
    });
    expect(mediaCdbs(path)).toHaveLength(6);
  });

  it('any other sense is an I/O error at once', async () => {
    const path = disk([checkCondition(writeProtected())]);
    await expect(new BlockDevice(path).write(5n, new Uint8Array(512))).rejects.toMatchObject({
      name: 'BlockIoError',
      message: 'write 1 block at LBA 5: CHECK CONDITION 07/27/00, Write protected',
    });
    expect(mediaCdbs(path)).toHaveLength(1);
  });

  it('splits by MAXIMUM TRANSFER LENGTH, data in place', async () => {
    const path = disk([], { maximumTransferLength: 2 });
    const data = Buffer.concat([Buffer.alloc(1024, 1), Buffer.alloc(1024, 2), Buffer.alloc(512, 3)]);
    await new BlockDevice(path).write(8n, data);
    expect(mediaCdbs(path)).toEqual(['2a000000000800000200', '2a000000000a00000200', '2a000000000c00000100']);
    expect(Buffer.concat(path.dataOuts)).toEqual(data);
  });

  it('splits by its own limit of 512 KiB where the LU reports none', async () => {
    const path = disk([], { blockLengthBytes: 4096 });
    await new BlockDevice(path).write(0n, new Uint8Array(4096 * 129));
    expect(path.dataOuts.map((data) => data.length)).toEqual([4096 * 128, 4096]);
  });

  it('addresses 64 bits beyond 2 TiB', async () => {
    const path = disk([], { lastLba: 0x1_0000_000fn });
    await new BlockDevice(path).write(0xffff_ffffn, new Uint8Array(1024));
    expect(mediaCdbs(path)).toEqual(['8a0000000000ffffffff000000020000']);
  });

  it('refuses part of a block', async () => {
    await expect(new BlockDevice(disk([])).write(0n, new Uint8Array(100))).rejects.toThrow(RangeError);
  });
});

describe('a node reading', () => {
  it('joins the pieces', async () => {
    const path = disk([good(Buffer.alloc(1024, 1)), good(Buffer.alloc(512, 2))], {
      maximumTransferLength: 2,
    });
    expect(await new BlockDevice(path).read(3n, 3)).toEqual(
      Buffer.concat([Buffer.alloc(1024, 1), Buffer.alloc(512, 2)]),
    );
    expect(mediaCdbs(path)).toEqual(['28000000000300000200', '28000000000500000100']);
  });

  it('takes no short read for data', async () => {
    const path = disk([good(new Uint8Array(100))]);
    await expect(new BlockDevice(path).read(3n, 1)).rejects.toMatchObject({
      message: 'read 1 block at LBA 3: 100 of 512 bytes came',
    });
  });

  it('asks for the capacity once', async () => {
    const path = disk([]);
    const device = new BlockDevice(path);
    expect(await device.readCapacity()).toEqual({ blocks: 2048n, blockLengthBytes: 512 });
    await device.read(0n, 1);
    expect(path.cdbs.filter((cdb) => cdb.startsWith('9e'))).toHaveLength(1);
  });
});
