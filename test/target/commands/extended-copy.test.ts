import { describe, expect, it } from 'vitest';
import {
  copyOperatingParametersLayout,
  copySegmentLayout,
  copyStatusLayout,
  copyTargetLayout,
  decodeDeviceIdentification,
  decodeStandardInquiry,
  DESIGNATOR_TYPE,
  encodeThirdPartyCopy,
  extendedCopyCdb,
  inquiryCdb,
  RECEIVE_COPY_RESULTS,
  receiveCopyResultsCdb,
  SANITIZE_SERVICE_ACTION,
  sanitizeCdb,
  VPD_PAGE,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
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
import { asynchronousMemory } from '../logical-unit/media.js';
import type { Bench } from '../logical-unit/bench.js';

const BLOCKS = MEDIUM_BYTES / 512;
const NO_BYTES = Buffer.alloc(0);

const twoUnits = (): Bench => bench([unit(), unit({ lun: 1 }, { medium: asynchronousMemory(MEDIUM_BYTES) })]);

/** A target descriptor of the LU behind a path, by its NAA designator. */
async function targetOf(path: LogicalUnitPath, fields: object = {}): Promise<Buffer> {
  const pageCode = VPD_PAGE.deviceIdentification;
  const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength: 255 });
  const found = decodeDeviceIdentification((await path.execute(cdb, { dataInLength: 255 })).dataIn);
  const naa = found?.find(({ type }) => type === DESIGNATOR_TYPE.naa)?.designator ?? NO_BYTES;
  const bytes = copyTargetLayout.toBytes({
    descriptorTypeCode: 0xe4,
    codeSet: 1,
    designatorType: DESIGNATOR_TYPE.naa,
    designatorLength: naa.length,
    diskBlockLengthBytes: 512,
    ...fields,
  });
  bytes.set(naa, 8);
  return Buffer.from(bytes);
}

const segment = (fields: object = {}): Buffer =>
  Buffer.from(
    copySegmentLayout.toBytes({
      descriptorTypeCode: 0x02,
      descriptorLength: 0x18,
      numberOfBlocks: 2,
      ...fields,
    }),
  );

interface List {
  readonly targets: readonly Uint8Array[];
  readonly segments: readonly Uint8Array[];
  readonly id?: number;
  readonly usage?: number;
  readonly inline?: number;
  readonly cut?: number;
}

function copy(path: LogicalUnitPath, given: List): Promise<string> {
  const targets = Buffer.concat(given.targets);
  const segments = Buffer.concat(given.segments);
  const header = Buffer.alloc(16);
  header.writeUInt8(given.id ?? 1, 0);
  header.writeUInt8((given.usage ?? 0) << 3, 1);
  header.writeUInt16BE(targets.length, 2);
  header.writeUInt32BE(segments.length, 8);
  header.writeUInt32BE(given.inline ?? 0, 12);
  const whole = Buffer.concat([header, targets, segments]);
  const list = whole.subarray(0, whole.length - (given.cut ?? 0));
  return path.execute(extendedCopyCdb({ parameterListLength: list.length }), { dataOut: list }).then(told);
}

async function status(path: LogicalUnitPath, listIdentifier = 1): Promise<string> {
  const cdb = receiveCopyResultsCdb({
    serviceAction: RECEIVE_COPY_RESULTS.copyStatus,
    listIdentifier,
    allocationLength: 255,
  });
  const result = await path.execute(cdb, { dataInLength: 255 });
  if (told(result) !== 'GOOD') return told(result);
  const { copyCommandStatus, segmentsProcessed, transferCount } = copyStatusLayout.decode(result.dataIn);
  return `${copyCommandStatus}: ${segmentsProcessed} segments, ${transferCount} bytes`;
}

const identity = async (
  on: Bench,
): Promise<{ node: LogicalUnitPath; second: LogicalUnitPath; targets: Buffer[] }> => {
  const node = await on.node('node');
  const second = await on.node('node', 1);
  return { node, second, targets: [await targetOf(node), await targetOf(second)] };
};
const TO_SECOND = { destinationTargetDescriptorIndex: 1 };

describe('EXTENDED COPY(LID1) (SPC-4 6.4)', () => {
  it('copies within a LU and to another one, and RECEIVE COPY STATUS tells how much', async () => {
    const { node, second, targets } = await identity(twoUnits());
    await write(node, 0, 7, 2);
    expect(await status(node)).toBe('05/24/00 cdb 2');
    const last = { destinationLogicalBlockAddress: BigInt(BLOCKS - 2) };
    const segments = [segment(last), segment({ ...last, ...TO_SECOND })];
    expect(await copy(node, { targets, segments })).toBe('GOOD');
    expect([await firstByteAt(node, BLOCKS - 1), await firstByteAt(second, BLOCKS - 1)]).toEqual([7, 7]);
    expect(await firstByteAt(second, BLOCKS - 3)).toBe(0);
    expect(await status(node)).toBe('1: 2 segments, 2048 bytes');
    expect(await status(second)).toBe('05/24/00 cdb 2');
    // From the asynchronous one back.
    const back = segment({ sourceTargetDescriptorIndex: 1, sourceLogicalBlockAddress: BigInt(BLOCKS - 3) });
    expect(await copy(node, { targets, segments: [back], id: 2, usage: 3 })).toBe('GOOD');
    expect([await firstByteAt(node, 0), await firstByteAt(node, 1)]).toEqual([0, 7]);
    expect(await status(node, 2)).toBe('05/24/00 cdb 2');
  });

  it('an empty list is GOOD; what is cut is 05/1A/00', async () => {
    const { node, targets } = await identity(twoUnits());
    expect(await ask(node, extendedCopyCdb({}))).toBe('GOOD');
    for (const cut of [1, 29, 28 + 64 + 1])
      expect(await copy(node, { targets, segments: [segment()], cut })).toBe('05/1a/00');
  });

  it('descriptors that are too many, of other types, or wrong', async () => {
    const { node, targets } = await identity(twoUnits());
    const [first = NO_BYTES] = targets;
    const segments = [segment()];
    expect(await copy(node, { targets: Array<Buffer>(17).fill(first), segments })).toBe('05/26/06');
    expect(await copy(node, { targets, segments: Array<Buffer>(65).fill(segment()) })).toBe('05/26/08');
    expect(await copy(node, { targets: Array<Buffer>(128).fill(first), segments })).toBe('05/1a/00');
    expect(
      await copy(node, { targets: [await targetOf(node, { descriptorTypeCode: 0xe0 })], segments }),
    ).toBe('05/26/07');
    expect(await copy(node, { targets, segments: [segment({ descriptorTypeCode: 0x03 })] })).toBe('05/26/09');
    expect(await copy(node, { targets, segments, inline: 4 })).toBe('05/26/0b');
    const blocks = await targetOf(node, { diskBlockLengthBytes: 4096 });
    expect(await copy(node, { targets: [blocks], segments })).toBe('05/26/00 parameterList 45');
    const length = segment({ descriptorLength: 0x1c });
    expect(await copy(node, { targets, segments: [length] })).toBe('05/26/00 parameterList 82');
  });

  it('what shows while it copies is COPY ABORTED, and what was copied before stays', async () => {
    const { node, second, targets } = await identity(twoUnits());
    await write(node, 0, 7);
    const good = segment(TO_SECOND);
    const nowhere = segment({ destinationTargetDescriptorIndex: 2 });
    expect(await copy(node, { targets, segments: [good, nowhere] })).toBe('0a/08/04');
    expect([await firstByteAt(second, 0), await status(node)]).toEqual([7, '2: 1 segments, 1024 bytes']);
    const beyond = segment({ destinationLogicalBlockAddress: BigInt(BLOCKS - 1) });
    expect(await copy(node, { targets, segments: [beyond] })).toBe('0a/00/00');
    const foreign = Buffer.from(targets[0] ?? NO_BYTES);
    foreign.writeUInt8(0x39, 8);
    expect(await copy(node, { targets: [foreign], segments: [segment()] })).toBe('0a/0d/02');
  });

  it('a LU that the nexus does not see cannot be reached', async () => {
    const units = [unit(), unit({ lun: 1 }, { medium: new MemoryMedium(MEDIUM_BYTES) })];
    const on = bench(units, undefined, new Map([['masked', new Map([[0, 0]])]]));
    const { targets } = await identity(on);
    const masked = await on.node('masked');
    expect(await copy(masked, { targets, segments: [segment(TO_SECOND)] })).toBe('0a/0d/02');
    expect(await copy(masked, { targets, segments: [segment()] })).toBe('GOOD');
  });

  it('is refused by the reservation of the source or the destination as a READ or WRITE of the nexus is', async () => {
    const on = twoUnits();
    const { node, second, targets } = await identity(on);
    const holder = await on.node('holder', 1);
    await prOut(holder, 'register', { newKey: 1n });
    await prOut(holder, 'reserve', { key: 1n, type: 'writeExclusive' });
    expect(await copy(node, { targets, segments: [segment(TO_SECOND)] })).toBe('0a/0d/01');
    expect(await copy(node, { targets, segments: [segment({ sourceTargetDescriptorIndex: 1 })] })).toBe(
      'GOOD',
    );
    expect(await copy(second, { targets, segments: [segment()] })).toBe('CONFLICT');
    await prOut(holder, 'release', { key: 1n, type: 'writeExclusive' });
    await prOut(holder, 'reserve', { key: 1n, type: 'exclusiveAccess' });
    expect(await copy(node, { targets, segments: [segment({ sourceTargetDescriptorIndex: 1 })] })).toBe(
      '0a/0d/01',
    );
  });

  it('lets a fence in between two pieces, also where both media are memory', async () => {
    const medium = new MemoryMedium(MEDIUM_BYTES);
    const on = bench([unit(), unit({ lun: 1 }, { medium })]);
    const { node, second, targets } = await identity(on);
    const survivor = await on.node('survivor', 1);
    await prOut(second, 'register', { newKey: 1n });
    await prOut(survivor, 'register', { newKey: 2n });
    await prOut(second, 'reserve', { key: 1n, type: 'writeExclusiveRegistrantsOnly' });
    const whole = segment({ ...TO_SECOND, numberOfBlocks: BLOCKS });
    const copied = copy(node, { targets, segments: Array<Buffer>(64).fill(whole) });
    await new Promise((resolve) => setImmediate(resolve));
    const type = 'writeExclusiveRegistrantsOnly';
    expect(await prOut(survivor, 'preemptAndAbort', { key: 2n, newKey: 1n, type })).toBe('GOOD');
    expect(told(await write(survivor, 0, 9))).toBe('GOOD');
    expect(await copied).toBe('0a/0d/01');
    expect(await firstByteAt(survivor, 0)).toBe(9);
  });

  it.each([
    ['source', 1],
    ['destination', 2],
  ])('ends where its %s is taken away meanwhile', async (_which, lun) => {
    const units = [0, 1, 2].map((each) => unit({ lun: each }, { medium: new MemoryMedium(MEDIUM_BYTES) }));
    const on = bench(units);
    const { node, second } = await identity(on);
    const targets = [await targetOf(second), await targetOf(await on.node('node', 2))];
    const whole = segment({ ...TO_SECOND, numberOfBlocks: BLOCKS });
    const copied = copy(node, { targets, segments: Array<Buffer>(64).fill(whole) });
    await new Promise((resolve) => setImmediate(resolve));
    await on.server.removeUnit(lun);
    expect(await copied).toBe('0a/0d/02');
  });

  it('ends where the LU that was asked begins a sanitize operation', async () => {
    const others = [1, 2].map((lun) => unit({ lun }, { medium: new MemoryMedium(MEDIUM_BYTES) }));
    const on = bench([unit({ thin: true, sanitizeSeconds: 1 }), ...others]);
    const { node, second } = await identity(on);
    const targets = [await targetOf(second), await targetOf(await on.node('node', 2))];
    const whole = segment({ ...TO_SECOND, numberOfBlocks: BLOCKS });
    const copied = copy(node, { targets, segments: Array<Buffer>(64).fill(whole) });
    const erase = sanitizeCdb({ serviceAction: SANITIZE_SERVICE_ACTION.blockErase, immediate: 1 });
    expect(await ask(await on.node('other'), erase)).toBe('GOOD');
    expect(await copied).toBe('02/04/1b');
  });

  it('its status is gone with the nexus and with a reset', async () => {
    const on = twoUnits();
    const { node, targets } = await identity(on);
    expect(await copy(node, { targets, segments: [segment()] })).toBe('GOOD');
    const attachment = on.server.attach(nexusOf('other'));
    await on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun: 0 });
    await ask(node, inquiryCdb({ allocationLength: 36 }));
    expect(await status(node)).toBe('06/29/03');
    expect(await status(node)).toBe('05/24/00 cdb 2');
  });

  it('operating parameters, 3PC and VPD 8Fh tell of it', async () => {
    const node = await bench().node('node');
    const cdb = receiveCopyResultsCdb({
      serviceAction: RECEIVE_COPY_RESULTS.operatingParameters,
      allocationLength: 255,
    });
    const { dataIn } = await node.execute(cdb, { dataInLength: 255 });
    expect(copyOperatingParametersLayout.decode(dataIn)).toMatchObject({
      availableData: dataIn.length - 4,
      maximumTargetDescriptorCount: 16,
      maximumSegmentDescriptorCount: 64,
      implementedDescriptorListLength: 2,
    });
    expect([...dataIn.subarray(44)]).toEqual([0x02, 0xe4]);
    const inquiry = await node.execute(inquiryCdb({ allocationLength: 96 }), { dataInLength: 96 });
    expect(decodeStandardInquiry(inquiry.dataIn).thirdPartyCopy).toBe(1);
    expect(Buffer.from(encodeThirdPartyCopy()).toString('hex')).toBe(
      '008f0014' + '00010008' + '0783010084020003' + '00080004' + '0202e400',
    );
  });
});
