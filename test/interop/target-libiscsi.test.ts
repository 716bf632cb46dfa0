import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';
import type { PeerRun } from './peer.js';

const IQN = 'iqn.2026-11.org.fencelab:interop';
const MIB = 1024 * 1024;
const debianPackage = 'libiscsi-bin';

let target: Target;
beforeAll(async () => {
  target = await createTarget({
    iqn: IQN,
    portals: [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 64 * MIB } }],
  });
});
afterAll(async () => {
  await target.close();
});

describeWithPeers(
  'the target serves the tools of libiscsi',
  ['iscsi-ls', 'iscsi-inq', 'iscsi-readcapacity16', 'iscsi-swp'].map((command) => ({
    command,
    debianPackage,
  })),
  (pathOf) => {
    const run = async (command: string, ...args: string[]): Promise<string> => {
      const result = await runPeer(pathOf(command), args);
      expect(result).toMatchObject({ status: 0, stderr: '' });
      return result.stdout;
    };

    it('iscsi-ls -s finds target, portals and LUN', async () => {
      const [first, second] = target.portals;
      const printed = await run('iscsi-ls', '-s', `iscsi://127.0.0.1:${String(first?.port)}`);
      expect(printed).toContain(`Target:${IQN} Portal:127.0.0.1:${String(first?.port)},1`);
      expect(printed).toContain(`Target:${IQN} Portal:[::1]:${String(second?.port)},2`);
      // It prints the last block's address as the size.
      expect(printed).toMatch(/Lun:0 +Type:DIRECT_ACCESS \(Size:63M\)/);
    });

    it('iscsi-ls finds them over IPv6', async () => {
      const printed = await run('iscsi-ls', `iscsi://[::1]:${String(target.portals[1]?.port)}`);
      expect(printed).toContain(`Target:${IQN}`);
    });

    it('iscsi-inq prints the designators of VPD page 83h', async () => {
      const printed = await run('iscsi-inq', '-e', '1', '-c', '131', target.urlOf(0));
      for (const designator of ['NAA', 'SCSI_NAME_STRING', 'RELATIVE_TARGET_PORT']) {
        expect(printed).toContain(designator);
      }
      expect(printed).toContain(`Designator:[${IQN},t,0x0001]`);
    });

    it('iscsi-inq, which reads 0x83 as 0, prints the pages that are there', async () => {
      const printed = await run('iscsi-inq', '-e', '1', '-c', '0x83', target.urlOf(0));
      expect(printed).toContain('Page:0x83 DEVICE_IDENTIFICATION');
    });

    it('iscsi-readcapacity16 prints the capacity', async () => {
      const printed = await run('iscsi-readcapacity16', target.urlOf(0));
      expect(printed).toContain(`Total size:${String(64 * MIB)}`);
    });

    it('iscsi-swp protects the LUN from writes by software, and lets go of it', async () => {
      const writable = (): Promise<string> => run('iscsi-swp', target.urlOf(0));
      expect(await writable()).toContain('SWP:0');
      await run('iscsi-swp', '-s', 'on', target.urlOf(0));
      expect(await writable()).toContain('SWP:1');
      await run('iscsi-swp', '-s', 'off', target.urlOf(0));
      expect(await writable()).toContain('SWP:0');
    });
  },
);

describeWithPeers(
  'the target and libiscsi prove themselves to each other by CHAP',
  [{ command: 'iscsi-inq', debianPackage }],
  (pathOf) => {
    const chap = { user: 'node', password: 'secret-of-the-node' };
    const mutual = { user: 'array', password: 'secret-of-the-array' };
    const inquire = async (credentials: string, query: string): Promise<PeerRun> => {
      const guarded = await createTarget({
        iqn: IQN,
        portals: [{ host: '127.0.0.1', port: 0 }],
        logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: MIB } }],
        chap: { ...chap, mutual },
      });
      try {
        return await runPeer(pathOf('iscsi-inq'), [
          guarded.urlOf(0).replace('iscsi://', `iscsi://${credentials}`) + query,
        ]);
      } finally {
        await guarded.close();
      }
    };
    const right = `${chap.user}%${chap.password}@`;

    it('one way and both ways', async () => {
      expect(await inquire(right, '')).toMatchObject({ status: 0 });
      expect(
        await inquire(right, `?target_user=${mutual.user}&target_password=${mutual.password}`),
      ).toMatchObject({ status: 0 });
    });

    it('and part where a secret is wrong or missing', async () => {
      expect((await inquire('', '')).status).not.toBe(0);
      expect((await inquire(`${chap.user}%wrong-secret-here@`, '')).status).not.toBe(0);
      expect(
        (await inquire(right, `?target_user=${mutual.user}&target_password=not-the-arrays`)).status,
      ).not.toBe(0);
    });
  },
);
