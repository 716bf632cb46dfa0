import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { connectIscsi } from '../../initiator/index.js';
import { createTarget } from '../../target/index.js';
import type { SecurityOptions, Target, TargetEvent } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';
import type { PeerRun } from './peer.js';
import { startTgt, TGT_PEERS } from './tgt.js';

const IQN = 'iqn.2026-11.org.fencelab:guarded';
const LISTED = 'iqn.2026-11.org.fencelab:listed';
const STRANGER = 'iqn.2026-11.org.fencelab:stranger';
const node = { user: 'node', password: 'secret-of-the-node' };
const array = { user: 'array', password: 'secret-of-the-array' };
const finder = { user: 'finder', password: 'secret-of-the-finder' };
const MIB = 1024 * 1024;

let target: Target;
let refusals: string[];
afterEach(async () => {
  await target.close();
});

async function start(security: SecurityOptions, port = 0): Promise<void> {
  target = await createTarget({
    iqn: IQN,
    portals: [{ host: '127.0.0.1', port }],
    logicalUnits: [0, 1, 2].map((lun) => ({
      lun,
      serial: `UNIT${lun}`,
      medium: { kind: 'memory', sizeBytes: MIB },
    })),
    ...security,
  });
  refusals = [];
  target.onEvent((event: TargetEvent) => {
    if (event.type === 'loginRefused') refusals.push(event.reason.split(':', 1)[0] ?? '');
  });
}

/** As somebody who has the secret, unless told otherwise; libiscsi takes it from its environment. */
const environment = (user?: string, password?: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...(user === undefined ? {} : { LIBISCSI_CHAP_USERNAME: user, LIBISCSI_CHAP_PASSWORD: password }),
});

const libiscsi = ['iscsi-ls', 'iscsi-inq', 'iscsi-readcapacity16'].map((command) => ({
  command,
  debianPackage: 'libiscsi-bin',
}));

describeWithPeers('libiscsi meets what the standard has for it', libiscsi, (pathOf) => {
  const peer = (
    command: string,
    args: readonly string[],
    env = environment(node.user, node.password),
  ): Promise<PeerRun> => runPeer(pathOf(command), args, { env });
  const portal = (): string => `iscsi://127.0.0.1:${String(target.portals[0]?.port)}`;
  const told = ({ stdout, stderr }: PeerRun): string => stdout + stderr;

  it('a wrong secret: 02/01', async () => {
    await start({ chap: node });
    const right = await peer('iscsi-inq', ['-i', LISTED, target.urlOf(0)]);
    expect(right).toMatchObject({ status: 0, stderr: '' });
    const wrong = await peer(
      'iscsi-inq',
      ['-i', LISTED, target.urlOf(0)],
      environment('node', 'secret-of-somebody'),
    );
    expect(wrong.status).not.toBe(0);
    // The words of libiscsi for status 0201h.
    expect(told(wrong)).toContain('Authentication failure(513)');
    const none = await peer('iscsi-inq', ['-i', LISTED, target.urlOf(0)], environment());
    expect(told(none)).toContain('Authentication failure(513)');
    expect(refusals).toEqual(['authentication failure', 'authentication failure']);
  });

  it('a wrong target name: 02/03', async () => {
    await start({ chap: node });
    const url = target.urlOf(0).replace(IQN, 'iqn.2026-11.org.fencelab:nobody');
    const run = await peer('iscsi-inq', ['-i', LISTED, url]);
    expect(run.status).not.toBe(0);
    expect(told(run)).toContain('Target not found(515)');
    expect(refusals).toEqual(['target not found']);
  });

  it('an initiator that is not on the list: 02/02, and it discovers nothing', async () => {
    await start({ initiators: [{ name: LISTED }] });
    const run = await peer('iscsi-inq', ['-i', STRANGER, target.urlOf(0)], environment());
    expect(run.status).not.toBe(0);
    expect(told(run)).toContain('Authorization failure(514)');
    expect(refusals).toEqual(['authorization failure']);
    expect((await peer('iscsi-inq', ['-i', LISTED, target.urlOf(0)], environment())).status).toBe(0);
    const listed = await peer('iscsi-ls', ['-i', LISTED, portal()], environment());
    expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining(`Target:${IQN}`) as string });
    const stranger = await peer('iscsi-ls', ['-i', STRANGER, portal()], environment());
    expect(told(stranger)).not.toContain(IQN);
  });

  it('a LUN that is masked: 05/25/00 for the TEST UNIT READY with which a tool begins, and no line in a list', async () => {
    await start({ initiators: [{ name: LISTED, luns: new Map([[0, 1]]) }, { name: STRANGER }] });
    const ls = async (name: string): Promise<string[]> =>
      [
        ...told(await peer('iscsi-ls', ['-s', '-i', name, portal()], environment())).matchAll(/^Lun:(\d+)/gm),
      ].map(([, lun]) => lun ?? '');
    expect(await ls(STRANGER)).toEqual(['0', '1', '2']);
    expect(await ls(LISTED)).toEqual(['0']);
    for (const command of ['iscsi-inq', 'iscsi-readcapacity16']) {
      const run = await peer(command, ['-i', LISTED, target.urlOf(2)], environment());
      expect(run.status).not.toBe(0);
      expect(told(run)).toContain('SENSE KEY:ILLEGAL_REQUEST(5) ASCQ:LOGICAL_UNIT_NOT_SUPPORTED(0x2500)');
    }
    const serial = await peer(
      'iscsi-inq',
      ['-i', LISTED, '-e', '1', '-c', '128', target.urlOf(0)],
      environment(),
    );
    expect(told(serial)).toContain('Unit Serial Number:[UNIT1]');
  });

  it('discovery by an account of its own', async () => {
    await start({ chap: node, discoveryChap: finder });
    const found = await peer('iscsi-ls', ['-i', LISTED, portal()], environment('finder', finder.password));
    expect(found).toMatchObject({ status: 0, stdout: expect.stringContaining(`Target:${IQN}`) as string });
    const refused = await peer('iscsi-ls', ['-i', LISTED, portal()]);
    expect(refused.status).not.toBe(0);
    expect(told(refused)).toContain('Authentication failure(513)');
  });

  it('MD5 that is not allowed: 02/01', async () => {
    await start({ chap: node, chapAlgorithms: [8, 7] });
    const run = await peer('iscsi-inq', ['-i', LISTED, target.urlOf(0)]);
    expect(told(run)).toContain('Authentication failure(513)');
    expect(refusals).toEqual(['authentication failure']);
  });
});

describeWithPeers('QEMU logs in', [{ command: 'qemu-io', debianPackage: 'qemu-utils' }], (pathOf) => {
  const read = (secret: string): Promise<PeerRun> =>
    runPeer(pathOf('qemu-io'), [
      ...['-r', '-c', 'read 0 4096', '--image-opts'],
      `driver=iscsi,transport=tcp,portal=127.0.0.1:${String(target.portals[0]?.port)},target=${IQN},lun=1,` +
        `initiator-name=${LISTED},user=node,password-secret=chap`,
      ...['--object', `secret,id=chap,data=${secret}`],
    ]);

  it('with the right secret, and not with another one', async () => {
    await start({ chap: node, initiators: [{ name: LISTED, luns: new Map([[1, 2]]) }] });
    const right = await read(node.password);
    expect(right).toMatchObject({ status: 0 });
    expect(right.stdout).toContain('read 4096/4096 bytes');
    const wrong = await read('secret-of-somebody');
    expect(wrong.status).not.toBe(0);
    expect(refusals).toEqual(['authentication failure']);
  });
});

describeWithPeers("our initiator and Debian's tgt prove themselves", [...TGT_PEERS], (pathOf) => {
  it('by MD5, and say what helps where tgt chooses the number of SHA-256', async () => {
    await start({});
    const folder = mkdtempSync(join(tmpdir(), 'fencelab-tgt-chap-'));
    const tgt = await startTgt(pathOf, folder);
    try {
      const name = 'iqn.2026-11.org.fencelab:tgt-chap';
      await tgt.makeTarget(1, name, 1, MIB);
      const account = ['--mode', 'account', '--op'];
      for (const [{ user, password }, ...direction] of [[node], [array, '--outgoing']] as const) {
        await tgt.tgtadm(...account, 'new', '--user', user, '--password', password);
        await tgt.tgtadm(...account, 'bind', '--tid', '1', '--user', user, ...direction);
      }
      const [portal] = tgt.portals;
      const logIn = async (chap: NonNullable<Parameters<typeof connectIscsi>[0]['chap']>): Promise<void> => {
        const session = await connectIscsi({
          host: '127.0.0.1',
          port: portal?.port ?? 0,
          targetName: name,
          initiatorName: LISTED,
          isid: 0x8000_0000_0001n,
          chap,
        });
        await session.logout();
      };
      await logIn({ ...node, algorithms: [5] });
      await logIn({ ...node, algorithms: [5], mutual: array });
      await expect(logIn({ ...node, password: 'secret-of-somebody', algorithms: [5] })).rejects.toThrow(
        /^the target refused the login: authentication failure \(02\/01\)$/,
      );
      await expect(
        logIn({ ...node, mutual: { ...array, password: 'secret-of-somebody' }, algorithms: [5] }),
      ).rejects.toThrow('the target did not prove itself: CHAP_R is wrong');
      await expect(logIn(node)).rejects.toThrow('FENCELAB_CHAP_ALGORITHMS=md5 helps');
    } finally {
      await tgt.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
