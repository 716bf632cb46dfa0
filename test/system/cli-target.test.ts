import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fencelab, fencelab } from './cli.js';

const IQN = 'iqn.2026-11.org.fencelab:array';
const running: Fencelab[] = [];
let folder: string;

function start(...argv: string[]): Fencelab {
  const started = new Fencelab(argv, { TMPDIR: folder, HOME: folder, XDG_RUNTIME_DIR: folder });
  running.push(started);
  return started;
}

const memoryTarget = (): Fencelab => start('target', '--lun', '0,size=1MiB', '--portal', '127.0.0.1:0');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-cli-'));
});

afterEach(async () => {
  for (const { process: child } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
  await rm(folder, { recursive: true });
});

async function isListening(url: string): Promise<boolean> {
  const { port } = new URL(url.replace('iscsi:', 'http:'));
  const socket = connect(Number(port), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('fencelab target', () => {
  it('prints one line when it listens: the URL of each LUN at the first portal', async () => {
    const target = start(
      'target',
      ...['--lun', '3,size=1MiB', '--lun', '0,size=1TiB,thin'],
      ...['--portal', '127.0.0.1:0', '--portal', '127.0.0.1:0'],
    );
    const line = await target.ready();
    expect(line).toMatch(
      /^iscsi:\/\/127\.0\.0\.1:(\d+)\/iqn\.2026-11\.org\.fencelab:array\/0 iscsi:\/\/127\.0\.0\.1:\1\/iqn\.2026-11\.org\.fencelab:array\/3$/,
    );
    expect(await target.stop('SIGTERM')).toEqual({ exitStatus: 0, stdout: `${line}\n`, stderr: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s with its sessions, and leaves no file behind',
    async (signal) => {
      const target = memoryTarget();
      const url = await target.ready();
      const session = connect(Number(new URL(url.replace('iscsi:', 'http:')).port), '127.0.0.1');
      session.on('error', () => undefined);
      await once(session, 'connect');
      const closed = new Promise((resolve) => session.on('close', resolve));
      expect((await target.stop(signal)).exitStatus).toBe(0);
      await closed;
      expect(await isListening(url)).toBe(false);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is written to and read from by fencelab io, and says what differs', async () => {
    const target = memoryTarget();
    const url = await target.ready();
    expect(await start('io', url, 'write', '8', '2', '--pattern', '0x5a').ended).toEqual({
      exitStatus: 0,
      stdout: 'wrote 2 blocks at LBA 8, pattern 0x5a\n',
      stderr: '',
    });
    expect(await start('io', url, 'read', '9', '2', '--pattern', '0x5a').ended).toEqual({
      exitStatus: 1,
      stdout: '',
      stderr: `fencelab io: ${url}: LBA 10 byte 0 is 0x00, expected 0x5a\n`,
    });
    await target.stop('SIGTERM');
  });

  it('takes the same from a file, and serves the admin API', async () => {
    const file = join(folder, 'lab.yaml');
    await writeFile(
      file,
      [
        'portals: ["127.0.0.1:0"]',
        'luns: [{ lun: 5, size: 1MiB }]',
        'admin: 127.0.0.1:0',
        'pcap: lab.pcapng',
        'timeouts: { idle: 600 }',
      ].join('\n'),
    );
    const target = start('target', '--config', file);
    const told = once(target.process.stderr, 'data') as Promise<[string]>;
    expect(await target.ready()).toMatch(/\/5$/);
    const [text] = await told;
    const admin = /^fencelab target: admin API on (http:\S+)\n$/.exec(text)?.[1] ?? '';
    const answer = await fetch(`${admin}/api/luns`);
    expect(await answer.json()).toMatchObject([{ lun: 5, registrations: 0, reservation: null }]);
    expect((await target.stop('SIGTERM')).exitStatus).toBe(0);
    // The section header block of pcapng.
    expect((await readFile(join(folder, 'lab.pcapng'))).readUInt32BE(0)).toBe(0x0a0d0d0a);
  });
});

describe('wrong use is one line and exit status 2', () => {
  it('a port in use', async () => {
    const target = memoryTarget();
    const { port } = new URL((await target.ready()).replace('iscsi:', 'http:'));
    const portal = `127.0.0.1:${port}`;
    expect(await fencelab('target', '--lun', '0,size=1MiB', '--portal', portal)).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^fencelab: .*127\\.0\\.0\\.1:${port}.*in use.*\n$`),
      ) as string,
    });
    await target.stop('SIGTERM');
  });

  it('no target there', async () => {
    const target = memoryTarget();
    const url = await target.ready();
    await target.stop('SIGTERM');
    expect(await fencelab('io', url, 'read', '0', '1')).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: expect.stringMatching(/^fencelab io: iscsi:.*\n$/) as string,
    });
  });

  it.each([
    [['--nonsense'], "fencelab: unknown option '--nonsense'\n"],
    [
      ['io', 'iscsi://127.0.0.1', 'read', '0', '1'],
      /^fencelab io: iscsi:\/\/127\.0\.0\.1: .*expected iscsi:.*\n$/,
    ],
    [['target', '--lun', 'x'], "fencelab: LUN SPEC 'x': 'x': expected a number from 0 to 16383 first\n"],
    [
      ['target', '--lun', '0,file=/nowhere/disk.img', '--portal', '127.0.0.1:0'],
      /^fencelab: .*\/nowhere\/disk\.img.*\n$/,
    ],
  ])('%j', async (argv, problem) => {
    const ended = await fencelab(...argv);
    expect(ended).toMatchObject({ exitStatus: 2, stdout: '' });
    if (typeof problem === 'string') expect(ended.stderr).toBe(problem);
    else expect(ended.stderr).toMatch(problem);
  });

  it('a mistake in a configuration file, with its place', async () => {
    const file = join(folder, 'lab.yaml');
    await writeFile(file, `iqn: ${IQN}\nluns:\n  - { lun: 0, size: big }\n`);
    const { exitStatus, stderr } = await fencelab('target', '--config', file);
    expect([exitStatus, stderr]).toEqual([
      2,
      `fencelab: ${file}:3:21: size: expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes, found 'big'\n`,
    ]);
  });
});
