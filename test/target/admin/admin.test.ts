import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLoopback, isLoopbackHostHeader } from '../../../target/access/loopback.js';
import { startAdmin, type Admin } from '../../../target/admin/start.js';
import type { ReservationState } from '../../../target/reservations/types.js';
import { EMPTY_STATE, NODE1, NODE1_ID, ObservedTarget } from './observed-target.js';

const RESERVED: ReservationState = {
  ...EMPTY_STATE,
  registrations: new Map([[NODE1_ID, { nexus: NODE1, key: 0xdeadbeef1a7ebaben }]]),
  reservation: { type: 'writeExclusiveRegistrantsOnly', holder: NODE1_ID },
  prGeneration: 2,
};
const RESERVATION_VIEW = {
  type: 'Write Exclusive, registrants only',
  typeCode: 5,
  scope: 'LU_SCOPE',
  holder: NODE1_ID,
};
const EMPTY_VIEW = {
  prGeneration: 0,
  persistThroughPowerLoss: false,
  reservationInformationLost: false,
  spc2Holder: null,
  reservation: null,
  registrations: [],
};
const RESERVED_VIEW = {
  ...EMPTY_VIEW,
  prGeneration: 2,
  reservation: RESERVATION_VIEW,
  registrations: [
    {
      nexus: NODE1_ID,
      initiatorPort: 'iqn.2026-11.org.fencelab:node1,i,0x800000000001',
      relativeTargetPortId: 1,
      key: '0xdeadbeef1a7ebabe',
      reservationHolder: true,
    },
  ],
};

let target: ObservedTarget;
let admin: Admin;

beforeEach(async () => {
  target = new ObservedTarget();
  admin = await startAdmin(target, { host: '127.0.0.1', port: 0, eventQueueBytesMax: 256 * 1024 });
});

afterEach(() => admin.close());

async function json(path: string, headers: Record<string, string> = {}): Promise<[number, unknown]> {
  const response = await openStream(path, headers);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return [response.statusCode ?? 0, JSON.parse(Buffer.concat(parts).toString())];
}

async function openStream(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const request = get(`${admin.url}${path}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** The next event of a stream: its name and its data. */
class EventReader {
  readonly #parts: AsyncIterator<string>;
  #text = '';

  constructor(response: IncomingMessage) {
    this.#parts = (response.setEncoding('utf8') as AsyncIterable<string>)[Symbol.asyncIterator]();
  }

  async next(): Promise<{ id: number; name: string; data: unknown }> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const message = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? '';
        return { id: Number(field('id')), name: field('event'), data: JSON.parse(field('data')) };
      }
      const part = await this.#parts.next();
      if (part.done === true) throw new Error('the stream ended');
      this.#text += part.value;
    }
  }
}

describe('what there is to see', () => {
  it('targets with their portals', async () => {
    expect(await json('/api/targets')).toEqual([
      200,
      [
        {
          iqn: 'iqn.2026-11.org.fencelab:array',
          portals: [
            { address: '127.0.0.1', port: 3260, relativeTargetPortId: 1 },
            { address: '::1', port: 3261, relativeTargetPortId: 2 },
          ],
          luns: [0, 3],
          sessions: 0,
        },
      ],
    ]);
  });

  it('LUNs with the URLs of every portal', async () => {
    target.states.set(3, RESERVED);
    const urls = (lun: number): string[] => [target.urlOf(lun, 0), target.urlOf(lun, 1)];
    expect(await json('/api/luns')).toEqual([
      200,
      [
        { lun: 0, urls: urls(0), sizeBytes: 1_048_576, registrations: 0, reservation: null },
        { lun: 3, urls: urls(3), sizeBytes: 4_194_304, registrations: 1, reservation: RESERVATION_VIEW },
      ],
    ]);
  });

  it('sessions, the ISID as hex', async () => {
    const session = {
      kind: 'normal' as const,
      initiatorName: 'iqn.2026-11.org.fencelab:node1',
      tsih: 1,
      relativeTargetPortId: 1,
      remoteAddress: '127.0.0.1:40000',
      loggedInAt: '2026-11-21T00:00:00.000Z',
      authMethod: 'CHAP' as const,
      headerDigest: 'CRC32C' as const,
      dataDigest: 'None' as const,
    };
    target.sessionList.push({ ...session, isid: 0x00023d000001n });
    expect(await json('/api/sessions')).toEqual([200, [{ ...session, isid: '0x00023d000001' }]]);
  });

  it('registrations and the reservation of a LUN, keys with all 64 bits', async () => {
    target.states.set(3, RESERVED);
    expect(await json('/api/luns/3/reservations')).toEqual([200, RESERVED_VIEW]);
    expect(await json('/api/luns/0/reservations')).toEqual([200, EMPTY_VIEW]);
  });

  it('every registered nexus as holder under an all-registrants type', async () => {
    target.states.set(3, {
      ...RESERVED,
      reservation: { type: 'writeExclusiveAllRegistrants', holder: null },
    });
    const [, view] = await json('/api/luns/3/reservations');
    expect(view).toMatchObject({
      reservation: { holder: null },
      registrations: [{ reservationHolder: true }],
    });
  });

  it.each([
    ['/api/luns/1/reservations', "no LUN '1': expected one of 0, 3"],
    ['/api/luns/x/reservations', "no LUN 'x': expected one of 0, 3"],
    ['/api/nothing', 'nothing at /api/nothing'],
  ])('%s is answered 404 in one line', async (path, error) => {
    expect(await json(path)).toEqual([404, { error }]);
  });

  it('a path that is none is answered 400 in the same form', async () => {
    expect(await json('/api/luns/%zz/reservations')).toEqual([400, { error: expect.any(String) as string }]);
  });

  it.each(['/api/luns', '/api/nothing'])('POST to %s is answered 405, with what is allowed', async (path) => {
    const response = await fetch(`${admin.url}${path}`, { method: 'POST' });
    expect([response.status, response.headers.get('allow'), await response.json()]).toEqual([
      405,
      'GET, HEAD',
      { error: `POST ${path}: expected GET` },
    ]);
  });

  it('a body that is no JSON is answered 400 in one line', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${admin.url}/api/luns`, { method: 'POST', headers, body: '{' });
    expect([response.status, await response.json()]).toEqual([400, { error: expect.any(String) as string }]);
  });
});

describe('the event stream', () => {
  it('tells PR commands with the state before and after, and others as they are', async () => {
    const events = new EventReader(await openStream('/api/events'));
    const command = {
      type: 'persistentReserveOut' as const,
      lun: 3,
      nexusId: NODE1_ID,
      tag: 5,
      serviceAction: 1,
      scope: 0,
      reservationType: 5,
      status: 0,
    };
    const refusal = { type: 'reservationConflict' as const, lun: 3, nexusId: NODE1_ID, operationCode: 0x2a };
    target.emit({ ...command, before: EMPTY_STATE, after: RESERVED });
    target.emit(refusal);
    expect(await events.next()).toEqual({
      id: 1,
      name: 'persistentReserveOut',
      data: {
        ...command,
        at: 7,
        serviceActionName: 'reserve',
        statusName: 'GOOD',
        before: EMPTY_VIEW,
        after: RESERVED_VIEW,
      },
    });
    expect(await events.next()).toEqual({ id: 2, name: 'reservationConflict', data: { ...refusal, at: 7 } });
  });

  it('listens to the target only while somebody reads', async () => {
    expect(target.listeners.size).toBe(0);
    const one = await openStream('/api/events');
    const other = await openStream('/api/events');
    expect(target.listeners.size).toBe(1);
    one.destroy();
    other.destroy();
    await expect.poll(() => target.listeners.size).toBe(0);
  });

  it('drops a reader that is too slow with a last event that says so, and goes on for the others', async () => {
    const slow = await openStream('/api/events');
    const quick = new EventReader(await openStream('/api/events'));
    const reason = 'x'.repeat(64 * 1024);
    // The kernel's buffers take some megabytes before anything waits here; the quick reader keeps up.
    for (let count = 1; count <= 400; count++) {
      target.emit({ type: 'loginRefused', initiatorName: 'iqn.a:b', reason });
      expect((await quick.next()).id).toBe(count);
    }
    const events = new EventReader(slow);
    let last = await events.next();
    let told = 1;
    while (last.name !== 'dropped') {
      last = await events.next();
      told++;
    }
    expect(told).toBeLessThan(400);
    expect(last.data).toEqual({
      reason: expect.stringMatching(/^reads too slowly: \d+ bytes wait, at most 262144 may$/) as string,
    });
    await expect(events.next()).rejects.toThrow('the stream ended');
  });

  it('refuses clients beyond the limit', async () => {
    const streams = await Promise.all(Array.from({ length: 32 }, () => openStream('/api/events')));
    expect(await json('/api/events')).toEqual([503, { error: 'too many event stream clients' }]);
    for (const stream of streams) stream.destroy();
  });

  it('ends when the API closes, and frees the port', async () => {
    const stream = await openStream('/api/events');
    const ended = new Promise((resolve) => stream.on('error', () => undefined).on('close', resolve));
    stream.resume();
    await admin.close();
    await ended;
    expect(target.listeners.size).toBe(0);
    const again = await startAdmin(target, { host: '127.0.0.1', port: Number(new URL(admin.url).port) });
    await again.close();
  });
});

describe('where it listens', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    '%s is loopback',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', 'fencelab.org', 'localhost.org', ''])(
    "'%s' is refused",
    async (host) => {
      expect(isLoopback(host)).toBe(false);
      await expect(startAdmin(target, { host, port: 0 })).rejects.toThrow(
        `admin API: ${host} is not a loopback address, expected 127.0.0.1 or [::1]`,
      );
    },
  );

  it('says in one line that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(startAdmin(target, { host: '127.0.0.1', port })).rejects.toThrow(
      `admin API: 127.0.0.1:${port} is in use already`,
    );
    server.close();
  });

  it('answers no page that came by a foreign name', async () => {
    expect(await json('/api/luns', { host: 'evil.example:80' })).toEqual([
      403,
      { error: 'expected a loopback name in the Host header' },
    ]);
    expect(['localhost:1', '127.0.0.1', '[::1]:8080', '::1'].map(isLoopbackHostHeader)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
