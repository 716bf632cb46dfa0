import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSgInq } from '../../initiator/sg_inq/run.js';
import { inquiryCdb, VPD_PAGE } from '../../protocol/index.js';
import { createTarget } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';
import { compareWithReal } from './sg3-utils.js';

const IQN = 'iqn.2026-11.org.fencelab:pages';
const PAGES = { policy: VPD_PAGE.modePagePolicy, ports: VPD_PAGE.scsiPorts } as const;

/** Pages of a target with two portals in groups of their own, in hex, as a file for `--inhex` has them. */
async function pagesOfTarget(): Promise<Record<keyof typeof PAGES, string>> {
  const portal = { host: '127.0.0.1', port: 0 };
  const target = await createTarget({
    iqn: IQN,
    portals: [portal, { ...portal, targetPortGroup: 2 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } }],
  });
  const initiatorPort = { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.fencelab:node', isid: 1n } as const;
  const path = target.connectInMemory({ initiatorPort, relativeTargetPortId: 2 }, 0);
  const read = async (pageCode: number): Promise<string> => {
    const cdb = inquiryCdb({ enableVitalProductData: 1, pageCode, allocationLength: 4096 });
    const { dataIn } = await path.execute(cdb, { dataInLength: 4096 });
    return Buffer.from(dataIn).toString('hex').replace(/../g, '$& ');
  };
  const pages = { policy: await read(PAGES.policy), ports: await read(PAGES.ports) };
  await target.close();
  return pages;
}

describeWithPeers(
  'sg3_utils reads the VPD pages of the target',
  ['sg_vpd', 'sg_inq'].map((command) => ({ command, debianPackage: 'sg3-utils' })),
  (pathOf) => {
    let directory: string;
    let contents: Record<keyof typeof PAGES, string>;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fencelab-pages-'));
      contents = await pagesOfTarget();
      for (const [name, text] of Object.entries(contents)) await writeFile(join(directory, name), text);
    });
    afterAll(async () => {
      await rm(directory, { recursive: true });
    });
    const sgVpd = (name: keyof typeof PAGES): ReturnType<typeof runPeer> =>
      runPeer(pathOf('sg_vpd'), ['-I', join(directory, name)]);

    it('sg_vpd: every mode page is shared', async () => {
      const { status, stdout, stderr } = await sgVpd('policy');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('therefore the policy applies to all modes pages and subpages');
      expect(stdout).toContain('MLUS=0,  Policy: shared');
    });

    it('sg_vpd: both ports with their groups and names', async () => {
      const { status, stdout, stderr } = await sgVpd('ports');
      expect([status, stderr]).toEqual([0, '']);
      const values = [
        ...stdout.matchAll(/^ *(?:Relative port=|Relative target port: |Target port group: |iqn)\S+$/gm),
      ];
      expect(values.map(([line]) => line.trim())).toEqual(
        [1, 2].flatMap((port) => [
          `Relative port=${port}`,
          `Relative target port: 0x${port}`,
          `Target port group: 0x${port}`,
          `${IQN},t,0x000${port}`,
        ]),
      );
    });

    it.each(['', '-H', '-HH'].flatMap((option) => [`${option} -I policy`, `${option} -I ports`]))(
      'sg_inq %s says what ours says',
      (line) =>
        compareWithReal({ command: 'sg_inq', path: pathOf('sg_inq'), program: runSgInq }, line, {
          directory,
          contents,
        }),
    );
  },
);
