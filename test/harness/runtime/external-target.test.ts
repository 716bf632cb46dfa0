import { afterEach, describe, expect, it } from 'vitest';
import { ExternalTarget, placementLengthBlocks, RECORD_LENGTH_BYTES } from '../../../harness/index.js';

import { LogicalUnit, attachLogicalUnit, parseIscsiUrl } from '../../../initiator/index.js';
import { basicParameterList, PR_OUT_SERVICE_ACTION, type LogicalUnitPath } from '../../../protocol/index.js';
import { createTarget, type Target, type TargetOptions } from '../../../target/index.js';

type Lun = TargetOptions['logicalUnits'][number];

const IQN = 'iqn.2026-11.org.fencelab:external';
const SIZE_BYTES = placementLengthBlocks * RECORD_LENGTH_BYTES;
const LAST_BLOCK = placementLengthBlocks - 1;
const KEY = 0xabcn;

const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
});

function memory(lun: number, more: Partial<Lun> = {}): Lun {
  return { lun, medium: { kind: 'memory', sizeBytes: SIZE_BYTES }, ...more };
}

async function start(logicalUnits: readonly Lun[], more: Partial<TargetOptions> = {}): Promise<Target> {
  const portals = [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 0 },
  ];
  const target = await createTarget({ iqn: IQN, portals, logicalUnits, ...more });
  targets.push(target);
  return target;
}

function open(
  urls: readonly string[],
  { further = [], force = false }: { further?: Target['portals']; force?: boolean } = {},
) {
  return ExternalTarget.open({ luns: urls.map(parseIscsiUrl), furtherPortals: further, force });
}

/** Somebody who uses the LUN already. */
async function somebody(target: Target, lun: number): Promise<LogicalUnitPath> {
  return attachLogicalUnit(
    target.connectInMemory(
      {
        initiatorPort: { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.fencelab:somebody', isid: 1n },
        relativeTargetPortId: 1,
      },
      lun,
    ),
  );
}

async function register(path: LogicalUnitPath): Promise<void> {
  const result = await new LogicalUnit(path).persistentReserveOut(
    { serviceAction: PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey },
    basicParameterList({ reservationKey: 0n, serviceActionReservationKey: KEY }),
  );
  expect(result.good).toBe(true);
}

async function reserve(path: LogicalUnitPath): Promise<void> {
  const result = await new LogicalUnit(path).persistentReserveOut(
    { serviceAction: PR_OUT_SERVICE_ACTION.reserve, type: 5 },
    basicParameterList({ reservationKey: KEY, serviceActionReservationKey: 0n }),
  );
  expect(result.good).toBe(true);
}

async function writeBlock(path: LogicalUnitPath, lba: number): Promise<void> {
  const written = await new LogicalUnit(path).write(
    BigInt(lba),
    Buffer.alloc(RECORD_LENGTH_BYTES, 0x5a),
    RECORD_LENGTH_BYTES,
  );
  expect(written.good).toBe(true);
}

async function isBlank(path: LogicalUnitPath, lba: number): Promise<boolean> {
  const { value } = await new LogicalUnit(path).read(BigInt(lba), 1, RECORD_LENGTH_BYTES);
  if (value === undefined) throw new Error('the block cannot be read');
  return value.every((byte) => byte === 0);
}

const model = (luns: number, portals: number) => ({
  portals,
  luns: Array.from({ length: luns }, (_, lun) => ({ lun, name: `lun${lun}`, nopr: false })),
  quirks: [],
});

describe('an array that is there', () => {
  it('is described by its INQUIRY data, URLs and portals, and keeps no registration of the looking', async () => {
    const target = await start([memory(1, { vendor: 'ACME', product: 'Box', revision: '7' }), memory(4)]);
    const urls = [target.urlOf(4), target.urlOf(1)];
    const { description } = await open([target.urlOf(1), target.urlOf(4)], {
      further: target.portals.slice(1),
    });
    expect(description).toEqual({
      vendor: 'ACME',
      product: 'Box',
      revision: '7',
      urls: urls.toReversed(),
      portals: target.portals.map(({ host, port }) => `${host}:${port}`),
      lacks: [],
    });
    for (const lun of [1, 4]) expect(target.reservations(lun).registrations.size).toBe(0);
  });

  it('that has no persistent reservations is told to lack them', async () => {
    const target = await start([memory(1, { nopr: true })]);
    expect((await open([target.urlOf(1)])).description.lacks).toEqual([
      'PERSISTENT RESERVE IN: the target answered CHECK CONDITION 05/20/00, Invalid command operation code',
    ]);
  });

  it('lets in who has its password', async () => {
    const chap = { user: 'node', password: 'secret-of-the-node' };
    const target = await start([memory(1)], { chap });
    const url = target.urlOf(1);
    await expect(open([url])).rejects.toThrow('authentication');
    const withPassword = url.replace('://', '://node%secret-of-the-node@');
    const external = await open([withPassword]);
    expect(external.description.urls).toEqual([url]);
    const array = await external.arrayFor(model(1, 1));
    // Processes are told by their environment: command lines are there for everybody to read.
    expect(array.urlOf(0, { host: 'cable', port: 7 })).toBe(`iscsi://cable:7/${IQN}/1`);
    expect(array.observerDevice(0)).toBe(url);
    expect(array.environment).toEqual({
      FENCELAB_CHAP_USER: 'node',
      FENCELAB_CHAP_SECRET: 'secret-of-the-node',
    });
    await array.close();
  });

  it.each<[string, Partial<Lun>, string]>([
    ['with other blocks', { blockLengthBytes: 4096 }, 'blocks of 4096 bytes, expected 512'],
    [
      'that is too small',
      { medium: { kind: 'memory', sizeBytes: SIZE_BYTES - RECORD_LENGTH_BYTES } },
      '1039 blocks, expected at least 1040',
    ],
    [
      'that is write protected',
      { readonly: true },
      'write 1 block at LBA 0: CHECK CONDITION 07/27/00, Write protected',
    ],
  ])('a LUN %s is refused in one line', async (_, more, why) => {
    const target = await start([memory(1, more)]);
    await expect(open([target.urlOf(1)])).rejects.toThrow(
      expect.objectContaining({ message: `${target.urlOf(1)}: ${why}` }) as Error,
    );
  });

  it('a LUN that is not there is refused', async () => {
    const target = await start([memory(1)]);
    await expect(open([target.urlOf(1).replace(/1$/, '2')])).rejects.toThrow(
      'the target has no such logical unit',
    );
  });

  it.each([
    ['registered with', false, 'keys are registered (0xabc); --force clears it'],
    ['reserved', true, 'keys are registered (0xabc) and it is reserved; --force clears it'],
  ])('a LUN that somebody has %s is refused, and nothing is changed anywhere', async (_, reserved, why) => {
    const target = await start([memory(1), memory(2)]);
    const [one, two] = [await somebody(target, 1), await somebody(target, 2)];
    await writeBlock(one, 0);
    await register(two);
    if (reserved) await reserve(two);
    const before = target.reservations(2);
    await expect(open([target.urlOf(1), target.urlOf(2)])).rejects.toThrow(`${target.urlOf(2)}: ${why}`);
    expect(await isBlank(one, 0)).toBe(false);
    expect(target.reservations(2)).toEqual(before);
  });

  it('clears what somebody has, where it is told to', async () => {
    const target = await start([memory(1)]);
    const path = await somebody(target, 1);
    await register(path);
    await reserve(path);
    await open([target.urlOf(1)], { force: true });
    expect(target.reservations(1)).toMatchObject({ registrations: new Map(), reservation: null });
  });

  it('clears nothing where another LUN is refused', async () => {
    const target = await start([memory(1), memory(2, { blockLengthBytes: 4096 })]);
    await register(await somebody(target, 1));
    await expect(open([target.urlOf(1), target.urlOf(2)], { force: true })).rejects.toThrow(
      'blocks of 4096 bytes',
    );
    expect(target.reservations(1).registrations.size).toBe(1);
  });

  it('a portal that leads to another medium is refused', async () => {
    const target = await start([memory(1)]);
    const other = await start([memory(1)]);
    const [portal] = other.portals;
    await expect(open([target.urlOf(1)], { further: other.portals.slice(0, 1) })).rejects.toThrow(
      `${target.urlOf(1)}: through 127.0.0.1:${portal?.port ?? 0} another medium is seen`,
    );
  });
});

describe('what a scenario is played on there', () => {
  it('has as many LUNs and portals as the scenario, blank ones, and is left without registrations', async () => {
    const target = await start([memory(1), memory(2)]);
    const external = await open([target.urlOf(1), target.urlOf(2)], { further: target.portals.slice(1) });
    const [one, two] = [await somebody(target, 1), await somebody(target, 2)];
    for (const path of [one, two]) await writeBlock(path, LAST_BLOCK);
    const array = await external.arrayFor(model(1, 1));
    expect(array.portals).toHaveLength(1);
    expect(() => array.urlOf(1, { host: 'h', port: 1 })).toThrow('there is no LUN 1');
    expect([await isBlank(one, LAST_BLOCK), await isBlank(two, LAST_BLOCK)]).toEqual([true, false]);
    await register(one);
    await register(two);
    await array.close();
    expect(target.reservations(1).registrations.size).toBe(0);
    expect(target.reservations(2).registrations.size).toBe(1);
  });

  it('is refused where somebody has registered since', async () => {
    const target = await start([memory(1)]);
    const external = await open([target.urlOf(1)]);
    await register(await somebody(target, 1));
    await expect(external.arrayFor(model(1, 1))).rejects.toThrow('keys are registered (0xabc)');
    expect(target.reservations(1).registrations.size).toBe(1);
  });
});
