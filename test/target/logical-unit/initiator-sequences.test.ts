import { describe, expect, it } from 'vitest';
import {
  decodeReadKeys,
  decodeReadReservation,
  persistentReserveInCdb,
  PR_IN_SERVICE_ACTION,
  release6Cdb,
  reserve6Cdb,
  testUnitReadyCdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ask, bench, nexusOf, prOut, told, write, type Bench } from './bench.js';

// Sequences of initiators that do not run here; docs/initiators.md says where each was read.

const ready = testUnitReadyCdb();
const WERO = 'writeExclusiveRegistrantsOnly';

const read = async (path: LogicalUnitPath, action: keyof typeof PR_IN_SERVICE_ACTION): Promise<Uint8Array> =>
  (await path.execute(persistentReserveInCdb(PR_IN_SERVICE_ACTION[action], 8192), { dataInLength: 8192 }))
    .dataIn;
const keysOn = async (path: LogicalUnitPath): Promise<readonly bigint[] | undefined> =>
  decodeReadKeys(await read(path, 'readKeys'))?.keys;
const holderOn = async (path: LogicalUnitPath): Promise<bigint | undefined> =>
  decodeReadReservation(await read(path, 'readReservation'))?.reservation?.key;

describe('arbitration of a Windows failover cluster', () => {
  /** The low half of each key is "Msft"; the high half is the node's. */
  const OWNER = 0x0019_469d_7466_734dn;
  const CHALLENGER = 0x3edc_9b80_7466_734dn;

  /** The owner holds the disk, the challenger has registered and knows whom it must remove. */
  async function challenged(): Promise<{ owner: LogicalUnitPath; challenger: LogicalUnitPath }> {
    const on = bench();
    const owner = await on.node('owner');
    const challenger = await on.node('challenger');
    expect(await prOut(owner, 'registerAndIgnoreExistingKey', { newKey: OWNER })).toBe('GOOD');
    expect(await prOut(owner, 'reserve', { key: OWNER, type: WERO })).toBe('GOOD');
    expect(await prOut(challenger, 'registerAndIgnoreExistingKey', { newKey: CHALLENGER })).toBe('GOOD');
    expect(await holderOn(challenger)).toBe(OWNER);
    return { owner, challenger };
  }
  const preempt = (path: LogicalUnitPath, key: bigint, newKey: bigint): Promise<string> =>
    prOut(path, 'preempt', { key, newKey, type: WERO });

  it('an owner that lives removes the challenger every three seconds: the challenge fails', async () => {
    const { owner, challenger } = await challenged();
    expect(await keysOn(owner)).toEqual([OWNER, CHALLENGER]);
    expect(await preempt(owner, OWNER, CHALLENGER)).toBe('GOOD');
    expect(await ask(challenger, ready)).toBe('06/2a/05');
    expect(await preempt(challenger, CHALLENGER, OWNER)).toBe('CONFLICT');
    expect([await keysOn(owner), await holderOn(owner)]).toEqual([[OWNER], OWNER]);
    expect(told(await write(challenger, 0, 1))).toBe('CONFLICT');
    expect(told(await write(owner, 0, 1))).toBe('GOOD');
  });

  it('a dead one does not: the challenger takes the disk, and who wakes up cannot write', async () => {
    const { owner, challenger } = await challenged();
    expect(await preempt(challenger, CHALLENGER, OWNER)).toBe('GOOD');
    expect(told(await write(challenger, 0, 1))).toBe('GOOD');
    expect(told(await write(owner, 0, 2))).toBe('06/2a/05');
    expect(told(await write(owner, 0, 2))).toBe('CONFLICT');
    expect([await keysOn(owner), await holderOn(owner)]).toEqual([[CHALLENGER], CHALLENGER]);
  });

  it('Clear-ClusterDiskReservation registers whatever key was there, and clears', async () => {
    const { owner, challenger } = await challenged();
    expect(await prOut(challenger, 'registerAndIgnoreExistingKey', { newKey: 1n })).toBe('GOOD');
    expect(await prOut(challenger, 'clear', { key: 1n })).toBe('GOOD');
    expect(await ask(owner, ready)).toBe('06/2a/03');
    expect([await keysOn(owner), await holderOn(owner)]).toEqual([[], undefined]);
  });
});

describe('mpathpersist on two paths', () => {
  const KEY = 0xabcn;

  async function paths(): Promise<{ on: Bench; first: LogicalUnitPath; second: LogicalUnitPath }> {
    const on = bench();
    const [first, second] = [1, 2].map((port) => on.transport.connect(nexusOf('node', port), 0));
    if (first === undefined || second === undefined) throw new Error('two paths were made');
    for (const path of [first, second]) {
      await path.execute(ready);
      expect(await prOut(path, 'register', { newKey: KEY })).toBe('GOOD');
    }
    expect(await prOut(first, 'reserve', { key: KEY, type: WERO })).toBe('GOOD');
    return { on, first, second };
  }

  it('registers each, reserves through one, and writes through both', async () => {
    const { first, second } = await paths();
    expect([told(await write(first, 0, 1)), told(await write(second, 0, 2))]).toEqual(['GOOD', 'GOOD']);
    expect(await keysOn(first)).toEqual([KEY, KEY]);
  });

  it('releases through every path: that which does not hold is answered GOOD, and changes nothing', async () => {
    const { first, second } = await paths();
    expect(await prOut(second, 'release', { key: KEY, type: WERO })).toBe('GOOD');
    expect(await holderOn(second)).toBe(KEY);
    expect(await prOut(first, 'release', { key: KEY, type: WERO })).toBe('GOOD');
    expect([await holderOn(first), await ask(second, ready)]).toEqual([undefined, '06/2a/04']);
  });

  it('a path that comes back registers without knowing its key; after a preempt by another it is not let in', async () => {
    const { on, first, second } = await paths();
    expect(await prOut(second, 'registerAndIgnoreExistingKey', { newKey: KEY })).toBe('GOOD');
    const other = await on.node('other');
    expect(await prOut(other, 'register', { newKey: 0xdefn })).toBe('GOOD');
    expect(await prOut(other, 'preemptAndAbort', { key: 0xdefn, newKey: KEY, type: WERO })).toBe('GOOD');
    for (const path of [first, second]) {
      expect([await ask(path, ready), told(await write(path, 0, 3))]).toEqual(['06/2a/05', 'CONFLICT']);
    }
    expect(await keysOn(other)).toEqual([0xdefn]);
  });
});

describe('VMFS without ATS', () => {
  it('reserves the LUN for a change of metadata, and another host waits', async () => {
    const on = bench();
    const [host, other] = [await on.node('esx1'), await on.node('esx2')];
    expect(await ask(host, reserve6Cdb())).toBe('GOOD');
    expect(told(await write(host, 0, 1))).toBe('GOOD');
    expect([told(await write(other, 8, 2)), await ask(other, reserve6Cdb())]).toEqual([
      'CONFLICT',
      'CONFLICT',
    ]);
    expect(await ask(host, release6Cdb())).toBe('GOOD');
    expect([await ask(other, reserve6Cdb()), told(await write(other, 8, 2))]).toEqual(['GOOD', 'GOOD']);
  });

  it('breaks the reservation of a host that is gone by LOGICAL UNIT RESET; both are told', async () => {
    const on = bench();
    const [gone, host] = [await on.node('esx1'), await on.node('esx2')];
    expect(await ask(gone, reserve6Cdb())).toBe('GOOD');
    const reset = { function: 'logicalUnitReset', lun: 0 } as const;
    expect(await on.server.manageTasks(on.server.attach(nexusOf('esx2')), reset)).toBe('complete');
    expect([await ask(gone, ready), await ask(host, ready)]).toEqual(['06/29/03', '06/29/03']);
    expect(await ask(host, reserve6Cdb())).toBe('GOOD');
  });
});
