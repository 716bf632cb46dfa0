import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  BlockDevice,
  connectHostSocket,
  Host,
  HostClient,
  openDevice,
  parseHostDevice,
  runIo,
} from '../../initiator/index.js';
import type { HostOptions } from '../../initiator/index.js';
import { createTarget } from '../../target/index.js';
import type { Target } from '../../target/index.js';
import { endProcess, startHostProcess } from './host-process.js';

const INITIATOR = 'iqn.2026-11.org.fencelab:esx1';
const block = (byte: number): Buffer => Buffer.alloc(512, byte);
const PR_READ_KEYS = Buffer.from('5e000000000000000800', 'hex');

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [0, 1].map((lun) => ({ lun, medium: { kind: 'memory', sizeBytes: 1 << 20 } })),
  });
  onTestFinished(() => target.close());
  return target;
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'fencelab-host-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

async function startHost(
  options: Omit<HostOptions, 'devices'> & { devices: readonly string[] },
): Promise<Host> {
  const host = await Host.start({ ...options, devices: options.devices.map(parseHostDevice) });
  onTestFinished(() => host.close());
  return host;
}

async function disk(socketPath: string, device = 'data', user?: string): Promise<BlockDevice> {
  const blockDevice = new BlockDevice(await connectHostSocket(socketPath, device, user));
  onTestFinished(() => blockDevice.close());
  return blockDevice;
}

describe('a host', () => {
  it('holds one session for all LUNs of a portal', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'esx1.sock');
    await startHost({
      initiatorName: INITIATOR,
      socketPath,
      devices: [`a=${target.urlOf(0)}`, `b=${target.urlOf(1)}`],
    });
    await (await disk(socketPath, 'a')).write(3n, block(1));
    await (await disk(socketPath, 'b')).write(3n, block(2));
    expect(target.sessions()).toHaveLength(1);
    expect(await (await disk(socketPath, 'a')).read(3n, 1)).toEqual(block(1));
    expect(await (await disk(socketPath, 'b')).read(3n, 1)).toEqual(block(2));
  });

  it('logs in again after a loss, with the same ISID', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'esx1.sock');
    await startHost({ initiatorName: INITIATOR, socketPath, devices: [`data=${target.urlOf(0)}`] });
    const data = await disk(socketPath);
    await data.write(3n, block(1));
    const nexusIds: string[] = [];
    target.onEvent((event) => {
      if (event.type === 'login') nexusIds.push(event.nexusId);
    });
    const before = target.sessions()[0];
    const isid = (before?.isid ?? 0n).toString(16);
    const nexusId = `${INITIATOR},i,0x${isid}@1`;
    target.dropConnections(nexusId);
    await data.write(4n, block(2));
    expect(await data.read(3n, 2)).toEqual(Buffer.concat([block(1), block(2)]));
    expect(nexusIds).toEqual([nexusId]);
  });

  it('logs in by another ISID when it is told to, and leaves the nexus before to whoever wants it', async () => {
    const target = await startTarget();
    const run = directory();
    const socketPath = join(run, 'esx1.sock');
    const [first, second] = [0x80_0000_000001n, 0x80_0000_000002n];
    const url = target.urlOf(0);
    await startHost({
      initiatorName: INITIATOR,
      socketPath,
      devices: [`data=${url},isid=0x800000000001`, `other=${target.urlOf(1)},isid=0x800000000001`],
    });
    const data = await disk(socketPath);
    await data.write(3n, block(1));
    const control = await HostClient.connect(socketPath);
    onTestFinished(() => {
      control.close();
    });
    await control.logInAgain(second);
    expect(target.sessions().map(({ isid }) => isid)).toEqual([second]);
    await data.write(4n, block(2));
    await (await disk(socketPath, 'other')).write(4n, block(2));
    // To log in by the same one is the same nexus, and the same lock.
    await control.logInAgain(second);
    expect(await data.read(3n, 2)).toEqual(Buffer.concat([block(1), block(2)]));
    expect(target.sessions().map(({ isid }) => isid)).toEqual([second]);
    const start = (name: string, isid: string): Promise<Host> =>
      startHost({
        initiatorName: INITIATOR,
        socketPath: join(run, `${name}.sock`),
        devices: [`data=${url},isid=${isid}`],
      });
    await start('before', '0x800000000001');
    expect(target.sessions().map(({ isid }) => isid)).toEqual([second, first]);
    await expect(start('now', '0x800000000002')).rejects.toThrow('owns the session of');
    const guest = join(run, 'vm1.sock');
    await startHost({ socketPath: guest, devices: [`data=socket:${socketPath}#data`] });
    const onGuest = await HostClient.connect(guest);
    onTestFinished(() => {
      onGuest.close();
    });
    await expect(onGuest.logInAgain(first)).rejects.toMatchObject({
      errnoName: 'EINVAL',
      message: `host ${guest}: the host has no session of its own`,
    });
  });

  it('refuses reservation commands behind a virtual-mode mapping, and passes reads and writes', async () => {
    const target = await startTarget();
    const run = directory();
    const esx = join(run, 'esx1.sock');
    await startHost({ initiatorName: INITIATOR, socketPath: esx, devices: [`data=${target.urlOf(0)}`] });
    const guest = join(run, 'vm1.sock');
    await startHost({
      socketPath: guest,
      devices: [`virtual=socket:${esx}#data,rdm=virtual`, `physical=socket:${esx}#data`],
    });
    const readKeys = async (device: string): Promise<string> => {
      const path = await connectHostSocket(guest, device);
      const { status, sense } = await path.execute(PR_READ_KEYS, { dataInLength: 8 });
      await path.close();
      return Buffer.from([status, ...sense.subarray(2, 3), ...sense.subarray(12, 14)]).toString('hex');
    };
    expect(await readKeys('physical')).toBe('00');
    expect(await readKeys('virtual')).toBe('02052000');
    await (await disk(guest, 'virtual')).write(0n, block(7));
    expect(await (await disk(guest, 'virtual')).read(0n, 1)).toEqual(block(7));
  });

  it("holds one guest's writes until they are released, and the other's go on", async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'esx1.sock');
    await startHost({ initiatorName: INITIATOR, socketPath, devices: [`data=${target.urlOf(0)}`] });
    const control = await HostClient.connect(socketPath);
    onTestFinished(() => {
      control.close();
    });
    const hold = await control.holdWrites(['data'], { user: 'vm1', count: 2 });
    const vm1 = await disk(socketPath, 'data', 'vm1');
    const vm2 = await disk(socketPath, 'data', 'vm2');
    const writes = [vm1.write(5n, block(1)), vm1.write(6n, block(1))];
    await control.awaitHeld(hold);
    await vm2.write(7n, block(2));
    expect(await control.listHeld(hold)).toEqual(
      ['2a000000000500000100', '2a000000000600000100'].map((cdb) => ({
        user: 'vm1',
        cdb,
        dataOutBytes: 512,
      })),
    );
    expect(await vm2.read(5n, 3)).toEqual(Buffer.concat([block(0), block(0), block(2)]));
    expect(await control.releaseWrites(hold)).toEqual(['GOOD', 'GOOD']);
    await Promise.all(writes);
    expect(await vm2.read(5n, 3)).toEqual(Buffer.concat([block(1), block(1), block(2)]));
  });

  it('is not waited for, and says how to go through it', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'esx1.sock');
    await startHost({ initiatorName: INITIATOR, socketPath, devices: [`data=${target.urlOf(0)}`] });
    const environment = { FENCELAB_INITIATOR: INITIATOR };
    await expect(openDevice(target.urlOf(0), { readOnly: false, environment })).rejects.toMatchObject({
      errnoName: 'EBUSY',
      message: expect.stringContaining(`with socket: ${socketPath} and device: data`) as string,
    });
  });

  it('does not take a socket that another host listens on', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'esx1.sock');
    await startHost({ initiatorName: INITIATOR, socketPath, devices: [`data=${target.urlOf(0)}`] });
    const again = startHost({
      initiatorName: `${INITIATOR}2`,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
    });
    await expect(again).rejects.toMatchObject({ message: `another host listens on ${socketPath}` });
    expect(await (await disk(socketPath)).read(0n, 1)).toEqual(block(0));
  });

  it('refuses a socket path that would be cut, and one where a file is', async () => {
    const target = await startTarget();
    const folder = directory();
    const starting = (socketPath: string): Promise<Host> =>
      startHost({ initiatorName: INITIATOR, socketPath, devices: [`data=${target.urlOf(0)}`] });
    const longest = join(folder, 'x'.repeat(107 - folder.length - 1));
    await starting(longest);
    expect(existsSync(longest)).toBe(true);
    await expect(starting(`${longest}x`)).rejects.toThrow(
      `socket path ${longest}x: it has 108 bytes, expected 1 to 107`,
    );
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    await expect(starting(file)).rejects.toThrow(`${file} exists and is no socket`);
    expect(existsSync(file)).toBe(true);
  });

  it('names the target that does not let it in', async () => {
    const target = await startTarget();
    const url = target.urlOf(0).replace(':array/', ':nothing/');
    const started = startHost({
      initiatorName: INITIATOR,
      socketPath: join(directory(), 'esx1.sock'),
      devices: [`data=${url}`],
    });
    await expect(started).rejects.toMatchObject({
      name: 'DeviceOpenError',
      message: expect.stringMatching(
        /^iscsi:\/\/127\.0\.0\.1:\d+\/iqn\.2026-11\.org\.fencelab:nothing: .*02\/03/,
      ) as string,
    });
  });
});

describe('a host process', () => {
  it('that hangs keeps what was handed to it, and sends it when it wakes', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'node1.sock');
    const { child, ready } = await startHostProcess({
      initiatorName: INITIATOR,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
    });
    expect(ready).toBe(`fencelab host node1 listens on ${socketPath}: data\n`);
    const data = await disk(socketPath);
    await data.write(0n, block(1));
    child.kill('SIGSTOP');
    const writes = [data.write(1n, block(2)), data.write(2n, block(3))];
    const bystander = await openDevice(target.urlOf(0), {
      readOnly: true,
      environment: { FENCELAB_INITIATOR: `${INITIATOR}2` },
    });
    expect(await new BlockDevice(bystander).read(0n, 3)).toEqual(
      Buffer.concat([block(1), block(0), block(0)]),
    );
    child.kill('SIGCONT');
    await Promise.all(writes);
    expect(await new BlockDevice(bystander).read(0n, 3)).toEqual(
      Buffer.concat([block(1), block(2), block(3)]),
    );
    await bystander.close();
  });

  it('ends on SIGTERM: logged out, no socket left', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'node1.sock');
    const causes: string[] = [];
    target.onEvent((event) => {
      if (event.type === 'logout') causes.push(event.cause);
    });
    const { child } = await startHostProcess({
      initiatorName: INITIATOR,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
    });
    expect(await endProcess(child, 'SIGTERM')).toBe(0);
    expect(existsSync(socketPath)).toBe(false);
    expect(causes).toEqual(['logout']);
  });

  it('ends with its standard input where it was told to, whoever held the other end', async () => {
    const target = await startTarget();
    const socketPath = join(directory(), 'node1.sock');
    const { child } = await startHostProcess({
      initiatorName: INITIATOR,
      socketPath,
      devices: [`data=${target.urlOf(0)}`],
      untilEof: true,
    });
    const exit = once(child, 'exit');
    child.stdin?.end();
    expect(await exit).toEqual([0, null]);
    expect(existsSync(socketPath)).toBe(false);
  });

  it('that was killed leaves a socket which the next one replaces, as the same nexus', async () => {
    const target = await startTarget();
    const options = {
      initiatorName: INITIATOR,
      socketPath: join(directory(), 'node1.sock'),
      devices: [`data=${target.urlOf(0)}`],
    };
    const nexusIds = new Set<string>();
    target.onEvent((event) => {
      if (event.type === 'login') nexusIds.add(event.nexusId);
    });
    const first = await startHostProcess(options);
    await endProcess(first.child, 'SIGKILL');
    expect(existsSync(options.socketPath)).toBe(true);
    await startHostProcess(options);
    await (await disk(options.socketPath)).write(0n, block(9));
    expect(nexusIds.size).toBe(1);
  });
});

describe('fencelab io', () => {
  const collect = () => {
    const texts = { stdout: '', stderr: '' };
    const output = {
      stdout: { write: (text: string) => (texts.stdout += text) },
      stderr: { write: (text: string) => (texts.stderr += text) },
    };
    return { texts, output };
  };

  it('writes, reads back, compares and dumps', async () => {
    const target = await startTarget();
    const { texts, output } = collect();
    const device = target.urlOf(0);
    const io = (action: 'read' | 'write', pattern?: number): Promise<number> =>
      runIo({ device, action, lba: 4n, blocks: 1, ...(pattern === undefined ? {} : { pattern }) }, output);
    expect(await io('write', 7)).toBe(0);
    expect(await io('read', 7)).toBe(0);
    expect(await io('read', 8)).toBe(1);
    expect(await io('read')).toBe(0);
    const line = '07 07 07 07 07 07 07 07 07 07 07 07 07 07 07 07  |................|';
    expect(texts).toEqual({
      stdout:
        'wrote 1 block at LBA 4, pattern 0x07\nread 1 block at LBA 4, all 0x07\n' +
        `00000800  ${line}\n*\n000009f0  ${line}\n`,
      stderr: `fencelab io: ${device}: LBA 4 byte 0 is 0x07, expected 0x08\n`,
    });
  });

  it('tells a refused write from a device that cannot be opened', async () => {
    const target = await startTarget();
    const device = target.urlOf(0);
    const register = Buffer.from('5f000000000000001800', 'hex');
    const reserve = Buffer.from('5f010500000000001800', 'hex');
    const keys = Buffer.from('0000000000000000' + '0000000000000abc', 'hex');
    const holder = await openDevice(device, {
      readOnly: false,
      environment: { FENCELAB_INITIATOR: `${INITIATOR}2` },
    });
    await holder.execute(register, { dataOut: Buffer.concat([keys, Buffer.alloc(8)]) });
    await holder.execute(reserve, { dataOut: Buffer.concat([keys.subarray(8), Buffer.alloc(16)]) });
    await holder.close();

    const { texts, output } = collect();
    expect(await runIo({ device, action: 'write', lba: 0n, blocks: 2 }, output)).toBe(1);
    expect(await runIo({ device: '/dev/nothing', action: 'write', lba: 0n, blocks: 1 }, output)).toBe(2);
    expect(
      await runIo({ device: device.replace(/0$/, '9'), action: 'read', lba: 0n, blocks: 1 }, output),
    ).toBe(2);
    expect(await runIo({ device, action: 'read', lba: 2048n, blocks: 1 }, output)).toBe(2);
    expect(texts.stderr.split('\n')).toEqual([
      `fencelab io: ${device}: write 2 blocks at LBA 0 refused: RESERVATION CONFLICT (EBADE)`,
      'fencelab io: /dev/nothing: no such device: not an iscsi:// URL, exec: or socket:, nor in the device map (FENCELAB_DEVICES names no device map) (ENOENT)',
      `fencelab io: ${device.replace(/0$/, '9')}: the target has no such logical unit (ENXIO)`,
      `fencelab io: ${device}: 1 block at LBA 2048 is beyond the end (the device has 2048 blocks)`,
      '',
    ]);
  });
});
