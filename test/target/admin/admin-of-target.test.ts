import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSense, SCSI_STATUS, testUnitReadyCdb } from '../../../protocol/index.js';
import { startAdmin, type Admin } from '../../../target/admin/start.js';
import { createTarget } from '../../../target/create-target.js';
import type { Target } from '../../../target/options.js';
import { NODE1, NODE1_ID } from './observed-target.js';

let target: Target;
let admin: Admin;

beforeEach(async () => {
  target = await createTarget({
    iqn: 'iqn.2026-11.org.fencelab:array',
    portals: [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0, targetPortGroup: 2 },
    ],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1_048_576 } }],
  });
  admin = await startAdmin(target, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await admin.close();
  await target.close();
});

/** REGISTER AND IGNORE EXISTING KEY with a 24-byte parameter list (SPC-4 6.16.3). */
async function register(key: bigint): Promise<number> {
  const path = target.connectInMemory(NODE1, 0);
  const testUnitReady = new Uint8Array(6);
  // The attention of power on comes first.
  while ((await path.execute(testUnitReady)).status !== SCSI_STATUS.good);
  const parameterList = Buffer.alloc(24);
  parameterList.writeBigUInt64BE(key, 8);
  const cdb = Uint8Array.of(0x5f, 0x06, 0, 0, 0, 0, 0, 0, 24, 0);
  return (await path.execute(cdb, { dataOut: parameterList })).status;
}

describe('the admin API of a running target', () => {
  it('shows a registration, and tells the command that made it with the state before and after', async () => {
    const request = get(`${admin.url}/api/events`, { agent: false });
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    const told = (async () => {
      let text = '';
      for await (const part of stream.setEncoding('utf8') as AsyncIterable<string>) {
        text += part;
        const data = /^event: persistentReserveOut\ndata: (.*)$/m.exec(text)?.[1];
        if (data !== undefined) return JSON.parse(data) as unknown;
      }
      throw new Error('the stream ended without the command');
    })();
    expect(await register(0x8000_0000_0000_0001n)).toBe(SCSI_STATUS.good);
    const registration = { nexus: NODE1_ID, key: '0x8000000000000001', reservationHolder: false };
    expect(await told).toMatchObject({
      lun: 0,
      nexusId: NODE1_ID,
      serviceActionName: 'registerAndIgnoreExistingKey',
      statusName: 'GOOD',
      before: { prGeneration: 0, registrations: [] },
      after: { prGeneration: 1, registrations: [registration] },
    });
    const answer = await fetch(`${admin.url}/api/luns/0/reservations`);
    expect(await answer.json()).toMatchObject({ prGeneration: 1, registrations: [registration] });
  });

  it('PUT puts a target port group into another state, on every LUN or on one', async () => {
    const put = async (group: string, body: object): Promise<[number, unknown]> => {
      const answer = await fetch(`${admin.url}/api/target-port-groups/${group}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [answer.status, await answer.json()];
    };
    const groups = (second: string): object[] => [
      {
        lun: 0,
        groups: [
          { targetPortGroup: 1, state: 'activeOptimized', relativeTargetPortIds: [1] },
          { targetPortGroup: 2, state: second, relativeTargetPortIds: [2] },
        ],
      },
    ];
    expect(await put('2', { state: 'standby' })).toEqual([200, groups('standby')]);
    expect(await put('2', { state: 'activeNonOptimized', lun: 0 })).toEqual([
      200,
      groups('activeNonOptimized'),
    ]);
    const seen = await fetch(`${admin.url}/api/target-port-groups`);
    expect(await seen.json()).toEqual(groups('activeNonOptimized'));
    expect(await put('3', { state: 'standby' })).toEqual([
      404,
      { error: 'target port group 3 is not there; there are 1, 2' },
    ]);
    expect(await put('2', { state: 'standby', lun: 5 })).toEqual([
      404,
      { error: 'LUN 5 is not there; there are 0' },
    ]);
    expect(await put('x', { state: 'standby' })).toEqual([
      404,
      { error: "no target port group 'x': expected a number" },
    ]);
    const states = 'activeOptimized, activeNonOptimized, standby, unavailable, offline, transitioning';
    expect(await put('2', { state: 'asleep' })).toEqual([
      400,
      { error: `body/state: expected one of ${states}` },
    ]);
    expect(await put('2', { state: 'standby', lun: '0' })).toEqual([
      400,
      { error: 'body/lun must be integer' },
    ]);
    expect((await put('2', { state: 'standby', luns: [1] }))[0]).toBe(400);
    const posted = await fetch(`${admin.url}/api/target-port-groups/2`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'PUT']);
  });

  it('PUT gives a LUN more bytes, which every initiator is told of', async () => {
    const ask = async (method: string, lun: string, body?: object): Promise<[number, unknown]> => {
      const answer = await fetch(`${admin.url}/api/luns/${lun}/size`, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      return [answer.status, await answer.json()];
    };
    const path = target.connectInMemory(NODE1, 0);
    await path.execute(testUnitReadyCdb());
    const views = (sizeBytes: number): unknown => [expect.objectContaining({ lun: 0, sizeBytes })];
    expect(await ask('PUT', '0', { size: '3MiB' })).toEqual([200, views(3_145_728)]);
    expect(decodeSense((await path.execute(testUnitReadyCdb())).sense)).toMatchObject({
      ...{ key: 6, asc: 0x2a, ascq: 0x09 },
    });
    expect(target.capacityOf(0)).toBe(3_145_728);
    expect(await ask('PUT', '0', { size: '3145728' })).toEqual([200, views(3_145_728)]);
    expect((await path.execute(testUnitReadyCdb())).status).toBe(SCSI_STATUS.good);
    const refused =
      'LUN 0: size: expected 3145728 bytes, which it has, or more, found 2097152: it can only grow';
    expect(await ask('PUT', '0', { size: '2MiB' })).toEqual([400, { error: refused }]);
    expect(await ask('PUT', '0', { size: '4MB' })).toEqual([
      400,
      { error: "size '4MB': expected a size such as 512KiB, 64MiB, 1TiB or a number of bytes" },
    ]);
    expect((await ask('PUT', '0', { sise: '4MiB' }))[0]).toBe(400);
    for (const size of [null, 4_194_304]) {
      expect(await ask('PUT', '0', { size })).toEqual([400, { error: 'body/size must be string' }]);
    }
    expect(await ask('PUT', '5', { size: '4MiB' })).toEqual([
      404,
      { error: "no LUN '5': expected one of 0" },
    ]);
    expect(await ask('GET', '0')).toEqual([405, { error: 'GET /api/luns/0/size: expected PUT' }]);
  });

  it('PUT and DELETE add a LUN and take it away', async () => {
    const ask = async (method: string, lun: string, spec?: unknown): Promise<[number, unknown]> => {
      const answer = await fetch(`${admin.url}/api/luns/${lun}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(spec === undefined ? {} : { body: JSON.stringify({ spec }) }),
      });
      return [answer.status, await answer.json()];
    };
    const luns = (...numbers: number[]): unknown =>
      numbers.map((lun) => expect.objectContaining({ lun }) as unknown);
    expect(await ask('PUT', '7', 'size=1MiB,thin')).toEqual([200, luns(0, 7)]);
    expect(target.luns).toEqual([0, 7]);
    expect(await ask('PUT', '7', 'size=1MiB')).toEqual([400, { error: 'LUN 7 is there already' }]);
    expect((await ask('PUT', '8', 'size=one'))[0]).toBe(400);
    expect(await ask('PUT', '8', 7)).toEqual([400, { error: 'body/spec must be string' }]);
    expect(await ask('PUT', '8')).toEqual([400, { error: 'body must be object' }]);
    expect(await ask('DELETE', '7')).toEqual([200, luns(0)]);
    expect(await ask('DELETE', '7')).toEqual([404, { error: "no LUN '7': expected one of 0" }]);
    expect(await ask('POST', '7')).toEqual([405, { error: 'POST /api/luns/7: expected PUT or DELETE' }]);
  });

  it('PUT takes a regular file that no other LUN has, and DELETE frees it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fencelab-admin-'));
    const file = join(directory, 'disk.img');
    const pipe = join(directory, 'pipe');
    await writeFile(file, Buffer.alloc(4096));
    execFileSync('mkfifo', [pipe]);
    const put = async (lun: number, path: string): Promise<unknown> => {
      const answer = await fetch(`${admin.url}/api/luns/${lun}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ spec: `file=${path}` }),
      });
      return answer.ok ? answer.status : await answer.json();
    };
    const noFile = `file ${pipe} of a logical unit cannot be opened: expected a regular file, found a pipe`;
    // As many as the process can wait for at a time, if it waited; the next file would not be opened then.
    for (let count = 0; count < 4; count++) expect(await put(5, pipe)).toEqual({ error: noFile });
    expect(await put(5, file)).toBe(200);
    expect(await put(6, `${directory}/./disk.img`)).toEqual({
      error: `LUN 6: file ${directory}/./disk.img is that of LUN 5: expected a file that no other LUN has`,
    });
    await fetch(`${admin.url}/api/luns/5`, { method: 'DELETE' });
    expect(await put(6, file)).toBe(200);
    await rm(directory, { recursive: true });
  });
});
