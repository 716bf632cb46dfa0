import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../free-port.js';
import { Fencelab, type Ended } from './cli.js';

const SG_PERSIST = fileURLToPath(new URL('../../dist/initiator/sg_persist/main.js', import.meta.url));

const running: Fencelab[] = [];
let folder: string;
let state: string;
let portal: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencelab-aptpl-'));
  state = join(folder, 'state');
  // The same at both starts: a target port keeps its identifier by its address.
  portal = `127.0.0.1:${await freePort()}`;
});

afterEach(async () => {
  for (const { process: child } of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
  await rm(folder, { recursive: true });
});

function target(): Fencelab {
  const started = new Fencelab([
    'target',
    ...['--lun', '0,size=1MiB', '--lun', '1,size=1MiB'],
    ...['--portal', portal, '--state', state],
  ]);
  running.push(started);
  return started;
}

/** Power loss: nothing is written any more. */
async function killed(one: Fencelab): Promise<void> {
  one.process.kill('SIGKILL');
  await one.ended;
}

const environmentOf = (node: string): NodeJS.ProcessEnv => ({
  FENCELAB_INITIATOR: `iqn.2026-11.org.fencelab:${node}`,
});

/** Our sg_persist, as a node of that name. Its output, once it ended with status 0. */
async function sgPersist(node: string, ...argv: string[]): Promise<string> {
  const child = spawn(process.execPath, [SG_PERSIST, '-n', ...argv], {
    env: { ...process.env, ...environmentOf(node) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (output += part));
  const [status] = (await once(child, 'close')) as [number | null];
  expect({ argv, status, output }).toMatchObject({ status: 0 });
  return output;
}

function write(node: string, url: string): Promise<Ended> {
  return new Fencelab(['io', url, 'write', '0', '1'], environmentOf(node)).ended;
}

/** Two nodes register, the first one reserves Write Exclusive, registrants only. */
async function registerAndReserve(url: string, persist: readonly string[]): Promise<void> {
  await sgPersist('node1', '-o', '-G', '-S', '0xdeadbeef1a7ebabe', ...persist, url);
  await sgPersist('node2', '-o', '-G', '-S', '0xb2', ...persist, url);
  await sgPersist('node1', '-o', '-R', '-T', '5', '-K', '0xdeadbeef1a7ebabe', url);
}

const RESERVED = [
  '  PR generation=0x0, Reservation follows:',
  '    Key=0xdeadbeef1a7ebabe',
  '    scope: LU_SCOPE,  type: Write Exclusive, registrants only',
];

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('APTPL through SIGKILL of the target (SPC-4 5.13.5)', () => {
  it('keeps keys and reservation of the LUN that asked for it, and nothing of the other', async () => {
    const before = target();
    const [url = '', other = ''] = (await before.ready()).split(' ');
    await registerAndReserve(url, ['-Z']);
    await registerAndReserve(other, []);
    expect(lines(await sgPersist('node2', '-i', '-k', url))[0]).toBe(
      '  PR generation=0x2, 2 registered reservation keys follow:',
    );
    await killed(before);

    const after = target();
    expect(await after.ready()).toBe(`${url} ${other}`);
    expect(lines(await sgPersist('node2', '-i', '-k', url))).toEqual([
      '  PR generation=0x0, 2 registered reservation keys follow:',
      '    0xdeadbeef1a7ebabe',
      '    0xb2',
    ]);
    expect(lines(await sgPersist('node2', '-i', '-r', url))).toEqual(RESERVED);
    expect(lines(await sgPersist('node2', '-i', '-k', other))).toEqual([
      '  PR generation=0x0, there are NO registered reservation keys',
    ]);
    expect(lines(await sgPersist('node2', '-i', '-r', other))).toEqual([
      '  PR generation=0x0, there is NO reservation held',
    ]);
    // The nexuses are the same as before: registrants write, a stranger does not.
    const writes = [await write('node1', url), await write('node2', url), await write('stranger', url)];
    expect(writes.map(({ exitStatus }) => exitStatus)).toEqual([0, 0, 1]);
    expect((await write('stranger', other)).exitStatus).toBe(0);
    expect((await after.stop('SIGTERM')).stderr).toBe('');
  });

  it('forgets everything when the last registration came without APTPL', async () => {
    const before = target();
    const [url = ''] = (await before.ready()).split(' ');
    await registerAndReserve(url, ['-Z']);
    await sgPersist('node2', '-o', '-I', '-S', '0xb3', url);
    await killed(before);

    const after = target();
    await after.ready();
    expect(lines(await sgPersist('node1', '-i', '-k', url))).toEqual([
      '  PR generation=0x0, there are NO registered reservation keys',
    ]);
    expect((await write('stranger', url)).exitStatus).toBe(0);
    expect((await after.stop('SIGTERM')).exitStatus).toBe(0);
  });

  it('one target uses a state directory at a time; SIGKILL frees it', async () => {
    const first = target();
    await first.ready();
    expect(await target().ended).toEqual({
      exitStatus: 2,
      stdout: '',
      stderr: `fencelab: state directory ${state} is in use by another target\n`,
    });
    await killed(first);
    const second = target();
    await second.ready();
    expect((await second.stop('SIGTERM')).exitStatus).toBe(0);
  });
});
