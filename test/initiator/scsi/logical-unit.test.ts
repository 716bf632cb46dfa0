import { describe, expect, it } from 'vitest';
import { LogicalUnit } from '../../../initiator/index.js';
import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';

function unit(answer: Partial<ScsiResult> = {}) {
  const asked: { cdb: string; options: ExecuteOptions | undefined }[] = [];
  const path: LogicalUnitPath = {
    name: 'a scripted path',
    execute: (cdb, options) => {
      asked.push({ cdb: Buffer.from(cdb).toString('hex'), options });
      return Promise.resolve({
        status: 0,
        sense: new Uint8Array(0),
        dataIn: new Uint8Array(0),
        residual: 0,
        ...answer,
      });
    },
    close: () => Promise.resolve(),
  };
  return { unit: new LogicalUnit(path), asked };
}
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('typed commands', () => {
  it('read and write by 10-byte CDBs as far as those reach, by 16-byte ones beyond', async () => {
    const { unit: lu, asked } = unit();
    await lu.read(0xffff_fffen, 2, 512);
    await lu.read(0xffff_ffffn, 2, 512, { timeoutMs: 9 });
    await lu.read(0n, 0x10000, 512);
    await lu.write(1n, Buffer.alloc(1024), 512);
    await lu.write(0x1_0000_0000n, Buffer.alloc(4096), 4096);
    await lu.synchronizeCache();
    expect(asked.map(({ cdb }) => cdb)).toEqual([
      '2800fffffffe00000200',
      '880000000000ffffffff000000020000',
      '88000000000000000000000100000000',
      '2a000000000100000200',
      '8a000000000100000000000000010000',
      '35000000000000000000',
    ]);
    expect(asked[1]?.options).toEqual({ dataInLength: 1024, timeoutMs: 9 });
    expect(asked[3]?.options).toEqual({ dataOut: Buffer.alloc(1024) });
    expect(() => lu.write(0n, Buffer.alloc(513), 512)).toThrow('513 bytes are not whole blocks of 512');
  });

  it('carry status and decoded sense, and no value', async () => {
    const { unit: lu } = unit({ status: 2, sense: hex('70 00 06 00000000 0a 00000000 2a 05 00 000000') });
    expect(await lu.testUnitReady()).toMatchObject({
      good: false,
      status: 2,
      senseData: { key: 6, asc: 0x2a, ascq: 5 },
      value: undefined,
    });
  });

  it('decode capacity, to the last of 64 bits', async () => {
    const ten = unit({ dataIn: hex('ffffffff 00000200') });
    expect((await ten.unit.readCapacity10()).value).toEqual({
      blocks: 0x1_0000_0000n,
      blockLengthBytes: 512,
    });
    const sixteen = unit({ dataIn: hex(`00ffffffffffffff 00001000 ${'00'.repeat(20)}`) });
    expect((await sixteen.unit.readCapacity16()).value).toEqual({
      blocks: 0x100_0000_0000_0000n,
      blockLengthBytes: 4096,
    });
    expect(sixteen.asked[0]).toEqual({
      cdb: '9e100000000000000000000000200000',
      options: { dataInLength: 32 },
    });
    expect((await unit({ dataIn: hex('00') }).unit.readCapacity10()).value).toBeUndefined();
  });

  it('decode LUNs, pages and sense', async () => {
    const luns = unit({
      dataIn: hex('00000018 00000000 0000000000000000 4101000000000000 c101000000000000'),
    });
    expect((await luns.unit.reportLuns()).value).toEqual([0, 257]);
    const page = unit({ dataIn: hex('00 83 0002 aabb ffff') });
    expect((await page.unit.vpdPage(0x83)).value).toEqual(hex('00 83 0002 aabb'));
    expect((await page.unit.vpdPage(0x80)).value).toBeUndefined();
    expect(page.asked[0]?.cdb).toBe('120183ffff00');
    const sense = unit({ dataIn: hex('70 00 05 00000000 0a 00000000 25 00 00 000000') });
    expect((await sense.unit.requestSense()).value).toMatchObject({ key: 5, asc: 0x25 });
    expect((await unit({ dataIn: Buffer.alloc(35) }).unit.inquiry()).value).toBeUndefined();
  });

  it('send persistent reservation commands with the length of their list', async () => {
    const { unit: lu, asked } = unit({ dataIn: hex('00000001 00000000') });
    await lu.persistentReserveOut({ serviceAction: 1, type: 5 }, Buffer.alloc(24, 7));
    expect((await lu.persistentReserveIn(0, 256)).value).toEqual(hex('0000000100000000'));
    expect(asked).toEqual([
      { cdb: '5f010500000000001800', options: { dataOut: Buffer.alloc(24, 7) } },
      { cdb: '5e000000000000010000', options: { dataInLength: 256 } },
    ]);
  });
});
