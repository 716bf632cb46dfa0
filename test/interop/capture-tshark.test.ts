import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, runPeer } from './peer.js';

const program = (name: string): string =>
  fileURLToPath(new URL(`../../dist/bin/${name}.js`, import.meta.url));

/** 1 MiB: more than a file takes. */
const BLOCKS = 2048;
const SIZE_MAX_BYTES = 512 * 1024;

let folder: string;
let port: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-capture-tshark-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One node registers and reserves, another is refused and then preempts, with both ways of data and with digests. */
async function captureFailover(size: readonly string[], name: string): Promise<void> {
  const target = spawn(
    process.execPath,
    [
      ...[program('fencelab'), 'target', '--lun', '0,size=4MiB', '--portal', '127.0.0.1:0'],
      ...['--pcap', join(folder, name), ...size],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  try {
    const [url] = (await once(createInterface({ input: target.stdout }), 'line')) as [string];
    port = new URL(url.replace('iscsi:', 'http:')).port;
    const as = (initiator: string) => ({
      env: {
        ...process.env,
        FENCELAB_INITIATOR: `iqn.2026-11.org.fencelab:${initiator}`,
        HOME: folder,
        ...(initiator === 'node2' ? { FENCELAB_DIGESTS: 'header,data' } : {}),
      },
    });
    const run = async (initiator: string, ...argv: readonly string[]): Promise<number | null> => {
      const [tool = '', ...rest] = argv;
      return (await runPeer(process.execPath, [program(tool), ...rest], as(initiator))).status;
    };
    const prOut = ['sg_persist', '-n', '-o'] as const;
    const write = ['fencelab', 'io', url, 'write', '0', String(BLOCKS)];
    const exits = [
      await run('node1', ...prOut, '-G', '-S', '0xabc', url),
      await run('node1', ...prOut, '-R', '-T', '5', '-K', '0xabc', url),
      await run('node2', ...write),
      await run('node2', ...prOut, '-G', '-S', '0xdef', url),
      await run('node2', ...prOut, '-A', '-T', '5', '-K', '0xdef', '-S', '0xabc', url),
      await run('node2', ...write, '--pattern', '0x22'),
      await run('node2', 'fencelab', 'io', url, 'read', '0', String(BLOCKS)),
      await run(
        'node3',
        'fencelab',
        'io',
        url.replace(/[^/]+\/0$/, 'iqn.2026-11.org.fencelab:other/0'),
        'read',
        '0',
        '1',
      ),
    ];
    expect(exits).toEqual([0, 0, 1, 0, 0, 0, 0, 2]);
  } finally {
    target.kill('SIGTERM');
    await once(target, 'exit');
  }
}

describeWithPeers(
  'a capture of fencelab target --pcap',
  ['tshark', 'capinfos'].map((command) => ({ command, debianPackage: 'tshark' })),
  (pathOf) => {
    /** The values of the fields of each frame that passes the filter. */
    async function dissected(file: string, filter: string, ...fields: string[]): Promise<string[]> {
      const run = await runPeer(pathOf('tshark'), [
        ...['-r', join(folder, file), '-d', `tcp.port==${port},iscsi`, '-Y', filter],
        ...['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'],
        ...['-T', 'fields', ...['frame.number', ...fields].flatMap((field) => ['-e', field])],
      ]);
      expect(run.status).toBe(0);
      return run.stdout.split('\n').filter((line) => line !== '');
    }
    const suspect =
      '_ws.malformed || tcp.analysis.flags || tcp.checksum.status != "Good" || ip.checksum.status != "Good"';

    it('is iSCSI and SCSI to tshark, without a malformed frame, and its comments are there', async () => {
      await captureFailover([], 'one.pcapng');
      expect(await dissected('one.pcapng', suspect, '_ws.expert.message')).toEqual([]);
      const count = async (filter: string): Promise<number> => (await dissected('one.pcapng', filter)).length;
      // Eight logins, both ways, each from its SYN to its FINs.
      expect(await count('iscsi.opcode == 0x03 || iscsi.opcode == 0x23')).toBe(16);
      expect([await count('tcp.flags.syn == 1'), await count('tcp.flags.fin == 1')]).toEqual([16, 16]);
      const actions = await dissected(
        'one.pcapng',
        'scsi.persresvout.svcaction',
        'scsi.persresvout.svcaction',
      );
      expect(actions.map((line) => line.split('\t')[1])).toEqual(['0x00', '0x01', '0x00', '0x05']);
      expect(await count('scsi_sbc.opcode == 0x2a && iscsi.opcode == 0x01')).toBeGreaterThan(1);
      expect(await count('scsi_sbc.opcode == 0x28 && iscsi.opcode == 0x01')).toBeGreaterThan(0);
      expect(await count('iscsi.opcode == 0x05')).toBeGreaterThan(0);
      expect(await count('iscsi.opcode == 0x25')).toBeGreaterThan(0);

      const comments = (await dissected('one.pcapng', 'frame.comment', 'frame.comment')).map(
        (line) => line.split('\t')[1] ?? '',
      );
      expect(
        comments.map((comment) => comment.replace(/ by .*/, '')).filter((one) => !one.startsWith('CHECK')),
      ).toEqual([
        'PERSISTENT RESERVE OUT, REGISTER',
        'PERSISTENT RESERVE OUT, RESERVE',
        'RESERVATION CONFLICT: WRITE(10)',
        'PERSISTENT RESERVE OUT, REGISTER',
        'PERSISTENT RESERVE OUT, PREEMPT AND ABORT',
        'LOGIN REFUSED (02/03) of iqn.2026-11.org.fencelab:node3: target not found: ' +
          'no target iqn.2026-11.org.fencelab:other',
      ]);
      expect(comments.filter((comment) => comment.startsWith('CHECK')).length).toBeGreaterThan(0);
      // A comment of a refusal is on the frame of the answer that refuses.
      expect(await count('frame.comment contains "RESERVATION CONFLICT" && scsi.status == 0x18')).toBe(1);
      expect(await count('scsi.status == 0x18')).toBe(1);

      // Digests of headers and data, which tshark computes too.
      const tree = await runPeer(pathOf('tshark'), [
        ...['-r', join(folder, 'one.pcapng'), '-d', `tcp.port==${port},iscsi`, '-V'],
        ...['-Y', 'iscsi.headerdigest32'],
      ]);
      expect(
        new Set(tree.stdout.match(/(Header|Data)Digest: .*/g)?.map((line) => line.replace(/0x\w+ /, ''))),
      ).toEqual(new Set(['HeaderDigest: (Good CRC32)', 'DataDigest: (Good CRC32)']));

      const { stdout } = await runPeer(pathOf('capinfos'), [join(folder, 'one.pcapng')]);
      expect(stdout).toMatch(/File type: +Wireshark\/\.\.\. - pcapng/);
      expect(stdout).toMatch(/Strict time order: +True/);
      expect(stdout).toMatch(/Capture application: fencelab/);
    });

    it('goes on in further files, each complete in itself and none larger than it may be', async () => {
      await captureFailover(['--pcap-size', '512KiB'], 'many.pcapng');
      const files = (await readdir(folder)).filter((file) => file.startsWith('many'));
      expect(files.length).toBeGreaterThan(3);
      for (const file of files) {
        const { status, stdout } = await runPeer(pathOf('capinfos'), ['-s', '-M', join(folder, file)]);
        expect(status).toBe(0);
        expect(Number(/File size: +(\d+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(SIZE_MAX_BYTES);
        expect(await dissected(file, '_ws.malformed')).toEqual([]);
        expect((await dissected(file, 'iscsi')).length).toBeGreaterThan(0);
      }
    });
  },
);
