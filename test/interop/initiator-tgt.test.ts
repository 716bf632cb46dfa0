import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectIscsi, discover, LogicalUnit, type IscsiConnectOptions } from '../../initiator/index.js';
import { SCSI_STATUS } from '../../protocol/index.js';
import { freePort } from '../free-port.js';
import { describeWithPeers } from './peer.js';
import { startTgt, TGT_PEERS, type Tgt } from './tgt.js';

const PLAIN = 'iqn.2026-11.org.fencelab:plain';
const GUARDED = 'iqn.2026-11.org.fencelab:guarded';
const STRICT = 'iqn.2026-11.org.fencelab:strict';
const DIGESTS = 'iqn.2026-11.org.fencelab:digests';
const DISK_BYTES = 64 * 1024 * 1024;
const BLOCK = 512;

describeWithPeers("the initiator against Debian's tgt", TGT_PEERS, (pathOf) => {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-tgt-'));
  let tgt: Tgt;
  let port = 0;

  beforeAll(async () => {
    tgt = await startTgt(pathOf, directory);
    port = tgt.portals[0]?.port ?? 0;
    for (const [index, name] of [PLAIN, GUARDED, STRICT, DIGESTS].entries()) {
      await tgt.makeTarget(index + 1, name, 1, DISK_BYTES);
    }
    const administer = (text: string) => tgt.tgtadm(...text.split(' '));
    await administer('--mode account --op new --user alice --password secretsecret12');
    await administer('--mode account --op new --user array --password othersecret123');
    await administer('--mode account --op bind --tid 2 --user alice');
    await administer('--mode account --op bind --tid 2 --user array --outgoing');
    const set = (tid: number, name: string, value: string) =>
      administer(`--mode target --op update --tid ${tid} --name ${name} --value ${value}`);
    await set(4, 'HeaderDigest', 'CRC32C');
    await set(4, 'DataDigest', 'CRC32C');
    await set(3, 'InitialR2T', 'Yes');
    await set(3, 'ImmediateData', 'No');
    await set(3, 'MaxBurstLength', '8192');
    await set(3, 'FirstBurstLength', '4096');
    await set(3, 'MaxRecvDataSegmentLength', '4096');
  }, 30_000);

  afterAll(async () => {
    await tgt.stop();
    rmSync(directory, { recursive: true });
  });

  const connect = (targetName: string, more: Partial<IscsiConnectOptions> = {}) =>
    connectIscsi({
      host: '127.0.0.1',
      port,
      targetName,
      initiatorName: 'iqn.2026-11.org.fencelab:test',
      isid: 0x800000000001n,
      ...more,
    });

  async function attached(targetName: string, more: Partial<IscsiConnectOptions> = {}) {
    const session = await connect(targetName, more);
    const unit = new LogicalUnit(session.path(1));
    while (!(await unit.testUnitReady()).good);
    return { session, unit };
  }

  async function roundTrip(targetName: string, more: Partial<IscsiConnectOptions> = {}) {
    const { session, unit } = await attached(targetName, more);
    for (const blocks of [1, 7, 128, 1000, 4000]) {
      const data = randomBytes(blocks * BLOCK);
      const written = await unit.write(3n, data, BLOCK);
      expect([written.status, written.residual]).toEqual([SCSI_STATUS.good, 0]);
      const read = await unit.read(3n, blocks, BLOCK);
      expect(read.residual).toBe(0);
      expect(Buffer.compare(data, read.value ?? new Uint8Array(0))).toBe(0);
    }
    const { parameters } = session;
    await session.logout();
    return parameters;
  }

  it('discovers the targets', async () => {
    const found = await discover({
      host: '127.0.0.1',
      port,
      initiatorName: 'iqn.2026-11.org.fencelab:test',
      isid: 0x800000000009n,
    });
    expect(found).toEqual(
      [PLAIN, GUARDED, STRICT, DIGESTS].map((targetName) => ({
        targetName,
        addresses: [{ host: '127.0.0.1', port, portalGroupTag: 1 }],
      })),
    );
  });

  it('reads and writes', async () => {
    expect(await roundTrip(PLAIN)).toMatchObject({ headerDigest: 'None', dataDigest: 'None' });
  });

  it('reads and writes with digests', async () => {
    expect(await roundTrip(DIGESTS, { headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] })).toMatchObject({
      headerDigest: 'CRC32C',
      dataDigest: 'CRC32C',
    });
  });

  it('reads and writes where the target wants an R2T for everything', async () => {
    expect(await roundTrip(STRICT)).toMatchObject({
      initialR2t: true,
      immediateData: false,
      maxBurstLengthBytes: 8192,
    });
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('reads and writes with InitialR2T %s and ImmediateData %s', async (initialR2t, immediateData) => {
    await roundTrip(PLAIN, { initialR2t, immediateData });
  });

  it('authenticates by CHAP, one way and both ways', async () => {
    // tgt 1.0.85 has another hash under the number of SHA-256.
    const alice = { user: 'alice', password: 'secretsecret12', algorithms: [5] as const };
    const array = { user: 'array', password: 'othersecret123' };
    await roundTrip(GUARDED, { chap: alice });
    await roundTrip(GUARDED, { chap: { ...alice, mutual: array } });
    await expect(connect(GUARDED, { chap: { ...alice, password: 'wrong-secret-12' } })).rejects.toThrow(
      'authentication failure (02/01)',
    );
    await expect(
      connect(GUARDED, { chap: { ...alice, mutual: { ...array, password: 'wrong-secret-12' } } }),
    ).rejects.toThrow('the target did not prove itself: CHAP_R is wrong');
    await expect(connect(GUARDED)).rejects.toThrow('the target refused the login');
  });

  it('says what is wrong with a login', async () => {
    await expect(connect('iqn.2026-11.org.fencelab:nobody')).rejects.toThrow('target not found (02/03)');
    await expect(connect(PLAIN, { port: await freePort() })).rejects.toThrow(/no login at .*ECONNREFUSED/);
  });

  it('keeps many commands under way, whatever the window', async () => {
    const { session, unit } = await attached(PLAIN, { queueDepth: 512 });
    const block = (index: number) => Buffer.alloc(BLOCK, index);
    const indices = Array.from({ length: 600 }, (_, index) => index);
    const written = await Promise.all(indices.map((index) => unit.write(BigInt(index), block(index), BLOCK)));
    expect(written.every((result) => result.good)).toBe(true);
    const read = await Promise.all(indices.map((index) => unit.read(BigInt(index), 1, BLOCK)));
    read.forEach((result, index) => {
      expect(Buffer.compare(result.value ?? new Uint8Array(0), block(index))).toBe(0);
    });
    await session.logout();
  });

  it('runs the typed commands', async () => {
    const { session, unit } = await attached(PLAIN);
    expect((await unit.inquiry()).value).toMatchObject({ peripheralDeviceType: 0, vendor: 'IET' });
    expect((await unit.readCapacity16()).value).toEqual({ blocks: 131_072n, blockLengthBytes: 512 });
    expect((await unit.readCapacity10()).value).toEqual({ blocks: 131_072n, blockLengthBytes: 512 });
    expect((await unit.reportLuns()).value).toEqual([0, 1]);
    expect((await unit.vpdPage(0x83)).value?.[1]).toBe(0x83);
    expect((await unit.synchronizeCache()).good).toBe(true);
    expect((await unit.modeSense6(0x08)).good).toBe(true);
    const beyond = await unit.read(131_072n, 1, BLOCK);
    expect(beyond).toMatchObject({
      status: SCSI_STATUS.checkCondition,
      senseData: { key: 5, asc: 0x21, ascq: 0 },
      value: undefined,
      residual: BLOCK,
    });
    await session.logout();
  });

  it('pings, and manages tasks', async () => {
    const { session } = await attached(PLAIN);
    await session.ping(Buffer.from('hello'));
    await session.ping();
    expect(await session.manageTask({ function: 'abortTaskSet', lun: 1 })).toMatchObject({ response: 0 });
    expect(await session.manageTask({ function: 'logicalUnitReset', lun: 1 })).toMatchObject({
      response: 0,
    });
    await session.logout();
  });
});
