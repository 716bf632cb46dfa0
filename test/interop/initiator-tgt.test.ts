import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectIscsi, discover, LogicalUnit, type IscsiConnectOptions } from '../../initiator/index.js';
import { SCSI_STATUS } from '../../protocol/index.js';
import { describeWithPeers, runPeer } from './peer.js';

const PLAIN = 'iqn.2026-11.org.fencelab:plain';
const GUARDED = 'iqn.2026-11.org.fencelab:guarded';
const STRICT = 'iqn.2026-11.org.fencelab:strict';
const DIGESTS = 'iqn.2026-11.org.fencelab:digests';
const DISK_BYTES = 64 * 1024 * 1024;
const BLOCK = 512;

/** A port that was free a moment ago, for a daemon that cannot be told to take any. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

describeWithPeers(
  "the initiator against Debian's tgt",
  [
    { command: 'tgtd', debianPackage: 'tgt' },
    { command: 'tgtadm', debianPackage: 'tgt' },
  ],
  (pathOf) => {
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-tgt-'));
    let daemon: ChildProcess;
    let port = 0;
    /** Where tgtd and tgtadm meet: a socket of this run's own. */
    const env = { ...process.env, TGT_IPC_SOCKET: join(directory, 'control') };
    let daemonGone: Promise<unknown>;

    const tgtadm = async (...args: string[]) => {
      const run = await runPeer(pathOf('tgtadm'), args, { env });
      if (run.status !== 0) throw new Error(`tgtadm ${args.join(' ')}: ${run.stderr}`);
    };
    const makeTarget = async (tid: number, name: string) => {
      await tgtadm(...'--lld iscsi --mode target --op new --tid'.split(' '), String(tid), '-T', name);
      const disk = join(directory, `disk${tid}`);
      writeFileSync(disk, '');
      truncateSync(disk, DISK_BYTES);
      await tgtadm(...`--lld iscsi --mode logicalunit --op new --tid ${tid} --lun 1 -b ${disk}`.split(' '));
      await tgtadm(...`--lld iscsi --mode target --op bind --tid ${tid} -I ALL`.split(' '));
    };
    const set = (tid: number, name: string, value: string) =>
      tgtadm(
        ...`--lld iscsi --mode target --op update --tid ${tid} --name ${name} --value ${value}`.split(' '),
      );

    beforeAll(async () => {
      port = await freePort();
      daemon = spawn(pathOf('tgtd'), ['-f', '--iscsi', `portal=127.0.0.1:${port}`], { stdio: 'ignore', env });
      daemonGone = new Promise((resolve) => daemon.once('exit', resolve));
      for (let attempt = 0; ; attempt++) {
        try {
          await tgtadm('--lld', 'iscsi', '--mode', 'target', '--op', 'show');
          break;
        } catch (error) {
          if (attempt === 100 || daemon.exitCode !== null) throw error;
        }
      }
      await makeTarget(1, PLAIN);
      await makeTarget(2, GUARDED);
      await makeTarget(3, STRICT);
      await makeTarget(4, DIGESTS);
      await tgtadm(
        ...'--lld iscsi --mode account --op new --user alice --password secretsecret12'.split(' '),
      );
      await tgtadm(
        ...'--lld iscsi --mode account --op new --user array --password othersecret123'.split(' '),
      );
      await tgtadm(...'--lld iscsi --mode account --op bind --tid 2 --user alice'.split(' '));
      await tgtadm(...'--lld iscsi --mode account --op bind --tid 2 --user array --outgoing'.split(' '));
      await set(4, 'HeaderDigest', 'CRC32C');
      await set(4, 'DataDigest', 'CRC32C');
      await set(3, 'InitialR2T', 'Yes');
      await set(3, 'ImmediateData', 'No');
      await set(3, 'MaxBurstLength', '8192');
      await set(3, 'FirstBurstLength', '4096');
      await set(3, 'MaxRecvDataSegmentLength', '4096');
    }, 30_000);

    afterAll(async () => {
      daemon.kill('SIGKILL');
      await daemonGone;
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
      const alice = { user: 'alice', password: 'secretsecret12' };
      const array = { user: 'array', password: 'othersecret123' };
      await roundTrip(GUARDED, { chap: alice });
      await roundTrip(GUARDED, { chap: { ...alice, mutual: array } });
      await expect(connect(GUARDED, { chap: { ...alice, password: 'wrong' } })).rejects.toThrow(
        'authentication failure (02/01)',
      );
      await expect(
        connect(GUARDED, { chap: { ...alice, mutual: { ...array, password: 'wrong' } } }),
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
      const written = await Promise.all(
        indices.map((index) => unit.write(BigInt(index), block(index), BLOCK)),
      );
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
  },
);
