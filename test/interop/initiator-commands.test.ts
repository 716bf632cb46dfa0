import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { MODE_PAGE, OPERATION_CODE } from '../../protocol/index.js';
import { COMMAND_ROWS } from '../../target/commands/rows/index.js';
import { commandTable } from '../../target/commands/table.js';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { describeWithPeers, runPeer } from './peer.js';

const MIB = 1024 * 1024;
const table = commandTable(COMMAND_ROWS);

/** A command in words: its name, its page, whether it asks for 64 bytes or for all there is, and FUA. */
function inWords(lun: number, cdb: Uint8Array): string {
  const row = table.find(cdb);
  const name = typeof row === 'string' ? `an unknown ${row}` : row.name;
  const [operationCode, byte1 = 0, byte2 = 0, , byte4] = cdb;
  const hex = byte2.toString(16).toUpperCase().padStart(2, '0');
  const isVpd = operationCode === OPERATION_CODE.inquiry && byte1 === 1;
  const page = isVpd || operationCode === OPERATION_CODE.modeSense6 ? ` of page ${hex}h` : '';
  const length = operationCode !== OPERATION_CODE.inquiry ? '' : byte4 === 64 ? ', 64 bytes' : ', whole';
  const forced = operationCode === OPERATION_CODE.write10 && (byte1 & 0x08) !== 0 ? ', FUA' : '';
  return `${String(lun)}: ${name}${page}${length}${forced}`;
}
const on = (lun: number, ...commands: readonly string[]): string[] =>
  commands.map((command) => `${String(lun)}: ${command}`);

/** What libiscsi sends when it has logged in: the first one meets 29/00. */
const READY = ['TEST UNIT READY', 'TEST UNIT READY'];
/** What QEMU sends when it opens a LUN. */
const OPENED = [
  ...READY,
  'INQUIRY, 64 bytes',
  'INQUIRY, whole',
  `MODE SENSE(6) of page ${MODE_PAGE.all.toString(16).toUpperCase()}h`,
  'READ CAPACITY(16)',
  'INQUIRY of page 00h, 64 bytes',
  'INQUIRY of page 83h, 64 bytes',
  'INQUIRY of page 83h, whole',
  'INQUIRY of page B0h, 64 bytes',
  'INQUIRY of page B2h, 64 bytes',
];

let target: Target;
let directory: string;
const sent: string[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fencelab-commands-'));
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:commands',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [
      { lun: 0, medium: { kind: 'memory', sizeBytes: 4 * MIB } },
      { lun: 1, medium: { kind: 'memory', sizeBytes: 4 * MIB }, thin: true },
    ],
    commandWatch: {
      entered: (_nexus, lun, _tag, cdb) => sent.push(inWords(lun, cdb)),
      dataOutArrived: () => undefined,
    },
  });
});
afterAll(async () => {
  await target.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  sent.length = 0;
});

/** Runs a program that must succeed; the commands that it sent, in order. */
async function commandsOf(path: string, ...args: readonly string[]): Promise<readonly string[]> {
  sent.length = 0;
  expect(await runPeer(path, args)).toMatchObject({ status: 0, stderr: '' });
  return [...sent];
}

describeWithPeers(
  'the commands of the tools of libiscsi, in order',
  ['iscsi-ls', 'iscsi-inq', 'iscsi-readcapacity16', 'iscsi-swp'].map((command) => ({
    command,
    debianPackage: 'libiscsi-bin',
  })),
  (pathOf) => {
    it('iscsi-ls -s', async () => {
      const portal = `iscsi://127.0.0.1:${String(target.portals[0]?.port)}`;
      const looked = [...READY, 'INQUIRY, 64 bytes', 'READ CAPACITY(10)'];
      expect(await commandsOf(pathOf('iscsi-ls'), '-s', portal)).toEqual([
        ...on(0, 'REPORT LUNS', 'REPORT LUNS', ...looked),
        ...on(1, ...looked),
      ]);
    });

    it.each([
      ['iscsi-inq', [], ['INQUIRY, 64 bytes', 'INQUIRY, whole']],
      [
        'iscsi-inq',
        ['-e', '1', '-c', '131'],
        ['INQUIRY of page 83h, 64 bytes', 'INQUIRY of page 83h, whole'],
      ],
      ['iscsi-readcapacity16', [], ['READ CAPACITY(16)']],
      ['iscsi-swp', [], ['MODE SENSE(10)']],
    ])('%s %j', async (command, options, expected) => {
      expect(await commandsOf(pathOf(command), ...options, target.urlOf(0))).toEqual(
        on(0, ...READY, ...expected),
      );
    });
  },
);

describeWithPeers(
  'the commands of QEMU, in order',
  [
    { command: 'qemu-img', debianPackage: 'qemu-utils and qemu-block-extra' },
    { command: 'qemu-io', debianPackage: 'qemu-utils' },
  ],
  (pathOf) => {
    const raw = ['-f', 'raw'];

    it('that opens a LUN', async () => {
      expect(await commandsOf(pathOf('qemu-img'), 'info', ...raw, target.urlOf(0))).toEqual(on(0, ...OPENED));
    });

    it('that writes, discards and writes zeros, write-through: FUA, or a flush behind what has no FUA', async () => {
      const work = ['write -P 3 2M 4k', 'discard 0 1M', 'write -z -u 1M 1M', 'write -z 3M 4k'];
      const options = work.flatMap((command) => ['-c', command]);
      const zeros = ['WRITE SAME(10)', 'SYNCHRONIZE CACHE(10)'];
      expect(await commandsOf(pathOf('qemu-io'), '-d', 'unmap', ...raw, ...options, target.urlOf(1))).toEqual(
        on(1, ...OPENED, 'WRITE(10), FUA', 'UNMAP', ...zeros, ...zeros),
      );
    });

    it('that asks which blocks are mapped', async () => {
      const commands = await commandsOf(pathOf('qemu-img'), 'map', ...raw, '--output=json', target.urlOf(1));
      expect(commands.slice(0, OPENED.length)).toEqual(on(1, ...OPENED));
      expect(new Set(commands.slice(OPENED.length))).toEqual(new Set(['1: GET LBA STATUS']));
    });

    it('that lets the target copy from LUN to LUN, and the copy is the original', async () => {
      const image = join(directory, 'image.raw');
      await writeFile(
        image,
        Buffer.from(Uint8Array.from({ length: 4 * MIB }, (_, i) => ((i >> 10) * 29 + i) & 0xff)),
      );
      const [from, to] = [target.urlOf(0), target.urlOf(1)];
      await commandsOf(pathOf('qemu-img'), 'convert', '-n', ...raw, '-O', 'raw', image, from);
      const commands = await commandsOf(
        pathOf('qemu-img'),
        'convert',
        '-C',
        '-n',
        ...raw,
        '-O',
        'raw',
        from,
        to,
      );
      const opened = [...on(0, ...OPENED), ...on(1, ...OPENED)];
      expect(commands.slice(0, opened.length)).toEqual(opened);
      expect(new Set(commands.slice(opened.length))).toEqual(new Set(['1: EXTENDED COPY(LID1)']));
      const compared = await runPeer(pathOf('qemu-img'), ['compare', ...raw, '-F', 'raw', image, to]);
      expect(compared).toMatchObject({ status: 0, stdout: 'Images are identical.\n' });
    });
  },
);
