import { describe, expect, it } from 'vitest';
import {
  decodeStandardInquiry,
  decodeTargetPortGroups,
  encodeSetTargetPortGroups,
  inquiryCdb,
  modeSense6Cdb,
  persistentReserveInCdb,
  PR_IN_SERVICE_ACTION,
  read10Cdb,
  reportLunsCdb,
  reportTargetPortGroupsCdb,
  requestSenseCdb,
  setTargetPortGroupsCdb,
  testUnitReadyCdb,
  type AsymmetricAccessState,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ask, bench, nexusOf, prOut, told, unit, type Bench } from './bench.js';

const GROUPS = [
  { targetPortGroup: 1, relativeTargetPortIds: [1] },
  { targetPortGroup: 7, relativeTargetPortIds: [2] },
];
const twoGroups = (): Bench => bench([unit()], GROUPS);

/** A path through that port without attentions pending. */
async function through(on: Bench, port: number, name = 'node'): Promise<LogicalUnitPath> {
  const path = on.transport.connect(nexusOf(name, port), 0);
  await path.execute(testUnitReadyCdb());
  return path;
}

async function statesSeenBy(path: LogicalUnitPath): Promise<unknown> {
  const { dataIn } = await path.execute(reportTargetPortGroupsCdb({ allocationLength: 255 }), {
    dataInLength: 255,
  });
  return decodeTargetPortGroups(dataIn).map(({ targetPortGroup, state, changedBy }) => [
    targetPortGroup,
    state,
    changedBy,
  ]);
}

async function setGroups(path: LogicalUnitPath, list: Uint8Array): Promise<string> {
  const cdb = setTargetPortGroupsCdb({ parameterListLength: list.length });
  return told(await path.execute(cdb, { dataOut: list }));
}

const standbyOf = (targetPortGroup: number): Uint8Array =>
  encodeSetTargetPortGroups([{ targetPortGroup, state: 'standby' }]);

describe('asymmetric logical unit access (SPC-4 5.15)', () => {
  it('says in INQUIRY that states change by command and by themselves, and has every state', async () => {
    const node = await through(twoGroups(), 1);
    const { dataIn } = await node.execute(inquiryCdb({ allocationLength: 96 }), { dataInLength: 96 });
    expect(decodeStandardInquiry(dataIn).targetPortGroupSupport).toBe(3);
    const groups = await node.execute(reportTargetPortGroupsCdb({ allocationLength: 64 }), {
      dataInLength: 64,
    });
    // Header, then for each group: state, support bits, identifier, status code, one port.
    expect(Buffer.from(groups.dataIn).toString('hex')).toBe(
      '00000018' + '00cf000100000001' + '00000001' + '00cf000700000001' + '00000002',
    );
  });

  it.each<[AsymmetricAccessState, string]>([
    ['transitioning', '02/04/0a'],
    ['standby', '02/04/0b'],
    ['unavailable', '02/04/0c'],
    ['offline', '02/04/12'],
  ])(
    '%s: the port of that group answers %s, the other one goes on; every nexus is told 2A/06',
    async (state, refusal) => {
      const on = twoGroups();
      const here = await through(on, 2);
      const there = await through(on, 1);
      on.server.setAccessState(0, 7, state);
      const ready = testUnitReadyCdb();
      expect([await ask(here, ready), await ask(here, ready)]).toEqual(['06/2a/06', refusal]);
      expect([await ask(there, ready), await ask(there, ready)]).toEqual(['06/2a/06', 'GOOD']);
      expect(await ask(here, read10Cdb({ transferLength: 1 }), 512)).toBe(refusal);
      expect(await statesSeenBy(there)).toEqual([
        [1, 'activeOptimized', 'nothing'],
        [7, state, 'implicitly'],
      ]);
      expect(await statesSeenBy(here)).toEqual(await statesSeenBy(there));
      for (const cdb of [inquiryCdb({ allocationLength: 36 }), requestSenseCdb({ allocationLength: 18 })]) {
        expect(await ask(here, cdb, 36)).toBe('GOOD');
      }
      expect(await ask(here, reportLunsCdb({ allocationLength: 16 }), 16)).toBe('GOOD');
      on.server.setAccessState(0, 7, 'activeNonOptimized');
      expect([await ask(here, ready), await ask(here, ready)]).toEqual(['06/2a/06', 'GOOD']);
    },
  );

  it('standby serves PERSISTENT RESERVE and mode pages, unavailable does not: a node can fence through a standby path', async () => {
    const on = twoGroups();
    const here = await through(on, 2);
    on.server.setAccessState(0, 7, 'standby');
    await ask(here, testUnitReadyCdb());
    const readKeys = persistentReserveInCdb(PR_IN_SERVICE_ACTION.readKeys, 64);
    const modeSense = modeSense6Cdb({ pageCode: 0x0a, allocationLength: 64 });
    expect(await prOut(here, 'register', { newKey: 0xabcn })).toBe('GOOD');
    expect([await ask(here, readKeys, 64), await ask(here, modeSense, 64)]).toEqual(['GOOD', 'GOOD']);
    on.server.setAccessState(0, 7, 'unavailable');
    await ask(here, testUnitReadyCdb());
    expect(await prOut(here, 'register', { key: 0xabcn, newKey: 1n })).toBe('02/04/0c');
    expect([await ask(here, readKeys, 64), await ask(here, modeSense, 64)]).toEqual(['02/04/0c', '02/04/0c']);
  });

  it('the state that is there already is no change', async () => {
    const on = twoGroups();
    const here = await through(on, 2);
    on.server.setAccessState(0, 7, 'activeOptimized');
    expect(await ask(here, testUnitReadyCdb())).toBe('GOOD');
    expect(on.happenings.filter(({ type }) => type === 'accessStateChanged')).toEqual([]);
  });

  it('names the groups that there are where one is not', () => {
    expect(() => {
      twoGroups().server.setAccessState(0, 2, 'standby');
    }).toThrow(new RangeError('target port group 2 is not there; there are 1, 7'));
  });
});

describe('SET TARGET PORT GROUPS (SPC-4 6.45)', () => {
  it('changes the groups of its list; the others are told, the sender is not', async () => {
    const on = twoGroups();
    const sender = await through(on, 1, 'sender');
    const other = await through(on, 1, 'other');
    expect(await setGroups(sender, standbyOf(7))).toBe('GOOD');
    expect([await ask(sender, testUnitReadyCdb()), await ask(other, testUnitReadyCdb())]).toEqual([
      'GOOD',
      '06/2a/06',
    ]);
    expect(await statesSeenBy(sender)).toEqual([
      [1, 'activeOptimized', 'nothing'],
      [7, 'standby', 'setTargetPortGroups'],
    ]);
    expect(on.happenings.filter(({ type }) => type === 'accessStateChanged')).toEqual([
      { type: 'accessStateChanged', lun: 0, targetPortGroup: 7, state: 'standby', by: 'setTargetPortGroups' },
    ]);
  });

  it('brings a path out of standby through that path itself, not out of a transition', async () => {
    const on = twoGroups();
    const node = await through(on, 2);
    const active = encodeSetTargetPortGroups([{ targetPortGroup: 7, state: 'activeOptimized' }]);
    on.server.setAccessState(0, 7, 'standby');
    await ask(node, testUnitReadyCdb());
    expect([await setGroups(node, active), await ask(node, testUnitReadyCdb())]).toEqual(['GOOD', 'GOOD']);
    on.server.setAccessState(0, 7, 'transitioning');
    await ask(node, testUnitReadyCdb());
    expect(await setGroups(node, active)).toBe('02/04/0a');
  });

  it('an empty list changes nothing and is no error', async () => {
    const node = await through(twoGroups(), 1);
    expect([await setGroups(node, Buffer.alloc(0)), await setGroups(node, Buffer.alloc(4))]).toEqual([
      'GOOD',
      'GOOD',
    ]);
  });

  it.each<[string, readonly number[], string]>([
    ['a group that is not there', [2, 0, 0, 2], '05/26/00 parameterList 10'],
    ['a reserved state', [9, 0, 0, 7], '05/26/00 parameterList 8.3'],
    ['offline', [0xe, 0, 0, 7], '05/26/00 parameterList 8.3'],
    ['transitioning', [0xf, 0, 0, 7], '05/26/00 parameterList 8.3'],
    ['half a descriptor', [2, 0], '05/1a/00'],
  ])('%s is refused, and nothing of the list takes effect', async (_, second, refusal) => {
    const node = await through(twoGroups(), 1);
    expect(await setGroups(node, Buffer.concat([standbyOf(1), Uint8Array.from(second)]))).toBe(refusal);
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
  });

  it('a list of half a header is refused', async () => {
    expect(await setGroups(await through(twoGroups(), 1), Buffer.alloc(2))).toBe('05/1a/00');
  });

  it('conflicts with a reservation that another nexus holds, so that a fenced node cannot take paths away', async () => {
    const on = twoGroups();
    const holder = await through(on, 1, 'holder');
    const fenced = await through(on, 1, 'fenced');
    expect(await prOut(holder, 'register', { newKey: 1n })).toBe('GOOD');
    expect(await prOut(holder, 'reserve', { key: 1n, type: 'writeExclusiveRegistrantsOnly' })).toBe('GOOD');
    expect([await setGroups(fenced, standbyOf(1)), await setGroups(holder, standbyOf(7))]).toEqual([
      'CONFLICT',
      'GOOD',
    ]);
  });
});
