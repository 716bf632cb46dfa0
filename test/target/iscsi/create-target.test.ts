import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ItNexus } from '../../../protocol/index.js';
import { createTarget } from '../../../target/index.js';
import type { Target, TargetEvent, TargetOptions } from '../../../target/index.js';
import { INITIATOR_NAME, RawInitiator, TARGET_NAME, TEST_UNIT_READY, scsiCommand } from './raw-initiator.js';
import type { Pdu } from './raw-initiator.js';

const MIB = 1024 * 1024;
const memory = (lun: number): TargetOptions['logicalUnits'][number] => ({
  lun,
  medium: { kind: 'memory', sizeBytes: MIB },
});
const options: TargetOptions = {
  iqn: TARGET_NAME,
  portals: [{ host: '127.0.0.1', port: 0 }],
  logicalUnits: [memory(3), memory(0)],
};
const NEXUS = `${INITIATOR_NAME},i,0x800000000001@1`;

const open: Target[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const target of open.splice(0)) await target.close();
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

async function start(more: Partial<TargetOptions> = {}): Promise<Target> {
  const target = await createTarget({ ...options, ...more });
  open.push(target);
  return target;
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fencelab-target-'));
  directories.push(directory);
  return directory;
}

async function initiatorOf(target: Target): Promise<RawInitiator> {
  const [portal] = target.portals;
  const socket = connect(portal?.port ?? 0, portal?.host);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const initiator = new RawInitiator(socket);
  await initiator.login();
  return initiator;
}

/** Runs a command to its status; unit attentions that pend are taken first. */
async function execute(initiator: RawInitiator, cdb: number[], data?: Uint8Array): Promise<Pdu> {
  for (;;) {
    const cmdSn = initiator.cmdSn++;
    const length = data?.length ?? 0;
    const write = data !== undefined;
    initiator.send(
      scsiCommand({ cdb, cmdSn, tag: cmdSn, length, write, ...(data === undefined ? {} : { data }) }),
    );
    const response = await initiator.expect(0x21);
    const unitAttention = response.header[3] === 2 && ((response.data[4] ?? 0) & 0x0f) === 6;
    if (!unitAttention) return response;
  }
}

/** PERSISTENT RESERVE OUT, REGISTER with APTPL as given. */
async function register(initiator: RawInitiator, key: bigint, aptpl: boolean): Promise<number | undefined> {
  const list = Buffer.alloc(24);
  list.writeBigUInt64BE(key, 8);
  list[20] = aptpl ? 1 : 0;
  return (await execute(initiator, [0x5f, 0, 0, 0, 0, 0, 0, 0, 24], list)).header[3];
}

const bystander: ItNexus = {
  initiatorPort: { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.fencelab:bystander', isid: 1n },
  relativeTargetPortId: 1,
};
const testUnitReady = Uint8Array.from(TEST_UNIT_READY);

describe('createTarget', () => {
  it('lists LUNs in ascending order and gives a URL for each portal', async () => {
    const target = await start({
      portals: [
        { host: '127.0.0.1', port: 0 },
        { host: '::1', port: 0 },
      ],
    });
    const ports = target.portals.map((portal) => String(portal.port));
    expect(target.luns).toEqual([0, 3]);
    expect(target.portals.map((portal) => portal.relativeTargetPortId)).toEqual([1, 2]);
    expect(target.urlOf(3)).toBe(`iscsi://127.0.0.1:${ports[0] ?? ''}/${TARGET_NAME}/3`);
    expect(target.urlOf(0, 1)).toBe(`iscsi://[::1]:${ports[1] ?? ''}/${TARGET_NAME}/0`);
    expect(() => target.urlOf(0, 2)).toThrow('portal 2 is not there; there are 2');
  });

  it('keeps a registration over connection loss and a new session of the same initiator port', async () => {
    const target = await start();
    const first = await initiatorOf(target);
    expect(await register(first, 0xabcn, false)).toBe(0);
    target.dropConnections(NEXUS);
    expect(await first.next()).toBeNull();
    expect(target.sessions()).toEqual([]);
    const second = await initiatorOf(target);
    expect((await execute(second, TEST_UNIT_READY)).header[3]).toBe(0);
    expect([...target.reservations(0).registrations.keys()]).toEqual([NEXUS]);
  });

  it('drops connections in memory too: the next command meets the nexus loss', async () => {
    const target = await start();
    const initiatorPort = {
      protocol: 'iscsi',
      iscsiName: 'iqn.2026-11.org.fencelab:memory',
      isid: 1n,
    } as const;
    const path = target.connectInMemory({ initiatorPort, relativeTargetPortId: 1 }, 0);
    const ready = async (): Promise<readonly number[]> => {
      const { status, sense } = await path.execute(Uint8Array.from(TEST_UNIT_READY));
      return status === 0 ? [0] : [status, sense[12] ?? 0, sense[13] ?? 0];
    };
    expect([await ready(), await ready()]).toEqual([[2, 0x29, 0], [0]]);
    target.dropConnections('iqn.2026-11.org.fencelab:memory,i,0x000000000001@1');
    expect([await ready(), await ready()]).toEqual([[2, 0x29, 7], [0]]);
  });

  it('keeps registrations over a restart with a state directory and APTPL, and only then', async () => {
    const stateDirectory = await temporaryDirectory();
    for (const aptpl of [true, false]) {
      const target = await start({ stateDirectory });
      const initiator = await initiatorOf(target);
      const known = target.reservations(0).registrations.size;
      expect(known).toBe(0);
      expect(await register(initiator, 0xdeadbeef1a7ebaben, aptpl)).toBe(0);
      await target.close();
      const again = await start({ stateDirectory });
      const keys = [...again.reservations(0).registrations.values()].map((registration) => registration.key);
      expect(keys).toEqual(aptpl ? [0xdeadbeef1a7ebaben] : []);
      if (aptpl) {
        const cleaner = await initiatorOf(again);
        const clear = Buffer.alloc(24);
        clear.writeBigUInt64BE(0xdeadbeef1a7ebaben, 0);
        expect((await execute(cleaner, [0x5f, 3, 0, 0, 0, 0, 0, 0, 24], clear)).header[3]).toBe(0);
      }
      await again.close();
    }
  });

  it('forgets what APTPL kept where the quirk does, over a restart and over a power loss alike', async () => {
    const stateDirectory = await temporaryDirectory();
    const before = await start({ stateDirectory });
    expect(await register(await initiatorOf(before), 0xabcn, true)).toBe(0);
    await before.close();
    const again = await start({ stateDirectory, quirks: ['lio-aptpl-lost-at-power-loss'] });
    expect(again.reservations(0).registrations.size).toBe(0);
    expect(await register(await initiatorOf(again), 0xabcn, true)).toBe(0);
    expect(again.reservations(0).registrations.size).toBe(1);
    await again.powerCycle();
    expect(again.reservations(0).registrations.size).toBe(0);
  });

  it('says why a state could not be made durable, and answers with an internal target failure', async () => {
    const stateDirectory = join(await temporaryDirectory(), 'state');
    const target = await start({ stateDirectory });
    const initiator = await initiatorOf(target);
    await rm(stateDirectory, { recursive: true });
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      expect(await register(initiator, 0xabcn, true)).toBe(2);
      expect(told.mock.calls).toEqual([
        [expect.stringMatching(/^fencelab target: .*reservations-0\.json cannot be written: ENOENT.*\n$/)],
      ]);
    } finally {
      told.mockRestore();
    }
    expect(target.reservations(0).registrations.size).toBe(0);
  });

  it.each([
    ['keeps what APTPL keeps', true, true],
    ['keeps nothing that was registered without APTPL', true, false],
    ['keeps nothing without a place for it', false, false],
  ])('loses its power and %s; every nexus is told, and data stay', async (_, nonVolatileMemory, aptpl) => {
    const target = await start({ nonVolatileMemory });
    const initiator = await initiatorOf(target);
    expect(await register(initiator, 0xabcn, aptpl)).toBe(0);
    const inMemory = target.connectInMemory(bystander, 0);
    while ((await inMemory.execute(testUnitReady)).status !== 0);
    const written = Buffer.alloc(512, 7);
    await inMemory.execute(Buffer.from('2a000000000500000100', 'hex'), { dataOut: written });
    const hold = target.faults(0).holdWrites();
    const lost = inMemory.execute(Buffer.from('2a000000000600000100', 'hex'), { dataOut: written });
    await hold.held;
    const failed = expect(lost).rejects.toThrow('the connection was lost');

    await target.powerCycle();

    await failed;
    expect(await initiator.untilClosed()).toEqual([]);
    expect(target.sessions()).toEqual([]);
    const keys = [...target.reservations(0).registrations.values()].map(({ key }) => key);
    expect(keys).toEqual(aptpl ? [0xabcn] : []);
    const [first, second] = [await inMemory.execute(testUnitReady), await inMemory.execute(testUnitReady)];
    expect([first.status, Buffer.from(first.sense).toString('hex', 12, 14), second.status]).toEqual([
      2,
      '2900',
      0,
    ]);
    const read = await inMemory.execute(Buffer.from('28000000000500000200', 'hex'), { dataInLength: 1024 });
    expect(Buffer.from(read.dataIn)).toEqual(Buffer.concat([written, Buffer.alloc(512)]));
  });

  it('has a state that was being made durable when power went, and tells nobody of it', async () => {
    const stateDirectory = await temporaryDirectory();
    const target = await start({ stateDirectory });
    const initiator = await initiatorOf(target);
    const events: string[] = [];
    const ended = new Promise<void>((resolve) => {
      initiator.socket.once('close', () => {
        resolve();
      });
    });
    target.onEvent(({ type }) => events.push(type));
    const answer = register(initiator, 0xabcn, true);
    const unanswered = expect(answer).rejects.toThrow('connection ended');
    while (target.reservations(0).registrations.size === 0) await new Promise(setImmediate);
    await target.powerCycle();
    await unanswered;
    await ended;
    await target.close();
    expect(target.reservations(0).registrations.size).toBe(1);
    expect(events).not.toContain('persistentReserveOut');
    const again = await start({ stateDirectory });
    expect(again.reservations(0).registrations.size).toBe(1);
  });

  it('tells events while somebody listens', async () => {
    const target = await start();
    const events: TargetEvent[] = [];
    const stop = target.onEvent((event) => events.push(event));
    const initiator = await initiatorOf(target);
    await register(initiator, 1n, false);
    stop();
    await register(initiator, 2n, false);
    expect(events.filter(({ type }) => type === 'login')).toMatchObject([
      { nexusId: NEXUS, reinstated: false },
    ]);
    expect(events.filter(({ type }) => type === 'persistentReserveOut')).toMatchObject([
      { lun: 0, nexusId: NEXUS, serviceAction: 0, status: 0 },
    ]);
    expect(events.every(({ at }, i) => at >= (events[i - 1]?.at ?? 0))).toBe(true);
  });

  it('serves the same reservations in memory and over a socket', async () => {
    const target = await start();
    const initiator = await initiatorOf(target);
    await register(initiator, 0x77n, false);
    const path = target.connectInMemory(
      {
        initiatorPort: { protocol: 'iscsi', iscsiName: 'iqn.2026-11.org.fencelab:memory', isid: 1n },
        relativeTargetPortId: 1,
      },
      0,
    );
    const readKeys = Uint8Array.of(0x5e, 0, 0, 0, 0, 0, 0, 0, 64, 0);
    const results = [
      await path.execute(readKeys, { dataInLength: 64 }),
      await path.execute(readKeys, { dataInLength: 64 }),
    ];
    const keys = results.at(-1);
    expect(keys?.status).toBe(0);
    expect(
      Buffer.from(keys?.dataIn ?? [])
        .subarray(8, 16)
        .toString('hex'),
    ).toBe('0000000000000077');
    await path.close();
  });

  it('refuses a time-out and a name that cannot be', async () => {
    await expect(start({ timeouts: { pingMs: 0 } })).rejects.toThrow(
      'timeouts.pingMs 0: expected 1 to 86400000',
    );
    await expect(start({ iqn: 'array' })).rejects.toThrow(
      /^target name: "array" is no iSCSI name \(expected iqn\./,
    );
  });

  it('refuses a portal that is in use', async () => {
    const target = await start();
    const port = target.portals[0]?.port ?? 0;
    const directory = await temporaryDirectory();
    const path = join(directory, 'disk.img');
    await writeFile(path, '');
    await truncate(path, MIB);
    const refused = createTarget({
      ...options,
      portals: [{ host: '127.0.0.1', port }],
      logicalUnits: [{ lun: 0, medium: { kind: 'file', path } }],
    });
    await expect(refused).rejects.toThrow(
      `portal 127.0.0.1:${String(port)}: cannot listen there: it is in use already`,
    );
  });

  it('refuses a LUN that is there twice and a file that is missing', async () => {
    await expect(createTarget({ ...options, logicalUnits: [memory(1), memory(1)] })).rejects.toThrow(
      'LUNs 1, 1',
    );
    const path = join(await temporaryDirectory(), 'missing.img');
    const logicalUnits = [{ lun: 0, medium: { kind: 'file', path } as const }];
    await expect(createTarget({ ...options, logicalUnits })).rejects.toThrow('missing.img');
  });

  it('closes once, however often it is asked', async () => {
    const target = await start();
    const initiator = await initiatorOf(target);
    await Promise.all([target.close(), target.close()]);
    expect((await initiator.untilClosed()).map((pdu) => pdu.header[0])).toEqual([0x32]);
    expect(target.sessions()).toEqual([]);
  });
});
