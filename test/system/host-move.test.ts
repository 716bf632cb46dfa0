import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BlockDevice, connectHostSocket, Host, HostClient, parseHostDevice } from '../../initiator/index.js';
import type { LogicalUnitPath } from '../../protocol/index.js';
import { createTarget, type Target } from '../../target/index.js';

const block = (byte: number): Buffer => Buffer.alloc(512, byte);

interface Site {
  readonly target: Target;
  readonly folder: string;
  /** A user of the guest, and the guest's own end. */
  readonly path: LogicalUnitPath;
  readonly data: BlockDevice;
  readonly guest: HostClient;
}

/** Two hypervisors, and a guest on the first one. */
async function site(): Promise<Site> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1 << 20 } }],
  });
  onTestFinished(() => target.close());
  const folder = mkdtempSync(join(tmpdir(), 'fencelab-move-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (name: string, device: string): Promise<void> => {
    const host = await Host.start({
      initiatorName: `iqn.2026-11.org.fencelab:${name}`,
      socketPath: join(folder, `${name}.sock`),
      devices: [parseHostDevice(device)],
    });
    onTestFinished(() => host.close());
  };
  await start('esx1', `data=${target.urlOf(0)}`);
  await start('esx2', `data=${target.urlOf(0)}`);
  await start('guest1', `data=socket:${join(folder, 'esx1.sock')}#data`);
  const socketPath = join(folder, 'guest1.sock');
  const path = await connectHostSocket(socketPath, 'data');
  const data = new BlockDevice(path);
  onTestFinished(() => data.close());
  const guest = await HostClient.connect(socketPath);
  onTestFinished(() => {
    guest.close();
  });
  return { target, folder, path, data, guest };
}

/** REGISTER AND IGNORE EXISTING KEY: the array keeps the key with the nexus that it came by. */
async function register(path: LogicalUnitPath, key: bigint): Promise<void> {
  const dataOut = Buffer.alloc(24);
  dataOut.writeBigUInt64BE(key, 8);
  const result = await path.execute(Buffer.from('5f060000000000001800', 'hex'), { dataOut });
  expect(result.status).toBe(0);
}

describe('a guest that goes over to another host', () => {
  it('reaches the array by the nexus of that host from then on, for the users that it had', async () => {
    const { target, folder, path, data, guest } = await site();
    await register(path, 1n);
    await data.write(0n, block(1));
    await guest.quiesce();
    const waits = data.write(1n, block(2));
    await guest.relocate(join(folder, 'esx2.sock'));
    await guest.resume();
    await waits;
    await register(path, 2n);
    const registrations = [...target.reservations(0).registrations].map(([nexusId, { key }]) => [
      nexusId.slice(0, nexusId.indexOf(',')),
      key,
    ]);
    expect(registrations).toEqual([
      ['iqn.2026-11.org.fencelab:esx1', 1n],
      ['iqn.2026-11.org.fencelab:esx2', 2n],
    ]);
    expect(await data.read(0n, 2)).toEqual(Buffer.concat([block(1), block(2)]));
  });

  it('is not at rest while its hypervisor holds a write', async () => {
    const { folder, data, guest } = await site();
    const hypervisor = await HostClient.connect(join(folder, 'esx1.sock'));
    onTestFinished(() => {
      hypervisor.close();
    });
    const hold = await hypervisor.holdWrites(['data'], { user: 'guest1' });
    const write = data.write(0n, block(1));
    await hypervisor.awaitHeld(hold);
    let atRest = false;
    const quiesced = guest.quiesce().then(() => (atRest = true));
    await expect(guest.relocate(join(folder, 'esx2.sock'))).rejects.toMatchObject({
      errnoName: 'EBUSY',
      message: expect.stringContaining('data is not at rest') as string,
    });
    expect(atRest).toBe(false);
    await hypervisor.releaseWrites(hold);
    await Promise.all([write, quiesced]);
    await guest.resume();
    expect(await data.read(0n, 1)).toEqual(block(1));
  });

  it('stays where it is if nobody listens there', async () => {
    const { folder, data, guest } = await site();
    await guest.quiesce();
    await expect(guest.relocate(join(folder, 'esx3.sock'))).rejects.toThrow('no host listens on');
    await guest.resume();
    await data.write(0n, block(1));
    expect(await data.read(0n, 1)).toEqual(block(1));
  });
});
