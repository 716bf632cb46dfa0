import { describe, expect, it, onTestFinished } from 'vitest';
import { probe } from '../../../harness/probe/probe.js';
import type { ProbeDevice } from '../../../harness/probe/probed-device.js';
import { answerLines } from '../../../harness/probe/report.js';
import { DeviceOpenError, LogicalUnit } from '../../../initiator/index.js';
import {
  basicParameterList,
  encodeSense,
  invalidFieldInCdb,
  persistentReserveOutCdb,
  PR_OUT_SERVICE_ACTION,
  SCSI_STATUS,
} from '../../../protocol/index.js';
import type { ExecuteOptions, ItNexus, LogicalUnitPath, ScsiResult } from '../../../protocol/index.js';
import { createTarget } from '../../../target/index.js';
import type { Target } from '../../../target/index.js';

const KEYS = { a: 0xa0n, b: 0xb0n };
const iqn = (name: string): string => `iqn.2026-11.org.fencelab:${name}`;
const nexus = (name: string, relativeTargetPortId = 1, isid = 0x80aabbcc0000n): ItNexus => ({
  initiatorPort: { protocol: 'iscsi', iscsiName: iqn(name), isid },
  relativeTargetPortId,
});
const fibreChannel = (nPortName: bigint, relativeTargetPortId = 1): ItNexus => ({
  initiatorPort: { protocol: 'fibreChannel', nPortName },
  relativeTargetPortId,
});

async function startTarget(more: { readonly nopr?: boolean } = {}): Promise<Target> {
  const target = await createTarget({
    iqn: iqn('array'),
    portals: [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0 },
    ],
    logicalUnits: [0, 1].map((lun) => ({ lun, medium: { kind: 'memory', sizeBytes: 1 << 20 }, ...more })),
  });
  onTestFinished(() => target.close());
  return target;
}

/** What comes between the probe and the array: it may answer itself, or do something before or after. */
type Between = (
  cdb: Uint8Array,
  forward: () => Promise<ScsiResult>,
  options: ExecuteOptions | undefined,
) => Promise<ScsiResult>;

function device(target: Target, name: string, as: ItNexus, between?: Between, lun = 0): ProbeDevice {
  return {
    name,
    open: () => {
      const path = target.connectInMemory(as, lun);
      if (between === undefined) return Promise.resolve(path);
      const execute: LogicalUnitPath['execute'] = (cdb, options) =>
        between(cdb, () => path.execute(cdb, options), options);
      return Promise.resolve({ name, execute, close: () => path.close() });
    },
  };
}

const run = (a: ProbeDevice, b: ProbeDevice, stop = new AbortController()) =>
  probe({ a, b, keys: KEYS, stop: stop.signal });

const registered = (target: Target): string[] => [...target.reservations(0).registrations.keys()];

/** PERSISTENT RESERVE OUT of somebody else. */
async function reserveOut(
  target: Target,
  as: ItNexus,
  serviceAction: number,
  reservationKey: bigint,
  serviceActionReservationKey: bigint,
): Promise<void> {
  const path = target.connectInMemory(as, 0);
  const list = basicParameterList({ reservationKey, serviceActionReservationKey });
  const cdb = persistentReserveOutCdb({ serviceAction, parameterListLength: list.length });
  // The attention of power on is met first.
  await new LogicalUnit(path).testUnitReady();
  expect((await path.execute(cdb, { dataOut: list })).status).toBe(SCSI_STATUS.good);
}

const register = (target: Target, as: ItNexus, key: bigint): Promise<void> =>
  reserveOut(target, as, PR_OUT_SERVICE_ACTION.registerAndIgnoreExistingKey, 0n, key);

const answered = (status: number, sense: Uint8Array = new Uint8Array(0)): Promise<ScsiResult> =>
  Promise.resolve({ status, sense, dataIn: new Uint8Array(0), residual: 0 });
const isReadFullStatus = (cdb: Uint8Array): boolean => cdb[0] === 0x5e && cdb[1] === 0x03;
const withoutReadFullStatus: Between = (cdb, forward) =>
  isReadFullStatus(cdb)
    ? answered(SCSI_STATUS.checkCondition, encodeSense(invalidFieldInCdb({ byte: 1, bit: 4 })))
    : forward();

describe('can the array tell two nodes apart', () => {
  it.each([
    ['two physical nodes', nexus('node1'), nexus('node2'), 'apart'],
    ['two guests of one host', nexus('esx1'), nexus('esx1'), 'oneNexus'],
    ['two guests on two hosts', nexus('esx1'), nexus('esx2'), 'apart'],
    ['a guest and a physical node', nexus('esx1'), nexus('node1'), 'apart'],
    ['two guests of one host by two paths', nexus('esx1', 1), nexus('esx1', 2), 'oneInitiator'],
    [
      'two guests of one host by two paths and two sessions',
      nexus('esx1', 1, 0x80aabbcc0001n),
      nexus('esx1', 2, 0x80aabbcc0002n),
      'oneInitiator',
    ],
    ['two nodes by two paths', nexus('node1', 1), nexus('node2', 2), 'apart'],
    ['two sessions of one name', nexus('node1', 1, 1n), nexus('node1', 1, 2n), 'apart'],
    ['two Fibre Channel ports', fibreChannel(1n), fibreChannel(2n), 'apart'],
    ['one Fibre Channel port by two paths', fibreChannel(1n, 1), fibreChannel(1n, 2), 'oneInitiator'],
  ] as const)('%s', async (_, one, other, kind) => {
    const target = await startTarget();
    const answer = await run(device(target, 'A', one), device(target, 'B', other));
    expect(answer.verdict.kind).toBe(kind);
    expect(answer.logicalUnit).toMatch(/^naa\.3[0-9a-f]{15}$/);
    expect(registered(target)).toEqual([]);
    expect(target.reservations(0).reservation).toBeNull();
  });

  it.each([
    ['two nodes', nexus('node1'), nexus('node2'), 'apartByKeys'],
    ['two guests of one host', nexus('esx1'), nexus('esx1'), 'oneNexusByKeys'],
  ] as const)('%s, without READ FULL STATUS', async (_, one, other, kind) => {
    const target = await startTarget();
    const answer = await run(
      device(target, 'A', one, withoutReadFullStatus),
      device(target, 'B', other, withoutReadFullStatus),
    );
    expect(answer.verdict).toEqual({ kind });
    expect(registered(target)).toEqual([]);
  });

  it('two names of one session, which can be open only once', async () => {
    const target = await startTarget();
    let opened = 0;
    const once = (name: string): ProbeDevice => ({
      name,
      session: 'esx1',
      open: () => {
        if (opened++ > 0) return Promise.reject(new DeviceOpenError('EBUSY', 'the session is in use'));
        const path = target.connectInMemory(nexus('esx1'), 0);
        const close = (): Promise<void> => {
          opened--;
          return path.close();
        };
        return Promise.resolve({ name, execute: (cdb, options) => path.execute(cdb, options), close });
      },
    });
    expect((await run(once('a'), once('b'))).verdict.kind).toBe('oneNexus');
    expect([opened, registered(target)]).toEqual([0, []]);
  });

  it('says who they are', async () => {
    const target = await startTarget();
    const lines = async (one: ItNexus, other: ItNexus) =>
      answerLines(await run(device(target, 'A', one), device(target, 'B', other)));
    expect(await lines(nexus('node1'), nexus('node2', 2))).toEqual([
      `the array can tell them apart: A is ${iqn('node1')},i,0x80aabbcc0000 at target port 1, ` +
        `B is ${iqn('node2')},i,0x80aabbcc0000 at target port 2`,
    ]);
    expect(await lines(nexus('esx1'), nexus('esx1'))).toEqual([
      `it cannot: both are ${iqn('esx1')},i,0x80aabbcc0000 at target port 1`,
    ]);
    expect(await lines(nexus('esx1', 1, 1n), nexus('esx1', 2, 2n))).toEqual([
      `it cannot: both are ${iqn('esx1')}, by two paths: A is ${iqn('esx1')},i,0x000000000001 at target port 1, ` +
        `B is ${iqn('esx1')},i,0x000000000002 at target port 2`,
    ]);
    expect(await lines(nexus('node1', 1, 1n), nexus('node1', 1, 2n))).toEqual([
      `the array can tell them apart: A is ${iqn('node1')},i,0x000000000001 at target port 1, ` +
        `B is ${iqn('node1')},i,0x000000000002 at target port 1`,
      'both have one iSCSI name, which should be of one node only; only their ISIDs differ',
    ]);
  });
});

describe('a probe asks nothing', () => {
  it('of a LU that somebody uses', async () => {
    const target = await startTarget();
    await register(target, nexus('node3'), 0xabcn);
    await expect(
      run(device(target, 'a', nexus('node1')), device(target, 'b', nexus('node2'))),
    ).rejects.toThrow('A, a: somebody is registered (0xabc): expected a LU that nobody uses');
    expect(registered(target)).toHaveLength(1);
  });

  it('where the two lead to different units', async () => {
    const target = await startTarget();
    const one = device(target, 'a', nexus('node1'));
    const other = device(target, 'b', nexus('node2'), undefined, 1);
    await expect(run(one, other)).rejects.toThrow(
      /^they lead to different units: A, a, to naa\.3[0-9a-f]{15}; B, b, to naa\.3[0-9a-f]{15}$/,
    );
  });

  it('of a unit without a name', async () => {
    const target = await startTarget();
    const nameless: Between = async (cdb, forward) => {
      if (cdb[0] !== 0x12) return forward();
      return { ...(await forward()), dataIn: Uint8Array.of(0, 0x83, 0, 0) };
    };
    const one = device(target, 'a', nexus('node1'), nameless);
    await expect(run(one, device(target, 'b', nexus('node2')))).rejects.toThrow(
      'A, a: page 83h names no logical unit, so nothing can be compared',
    );
  });

  it('of a LU that refuses reservations', async () => {
    const target = await startTarget({ nopr: true });
    await expect(
      run(device(target, 'a', nexus('node1')), device(target, 'b', nexus('node2'))),
    ).rejects.toThrow('A, a: READ KEYS: CHECK CONDITION 05/20/00, Invalid command operation code');
  });

  it('where a device cannot be opened', async () => {
    const target = await startTarget();
    const missing: ProbeDevice = {
      name: '/dev/x',
      open: () => Promise.reject(new DeviceOpenError('ENOENT', 'no such device')),
    };
    await expect(run(device(target, 'a', nexus('node1')), missing)).rejects.toThrow(
      'B, /dev/x: no such device',
    );
  });
});

describe('a probe leaves the LU as it found it', () => {
  const isRegister = (cdb: Uint8Array): boolean => cdb[0] === 0x5f && cdb[1] === 0x00;
  const isRegisterAndIgnore = (cdb: Uint8Array): boolean => cdb[0] === 0x5f && cdb[1] === 0x06;

  it.each([
    ['A registers', isRegister, 'a'],
    ['B registers', isRegisterAndIgnore, 'b'],
    ['the registrations are read', isReadFullStatus, 'b'],
  ] as const)('when it is stopped while %s', async (_, when, who) => {
    const target = await startTarget();
    const stop = new AbortController();
    const stopping: Between = async (cdb, forward) => {
      const result = await forward();
      if (when(cdb)) stop.abort('SIGINT');
      return result;
    };
    const one = device(target, 'a', nexus('node1'), who === 'a' ? stopping : undefined);
    const other = device(target, 'b', nexus('node2'), who === 'b' ? stopping : undefined);
    const running = run(one, other, stop);
    // After the last question there is nothing left to be stopped.
    if (when === isReadFullStatus) expect((await running).verdict.kind).toBe('apart');
    else await expect(running).rejects.toThrow('interrupted by SIGINT');
    expect(registered(target)).toEqual([]);
  });

  it.each([
    ['A', isRegister, 'a'],
    ['B', isRegisterAndIgnore, 'b'],
  ] as const)('when the answer to the REGISTER of %s is lost', async (label, when, who) => {
    const target = await startTarget();
    let lost = false;
    const losing: Between = async (cdb, forward) => {
      const result = await forward();
      if (lost || !when(cdb) || result.status !== SCSI_STATUS.good) return result;
      lost = true;
      throw new DeviceOpenError('EIO', 'the connection is gone');
    };
    const one = device(target, 'a', nexus('node1'), who === 'a' ? losing : undefined);
    const other = device(target, 'b', nexus('node2'), who === 'b' ? losing : undefined);
    await expect(run(one, other)).rejects.toThrow(`${label}, ${who}: the connection is gone`);
    expect(lost).toBe(true);
    expect(registered(target)).toEqual([]);
  });

  it('and does not touch the key of somebody who registers meanwhile', async () => {
    const target = await startTarget();
    const meanwhile: Between = async (cdb, forward) => {
      if (isReadFullStatus(cdb)) await register(target, nexus('node3'), 0xabcn);
      return forward();
    };
    const other = device(target, 'b', nexus('node2'), meanwhile);
    await expect(run(device(target, 'a', nexus('node1')), other)).rejects.toThrow(
      'somebody else registered meanwhile: 0xabc',
    );
    expect(registered(target)).toEqual([expect.stringContaining(iqn('node3')) as string]);
  });

  it('nor of one who registers as A just before', async () => {
    const target = await startTarget();
    const asA: Between = async (cdb, forward) => {
      if (isRegister(cdb) && registered(target).length === 0) await register(target, nexus('node1'), 0xabcn);
      return forward();
    };
    const one = device(target, 'a', nexus('node1'), asA);
    await expect(run(one, device(target, 'b', nexus('node2')))).rejects.toThrow(
      'A, a: REGISTER of 0xa0: RESERVATION CONFLICT',
    );
    expect([...target.reservations(0).registrations.values()]).toMatchObject([{ key: 0xabcn }]);
  });

  it('nor of one who registers as B just before', async () => {
    const target = await startTarget();
    const asB: Between = async (cdb, forward) => {
      if (cdb[0] === 0x5e && registered(target).length === 1) await register(target, nexus('node2'), 0xabcn);
      return forward();
    };
    const other = device(target, 'b', nexus('node2'), asB);
    await expect(run(device(target, 'a', nexus('node1')), other)).rejects.toThrow(
      'somebody else registered meanwhile: 0xabc',
    );
    expect([...target.reservations(0).registrations.values()]).toMatchObject([{ key: 0xabcn }]);
  });

  it('or says what is left on it', async () => {
    const target = await startTarget();
    let gone = false;
    const going: Between = async (cdb, forward) => {
      if (isReadFullStatus(cdb)) gone = true;
      return forward();
    };
    const one = device(target, 'a', nexus('node1'), (_, forward) =>
      gone ? Promise.reject(new DeviceOpenError('EIO', 'the machine is gone')) : forward(),
    );
    await expect(run(one, device(target, 'b', nexus('node2'), going))).rejects.toThrow(
      'the key 0xa0 may be left on the LU: A, a: the machine is gone',
    );
    expect(registered(target)).toEqual([expect.stringContaining(iqn('node1')) as string]);
  });

  it('or says so where the array does not take a key back', async () => {
    const target = await startTarget();
    const refusing: Between = (cdb, forward) =>
      isRegister(cdb) ? answered(SCSI_STATUS.reservationConflict) : forward();
    const other = device(target, 'b', nexus('node2'), refusing);
    await expect(run(device(target, 'a', nexus('node1')), other)).rejects.toThrow(
      /^the key 0xb0 may be left on the LU$/,
    );
    expect(registered(target)).toEqual([expect.stringContaining(iqn('node2')) as string]);
  });

  it('in spite of attentions that somebody left for its nexus', async () => {
    const target = await startTarget();
    await register(target, nexus('node1'), 1n);
    await register(target, nexus('node3'), 3n);
    await reserveOut(target, nexus('node3'), PR_OUT_SERVICE_ACTION.clear, 3n, 0n);
    const answer = await run(device(target, 'a', nexus('node1')), device(target, 'b', nexus('node2')));
    expect(answer.verdict.kind).toBe('apart');
    expect(registered(target)).toEqual([]);
  });
});
