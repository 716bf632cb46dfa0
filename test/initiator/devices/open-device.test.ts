import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unitAttentionOf } from '../../../initiator/devices/attach.js';
import { openDevice } from '../../../initiator/devices/open-device.js';
import { testUnitReadyCdb, unitAttention, write10Cdb } from '../../../protocol/index.js';
import type { LogicalUnitPath } from '../../../protocol/index.js';
import { createTarget } from '../../../target/index.js';
import type { Target } from '../../../target/index.js';

const NODE1 = 'iqn.2026-11.org.fencelab:node1';
const NODE2 = 'iqn.2026-11.org.fencelab:node2';
const as = (initiator: string) => ({ readOnly: false, environment: { FENCELAB_INITIATOR: initiator } });

async function startTarget(): Promise<Target> {
  const target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [0, 1].map((lun) => ({ lun, medium: { kind: 'memory', sizeBytes: 1 << 20 } })),
  });
  onTestFinished(() => target.close());
  return target;
}

/** PERSISTENT RESERVE OUT with the two keys. */
async function prOut(
  path: LogicalUnitPath,
  serviceAction: number,
  type: number,
  key: bigint,
  serviceActionKey: bigint,
) {
  const cdb = Uint8Array.of(0x5f, serviceAction, type, 0, 0, 0, 0, 0, 24, 0);
  const dataOut = Buffer.alloc(24);
  dataOut.writeBigUInt64BE(key, 0);
  dataOut.writeBigUInt64BE(serviceActionKey, 8);
  expect((await path.execute(cdb, { dataOut })).status).toBe(0);
}

describe('opening a device', () => {
  it('is the same nexus at every run, and leaves no session behind', async () => {
    const target = await startTarget();
    for (const lun of [0, 1, 0]) {
      const path = await openDevice(target.urlOf(lun), as(NODE1));
      await prOut(path, 0x06, 0, 0n, BigInt(lun) + 1n);
      await path.close();
    }
    expect(target.sessions()).toEqual([]);
    const registrants = [0, 1].map((lun) => [...target.reservations(lun).registrations.keys()]);
    expect(registrants[0]).toHaveLength(1);
    expect(registrants[1]).toEqual(registrants[0]);
  });

  it('delivers a 2A/xx of an earlier session as the answer to the first command', async () => {
    const target = await startTarget();
    const first = await openDevice(target.urlOf(0), as(NODE1));
    await prOut(first, 0x00, 0, 0n, 1n);
    await first.close();
    const other = await openDevice(target.urlOf(0), as(NODE2));
    await prOut(other, 0x00, 0, 0n, 2n);
    await prOut(other, 0x04, 5, 2n, 1n);
    await other.close();
    const again = await openDevice(target.urlOf(0), as(NODE1));
    expect(unitAttentionOf(await again.execute(testUnitReadyCdb({})))).toEqual(unitAttention(0x2a, 0x05));
    expect((await again.execute(testUnitReadyCdb({}))).status).toBe(0);
    await again.close();
  });

  it('two runs on one nexus take turns, and none reinstates the session of the other', async () => {
    const target = await startTarget();
    const causes: string[] = [];
    target.onEvent((event) => {
      if (event.type === 'logout') causes.push(event.cause);
    });
    const first = await openDevice(target.urlOf(0), as(NODE1));
    const waiting = openDevice(target.urlOf(1), as(NODE1));
    expect((await first.execute(testUnitReadyCdb({}))).status).toBe(0);
    await first.close();
    const second = await waiting;
    expect((await second.execute(testUnitReadyCdb({}))).status).toBe(0);
    await second.close();
    expect(causes).toEqual(['logout', 'logout']);
  });

  it('goes by the device map', async () => {
    const target = await startTarget();
    const directory = mkdtempSync(join(tmpdir(), 'fencelab-devices-'));
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const map = join(directory, 'devices.yaml');
    writeFileSync(
      map,
      `/dev/sdb:\n  url: ${target.urlOf(0)}\n  initiator: ${NODE2}\n  isid: "0x80abcdef0001"\n` +
        '/dev/sdc:\n  socket: nobody.sock\n  device: data\n',
    );
    const options = { readOnly: false, environment: { FENCELAB_DEVICES: map } };
    const path = await openDevice('/dev/sdb', options);
    expect(target.sessions()).toMatchObject([{ initiatorName: NODE2, isid: 0x80abcdef0001n }]);
    await path.close();
    await expect(openDevice('/dev/sdc', options)).rejects.toMatchObject({ errnoName: 'ENXIO' });
    await expect(openDevice('/dev/sdd', options)).rejects.toMatchObject({
      errnoName: 'ENOENT',
      errno: 2,
      message: `no such device: not an iscsi:// URL, exec: or socket:, nor in the device map (not in ${map})`,
    });
    writeFileSync(map, '/dev/sdb:\n  uri: x\n');
    await expect(openDevice('/dev/sdb', options)).rejects.toMatchObject({
      errnoName: 'EINVAL',
      message: `${map}:2:3: unknown setting "uri" (expected url, initiator, isid, user, secret-file, target-user, target-secret-file, socket, device, exec)`,
    });
  });

  it('for reading refuses to write the medium, and still passes the rest', async () => {
    const target = await startTarget();
    const path = await openDevice(target.urlOf(0), { ...as(NODE1), readOnly: true });
    const write = write10Cdb({ logicalBlockAddress: 0, transferLength: 1 });
    await expect(path.execute(write, { dataOut: Buffer.alloc(512) })).rejects.toMatchObject({
      errnoName: 'EPERM',
    });
    await prOut(path, 0x00, 0, 0n, 1n);
    await path.close();
  });

  it('that does not answer is ENXIO, and frees the nexus', async () => {
    const target = await startTarget();
    const absent = target.urlOf(0).replace(/0$/, '7');
    for (let run = 0; run < 2; run++) {
      await expect(openDevice(absent, as(NODE1))).rejects.toMatchObject({
        errnoName: 'ENXIO',
        errno: 6,
        message: `${absent}: the target has no such logical unit`,
      });
    }
    expect(target.sessions()).toEqual([]);
    const url = target.urlOf(0);
    await target.close();
    for (let run = 0; run < 2; run++) {
      await expect(openDevice(url, as(NODE1))).rejects.toMatchObject({
        errnoName: 'ENXIO',
        message: expect.stringContaining('ECONNREFUSED') as string,
      });
    }
  });
});
