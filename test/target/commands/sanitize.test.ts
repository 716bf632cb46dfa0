import { describe, expect, it } from 'vitest';
import {
  blockDeviceCharacteristicsLayout,
  decodeAllCommands,
  decodeSense,
  decodeVpdPage,
  inquiryCdb,
  modeSelect6Cdb,
  OPERATION_CODE,
  reportLunsCdb,
  reportSupportedOperationCodesCdb,
  requestSenseCdb,
  SANITIZE_SERVICE_ACTION as ACTION,
  sanitizeCdb,
  testUnitReadyCdb,
  VPD_PAGE,
  write10Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import type { LogicalUnitDefinition } from '../../../target/logical-unit/device-server.js';
import { MemoryMedium } from '../../../target/medium/memory-medium.js';
import type { LogicalUnitOptions } from '../../../target/options.js';
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
import type { Bench } from '../logical-unit/bench.js';
import { asynchronousMemory, mediumLike } from '../logical-unit/media.js';
import { ManualClock } from './manual-clock.js';

const SECONDS = 8;
const LAST = MEDIUM_BYTES / 512 - 1;
const IN_PROGRESS = '02/04/1b';
const FAILED = '03/31/03';

interface SanitizeBench extends Bench {
  readonly clock: ManualClock;
}

function sanitizable(
  options: Partial<LogicalUnitOptions> = {},
  more: Partial<LogicalUnitDefinition> = {},
): SanitizeBench {
  const clock = new ManualClock();
  return {
    ...bench([unit({ thin: true, sanitizeSeconds: SECONDS, ...options }, more)], undefined, undefined, clock),
    clock,
  };
}

const erase = (fields: object = {}): Uint8Array =>
  sanitizeCdb({ serviceAction: ACTION.blockErase, ...fields });

interface Overwrite {
  readonly pattern?: Uint8Array;
  readonly first?: number;
  readonly patternLength?: number;
  readonly listLength?: number;
  readonly immediate?: number;
}

function overwrite(path: LogicalUnitPath, given: Overwrite = {}): Promise<string> {
  const pattern = given.pattern ?? Buffer.alloc(512, 0xaa);
  const length = given.patternLength ?? pattern.length;
  const list = Buffer.concat([Buffer.from([given.first ?? 1, 0, length >> 8, length & 0xff]), pattern]);
  const cdb = sanitizeCdb({
    serviceAction: ACTION.overwrite,
    parameterListLength: given.listLength ?? list.length,
    immediate: given.immediate ?? 0,
  });
  return path.execute(cdb, { dataOut: list.subarray(0, given.listLength ?? list.length) }).then(told);
}

async function progress(path: LogicalUnitPath): Promise<number | undefined> {
  return decodeSense((await path.execute(testUnitReadyCdb())).sense)?.progress;
}

describe('SANITIZE (SBC-4)', () => {
  it('OVERWRITE leaves the pattern in every block, and GOOD waits for it', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    await write(node, 0, 7);
    const over = overwrite(node, { pattern: Buffer.from('0102', 'hex') });
    await on.clock.advance(SECONDS * 1000 - 1);
    expect(await ask(node, testUnitReadyCdb())).toBe(IN_PROGRESS);
    await on.clock.advance(1);
    expect(await over).toBe('GOOD');
    expect([await firstByteAt(node, 0), await firstByteAt(node, LAST)]).toEqual([1, 1]);
  });

  it('INVERT inverts every second pass; the last one is the pattern, and each takes its share of the time', async () => {
    const medium = new MemoryMedium(MEDIUM_BYTES);
    const firstByte = (): number => {
      const byte = Buffer.alloc(1);
      medium.copyTo(byte, 0, 0, 1);
      return byte.readUInt8(0);
    };
    const on = sanitizable({}, { medium });
    const node = await on.node('node');
    const over = overwrite(node, { first: 0x80 | 3 });
    const seen: number[] = [];
    for (let pass = 0; pass < 3; pass++) {
      await on.clock.advance((SECONDS * 1000) / 3 + 1);
      seen.push(firstByte());
    }
    expect(await over).toBe('GOOD');
    // Of the next pass the first piece may be written already, never of the one behind it.
    expect(seen).toEqual([0xaa, 0x55, 0xaa]);
    const even = overwrite(node, { first: 0x80 | 2 });
    await on.clock.advance((SECONDS * 1000) / 2);
    expect(firstByte()).toBe(0x55);
    await on.clock.advance((SECONDS * 1000) / 2);
    expect([await even, firstByte()]).toEqual(['GOOD', 0xaa]);
  });

  it.each(['blockErase', 'cryptographicErase'] as const)('%s leaves zeros', async (method) => {
    const on = sanitizable();
    const node = await on.node('node');
    await write(node, LAST, 7);
    const over = ask(node, sanitizeCdb({ serviceAction: ACTION[method] }));
    await on.clock.advance(SECONDS * 1000);
    expect(await over).toBe('GOOD');
    expect(await firstByteAt(node, LAST)).toBe(0);
  });

  it('while it runs: 02/04/1B with its progress to all but INQUIRY, REPORT LUNS and REQUEST SENSE', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    const other = await on.node('other');
    expect(await ask(node, erase({ immediate: 1 }))).toBe('GOOD');
    await on.clock.advance((SECONDS * 1000) / 4);
    expect(await progress(other)).toBe(0x4000);
    for (const cdb of [erase(), sanitizeCdb({ serviceAction: ACTION.exitFailureMode })]) {
      expect(await ask(other, cdb)).toBe(IN_PROGRESS);
    }
    expect(told(await write(other, 0, 1))).toBe(IN_PROGRESS);
    expect(await ask(other, inquiryCdb({ allocationLength: 36 }))).toBe('GOOD');
    expect(await ask(other, reportLunsCdb({ allocationLength: 16 }))).toBe('GOOD');
    const sense = await other.execute(requestSenseCdb({ allocationLength: 18 }), { dataInLength: 18 });
    expect([told(sense), decodeSense(sense.dataIn)]).toEqual([
      'GOOD',
      { key: 2, asc: 0x04, ascq: 0x1b, progress: 0x4000 },
    ]);
    await on.clock.advance(SECONDS * 1000);
    expect(await ask(other, testUnitReadyCdb())).toBe('GOOD');
  });

  it('goes on through abort, reset, nexus loss and power cycle', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    await write(node, LAST, 7);
    const over = overwrite(node).catch((error: unknown) => String(error));
    const attachment = on.server.attach(nexusOf('other'));
    await on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun: 0 });
    expect(await over).toBe('ABORTED');
    on.transport.dropAll();
    await on.server.powerCycle({});
    const again = await on.node('again');
    await on.clock.advance((SECONDS * 1000) / 2);
    expect(await progress(again)).toBe(0x8000);
    await on.clock.advance(SECONDS * 1000);
    expect(await firstByteAt(again, LAST)).toBe(0xaa);
  });

  it('a write whose Data-Out comes behind it is refused', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    const other = await on.node('other');
    let send = (): void => undefined;
    const asked = new Promise<void>((resolve) => (send = resolve));
    const written = node.execute(write10Cdb({ logicalBlockAddress: 0, transferLength: 1 }), {
      dataOut: Buffer.alloc(512, 7),
      whenDataOutIsAskedFor: () => asked,
    });
    expect(await ask(other, erase({ immediate: 1 }))).toBe('GOOD');
    await on.clock.advance(SECONDS * 1000);
    send();
    expect(told(await written)).toBe(IN_PROGRESS);
    expect(await firstByteAt(other, 0)).toBe(0);
  });

  it('a write that is held as it begins is refused, and never lands', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites();
    const written = write(node, 5, 7);
    await hold.held;
    const over = ask(other, erase());
    expect(told(await written)).toBe(IN_PROGRESS);
    await on.clock.advance(SECONDS * 1000);
    expect([await over, hold.heldCount()]).toEqual(['GOOD', 0]);
    await hold.release();
    expect(await firstByteAt(other, 5)).toBe(0);
  });

  it('waits for a write that is at the medium', async () => {
    const base = asynchronousMemory(MEDIUM_BYTES);
    let land = (): void => undefined;
    const slow = (position: number, data: Uint8Array): Promise<void> =>
      new Promise<void>((resolve) => (land = resolve)).then(() => base.write(position, data, false));
    const on = sanitizable({}, { medium: mediumLike(base, { write: slow }) });
    const node = await on.node('node');
    const other = await on.node('other');
    const written = write(node, LAST, 7);
    expect(await ask(other, erase({ immediate: 1 }))).toBe('GOOD');
    expect(told(await written)).toBe(IN_PROGRESS);
    await on.clock.advance(SECONDS * 1000);
    expect(await progress(other)).toBe(0);
    land();
    await on.clock.advance(SECONDS * 1000);
    expect(await firstByteAt(other, LAST)).toBe(0);
  });

  it('lets a reservation command that has begun come to its end', async () => {
    let saved = (): void => undefined;
    const persist = (): Promise<void> => new Promise((resolve) => (saved = resolve));
    const on = sanitizable({}, { persist });
    const node = await on.node('node');
    const registered = prOut(node, 'register', { newKey: 1n, aptpl: true });
    expect(await ask(await on.node('other'), erase({ immediate: 1 }))).toBe('GOOD');
    await on.clock.advance(SECONDS * 1000);
    saved();
    expect(await registered).toBe('GOOD');
  });

  it('is refused by a reservation of another and on a write protected medium', async () => {
    const on = sanitizable();
    const node = await on.node('node');
    const other = await on.node('other');
    await prOut(other, 'register', { newKey: 1n });
    await prOut(other, 'reserve', { key: 1n, type: 'writeExclusive' });
    expect([await overwrite(node), await ask(node, erase())]).toEqual(['CONFLICT', 'CONFLICT']);
    await prOut(other, 'clear', { key: 1n });
    const list = Buffer.from('00000000' + '0a0a00000840000000000000', 'hex');
    const select = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
    expect(told(await other.execute(select, { dataOut: list }))).toBe('GOOD');
    expect(await ask(node, testUnitReadyCdb())).toBe('06/2a/01');
    expect([await overwrite(node), await ask(node, erase())]).toEqual(['07/27/00', '07/27/00']);
  });

  it('fields that do not fit, each with its place', async () => {
    const node = await sanitizable().node('node');
    for (const listLength of [0, 4]) expect(await overwrite(node, { listLength })).toBe('05/24/00 cdb 7');
    expect(await overwrite(node, { pattern: Buffer.alloc(513) })).toBe('05/24/00 cdb 7');
    expect(await overwrite(node, { first: 0 })).toBe('05/26/00 parameterList 0.4');
    expect(await overwrite(node, { first: 0x21 })).toBe('05/26/00 parameterList 0.6');
    for (const patternLength of [0, 4, 516])
      expect(await overwrite(node, { patternLength })).toBe('05/26/00 parameterList 2');
    expect(await ask(node, erase({ parameterListLength: 8 }))).toBe('05/24/00 cdb 7');
    const exit = { serviceAction: ACTION.exitFailureMode };
    expect(await ask(node, sanitizeCdb({ ...exit, parameterListLength: 8 }))).toBe('05/24/00 cdb 7');
    expect(await ask(node, sanitizeCdb(exit))).toBe('GOOD');
    expect(await ask(node, erase({ zonedNoReset: 1 }))).toBe('05/24/00 cdb 1.6');
  });

  it('is a command of LUs with the option alone; erasing one of thin ones', async () => {
    const actions = async (options: Partial<LogicalUnitOptions>): Promise<unknown> => {
      const node = await bench([unit(options)]).node('node');
      const cdb = reportSupportedOperationCodesCdb({ allocationLength: 4096 });
      const all = decodeAllCommands((await node.execute(cdb, { dataInLength: 4096 })).dataIn);
      return all
        .filter((one) => one.operationCode === OPERATION_CODE.sanitize)
        .map((one) => one.serviceAction);
    };
    expect(await actions({ thin: true })).toEqual([]);
    expect(await actions({ sanitizeSeconds: 1 })).toEqual([ACTION.overwrite, ACTION.exitFailureMode]);
    expect(await actions({ sanitizeSeconds: 1, thin: true })).toEqual(Object.values(ACTION));
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('thin %s: WABEREQ and WACEREQ are %d', async (thin, expected) => {
    const node = await sanitizable({ thin }).node('node');
    const pageCode = VPD_PAGE.blockDeviceCharacteristics;
    const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength: 255 });
    const body = decodeVpdPage(pageCode, (await node.execute(cdb, { dataInLength: 255 })).dataIn);
    expect(blockDeviceCharacteristicsLayout.decode(body ?? new Uint8Array())).toMatchObject({
      writeAfterBlockEraseRequired: expected,
      writeAfterCryptographicEraseRequired: expected,
    });
  });
});

describe('A sanitize operation that fails (SBC-4 4.11)', () => {
  /** A medium that cannot be written in its second half. */
  class HalfBroken extends MemoryMedium {
    broken = true;
    override write(position: number, data: Uint8Array, lengthBytes: number): void {
      if (this.broken && position >= MEDIUM_BYTES / 2) throw new Error('broken');
      super.write(position, data, lengthBytes);
    }
  }

  async function failed(on: SanitizeBench, allowUnrestrictedExit: number): Promise<LogicalUnitPath> {
    const node = await on.node('node');
    const list = Buffer.from('0100000155', 'hex');
    const cdb = sanitizeCdb({
      serviceAction: ACTION.overwrite,
      allowUnrestrictedExit,
      parameterListLength: list.length,
    });
    const over = node.execute(cdb, { dataOut: list });
    await on.clock.advance(SECONDS * 1000);
    expect(told(await over)).toBe(FAILED);
    return node;
  }

  it('answers 03/31/03 until another one succeeds; AUSE=0 cannot be given up', async () => {
    const medium = new HalfBroken(MEDIUM_BYTES);
    const on = sanitizable({}, { medium });
    const node = await failed(on, 0);
    expect(await ask(node, testUnitReadyCdb())).toBe(FAILED);
    expect(await ask(node, sanitizeCdb({ serviceAction: ACTION.exitFailureMode }))).toBe('05/24/00 cdb 1.4');
    expect(await ask(node, erase({ allowUnrestrictedExit: 1 }))).toBe('05/24/00 cdb 1.5');
    medium.broken = false;
    const over = overwrite(node);
    await on.clock.advance(SECONDS * 1000);
    expect([await over, await ask(node, testUnitReadyCdb())]).toEqual(['GOOD', 'GOOD']);
  });

  it('AUSE=1: EXIT FAILURE MODE ends it', async () => {
    const on = sanitizable({}, { medium: new HalfBroken(MEDIUM_BYTES) });
    const node = await failed(on, 1);
    expect(await ask(node, testUnitReadyCdb())).toBe(FAILED);
    expect(await ask(node, sanitizeCdb({ serviceAction: ACTION.exitFailureMode }))).toBe('GOOD');
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
  });
});
