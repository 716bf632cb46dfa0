import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  controlModePageLayout,
  MODE_PAGE,
  modeHeader6Layout,
  modeSelect6Cdb,
  SCSI_STATUS,
  testUnitReadyCdb,
} from '../../../protocol/index.js';
import { createTarget } from '../../../target/create-target.js';
import type { LogicalUnitOptions, Target } from '../../../target/options.js';
import { IQN, nexusOf } from '../logical-unit/bench.js';

let stateDirectory = '';
let target: Target;

const unit = (lun: number): LogicalUnitOptions => ({ lun, medium: { kind: 'memory', sizeBytes: 1_048_576 } });
const start = (): Promise<Target> =>
  createTarget({
    iqn: IQN,
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [unit(0), unit(1)],
    stateDirectory,
  });

beforeEach(async () => {
  stateDirectory = await mkdtemp(join(tmpdir(), 'fencelab-removed-'));
  target = await start();
});
afterEach(async () => {
  await target.close();
  await rm(stateDirectory, { recursive: true });
});

const unitFiles = async (): Promise<string[]> =>
  (await readdir(stateDirectory)).filter((name) => /-\d+\.json/.test(name)).sort();
const keyCount = (lun: number): number => target.reservations(lun).registrations.size;

/** Registers with APTPL, reserves, and saves a mode page. */
async function leaveTraces(lun: number): Promise<void> {
  const path = target.connectInMemory(nexusOf('a'), lun);
  while ((await path.execute(testUnitReadyCdb())).status !== SCSI_STATUS.good);
  const registration = Buffer.alloc(24);
  registration.writeBigUInt64BE(0xabcn, 8);
  registration[20] = 1;
  const reservation = Buffer.alloc(24);
  reservation.writeBigUInt64BE(0xabcn, 0);
  const page = controlModePageLayout.toBytes({
    pageCode: MODE_PAGE.control,
    pageLength: 10,
    taskAbortedStatus: 1,
  });
  const pages = Buffer.concat([modeHeader6Layout.toBytes({}), page]);
  const select = modeSelect6Cdb({ pageFormat: 1, savePages: 1, parameterListLength: pages.length });
  for (const [cdb, dataOut] of [
    [Uint8Array.of(0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0), registration],
    [Uint8Array.of(0x5f, 1, 5, 0, 0, 0, 0, 0, 24, 0), reservation],
    [select, pages],
  ] as const) {
    expect((await path.execute(cdb, { dataOut })).status).toBe(SCSI_STATUS.good);
  }
}

it('leaves nothing to the next one of its number, and the others their own', async () => {
  await leaveTraces(0);
  await leaveTraces(1);
  const traces = (lun: number): string[] => [`mode-pages-${lun}.json`, `reservations-${lun}.json`];
  expect(await unitFiles()).toEqual([...traces(0), ...traces(1)].sort());
  await target.removeLogicalUnit(1);
  expect(await unitFiles()).toEqual(traces(0));
  await target.addLogicalUnit(unit(1));
  expect([keyCount(0), keyCount(1)]).toEqual([1, 0]);
  expect(target.reservations(1).reservation).toBeNull();
  await target.close();
  target = await start();
  expect([keyCount(0), keyCount(1)]).toEqual([1, 0]);
});

it('leaves nothing to one that comes while it goes', async () => {
  await leaveTraces(1);
  const removed = target.removeLogicalUnit(1);
  await Promise.all([removed, target.addLogicalUnit(unit(1))]);
  expect(keyCount(1)).toBe(0);
  await leaveTraces(1);
  expect(await unitFiles()).toEqual(['mode-pages-1.json', 'reservations-1.json']);
});

it('is kept where it ends with its target, and where there never was one of that number', async () => {
  await leaveTraces(1);
  await expect(target.removeLogicalUnit(2)).rejects.toThrow('LUN 2 is not there; there are 0, 1');
  await target.close();
  target = await start();
  expect(keyCount(1)).toBe(1);
});

it('does not come back where its files could not be removed', async () => {
  await leaveTraces(1);
  const kept = `${stateDirectory}-away`;
  await rename(stateDirectory, kept);
  await expect(target.removeLogicalUnit(1)).rejects.toThrow('cannot be written');
  await expect(target.addLogicalUnit(unit(1))).rejects.toThrow('cannot be written');
  await rename(kept, stateDirectory);
  await target.addLogicalUnit(unit(1));
  expect(keyCount(1)).toBe(0);
});
