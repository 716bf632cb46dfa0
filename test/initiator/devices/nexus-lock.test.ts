import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nexusIdentity } from '../../../initiator/devices/nexus-identity.js';
import type { NexusIdentity } from '../../../initiator/devices/nexus-identity.js';
import { lockNexus } from '../../../initiator/devices/nexus-lock.js';

/** A nexus that no other test and no other run of the tests uses. */
function nexus(name: string): NexusIdentity {
  const portal = {
    host: '127.0.0.1',
    port: 3260,
    targetName: `iqn.2026-11.org.fencelab:lock-${process.pid}`,
  };
  return nexusIdentity(portal, `iqn.2026-11.org.fencelab:${name}`);
}

/** Another process that takes the lock, says so, and keeps it. */
async function holderProcess(identity: NexusIdentity): Promise<ChildProcess> {
  const module = new URL('../../../initiator/devices/nexus-lock.ts', import.meta.url).href;
  const { isid, ...rest } = identity;
  const script = `
    import { lockNexus } from ${JSON.stringify(module)};
    await lockNexus({ ...${JSON.stringify(rest)}, isid: ${isid}n });
    process.stdout.write('locked');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the lock of a nexus', () => {
  it('is handed over in turn', async () => {
    const order: string[] = [];
    const first = await lockNexus(nexus('turn'));
    const waiting = lockNexus(nexus('turn')).then((lock) => {
      order.push('second has it');
      return lock;
    });
    await expect(lockNexus(nexus('turn'), { waitMs: 50 })).rejects.toMatchObject({ errnoName: 'EBUSY' });
    order.push('first gives it up');
    first.release();
    (await waiting).release();
    expect(order).toEqual(['first gives it up', 'second has it']);
  });

  it('is of a machine: another one has its own, and sees none of this one', async () => {
    const one = await lockNexus(nexus('machines'), { machine: 'node1' });
    const other = await lockNexus(nexus('machines'), { machine: 'node1-2' });
    const none = await lockNexus(nexus('machines'));
    const again = lockNexus(nexus('machines'), { machine: 'node1', waitMs: 50 });
    await expect(again).rejects.toMatchObject({ errnoName: 'EBUSY' });
    for (const lock of [one, other, none]) lock.release();
  });

  it('is had by one at a time, however many want it', async () => {
    let holders = 0;
    let holdersMax = 0;
    const one = async (): Promise<void> => {
      const lock = await lockNexus(nexus('crowd'));
      holders += 1;
      holdersMax = Math.max(holdersMax, holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      lock.release();
    };
    await Promise.all(Array.from({ length: 20 }, one));
    expect(holdersMax).toBe(1);
  });

  it('of another nexus is free', async () => {
    const locks = await Promise.all([lockNexus(nexus('a')), lockNexus(nexus('b'))]);
    for (const lock of locks) lock.release();
    expect(locks).toHaveLength(2);
  });

  it('says which process has it when it gives up', async () => {
    const lock = await lockNexus(nexus('busy'));
    const { isid } = nexus('busy');
    await expect(lockNexus(nexus('busy'), { waitMs: 50 })).rejects.toMatchObject({
      name: 'DeviceOpenError',
      errnoName: 'EBUSY',
      message:
        `process ${process.pid} owns the session of iqn.2026-11.org.fencelab:busy,i,0x${isid.toString(16)} ` +
        `at iqn.2026-11.org.fencelab:lock-${process.pid} on 127.0.0.1:3260; gave up after 0.05 s`,
    });
    lock.release();
  });

  // The default wait is longer than a test may take.
  it('is not waited for where a host has it, which keeps it and can be gone through', async () => {
    const host = { socketPath: '/run/node1.sock', devices: ['data', 'log'] };
    const lock = await lockNexus(nexus('host'), { host });
    await expect(lockNexus(nexus('host'))).rejects.toMatchObject({
      errnoName: 'EBUSY',
      message: expect.stringMatching(
        new RegExp(
          `^a host, process ${process.pid}, owns the session of .*:host,i,0x.* on 127.0.0.1:3260; go through it: ` +
            'a name in the device map with socket: /run/node1.sock and device: data or log$',
        ),
      ) as string,
    });
    lock.release();
    (await lockNexus(nexus('host'))).release();
  });

  it('is free at once when its holder was killed', async () => {
    const holder = await holderProcess(nexus('crash'));
    const waiting = lockNexus(nexus('crash'));
    await expect(lockNexus(nexus('crash'), { waitMs: 50 })).rejects.toMatchObject({
      message: expect.stringContaining(`process ${holder.pid ?? 0} owns the session`) as string,
    });
    holder.kill('SIGKILL');
    (await waiting).release();
  });

  it('stays with a holder that hangs', async () => {
    const holder = await holderProcess(nexus('hang'));
    holder.kill('SIGSTOP');
    await expect(lockNexus(nexus('hang'), { waitMs: 50 })).rejects.toMatchObject({ errnoName: 'EBUSY' });
  });
});
