import { describe, expect, it } from 'vitest';
import {
  preventAllowMediumRemovalCdb,
  startStopUnitCdb,
  synchronizeCache10Cdb,
  synchronizeCache16Cdb,
  testUnitReadyCdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ATTENTION } from '../../../target/logical-unit/unit-attentions.js';
import { ask, bench, nexusOf, prOut, unit, type Bench } from '../logical-unit/bench.js';

const prevent = (path: LogicalUnitPath, value = 1): Promise<string> =>
  ask(path, preventAllowMediumRemovalCdb({ prevent: value }));
const EJECT = startStopUnitCdb({ loadEject: 1 });
const LOAD = startStopUnitCdb({ loadEject: 1, start: 1 });
const PREVENTED = '05/53/02';

const removable = (): Bench => bench([unit({ removable: true })]);

describe('PREVENT ALLOW MEDIUM REMOVAL (SBC-4)', () => {
  it('keeps the medium in, and out, until every nexus that prevented allows it', async () => {
    const on = removable();
    const node = await on.node('node');
    const other = await on.node('other');
    expect([await prevent(node), await prevent(other)]).toEqual(['GOOD', 'GOOD']);
    expect([await ask(node, EJECT), await ask(other, EJECT)]).toEqual([PREVENTED, PREVENTED]);
    expect(await ask(node, testUnitReadyCdb())).toBe('GOOD');
    expect(await prevent(other, 0)).toBe('GOOD');
    expect(await ask(other, EJECT)).toBe(PREVENTED);
    expect(await prevent(node, 0)).toBe('GOOD');
    expect(await ask(node, EJECT)).toBe('GOOD');
    expect(await prevent(other)).toBe('GOOD');
    expect(await ask(node, LOAD)).toBe(PREVENTED);
    expect(await prevent(other, 0)).toBe('GOOD');
    expect(await ask(node, LOAD)).toBe('GOOD');
  });

  it('10b and 11b are obsolete', async () => {
    const node = await removable().node('node');
    expect([await prevent(node, 2), await prevent(node, 3)]).toEqual([
      '05/24/00 cdb 4.1',
      '05/24/00 cdb 4.1',
    ]);
    expect(await ask(node, EJECT)).toBe('GOOD');
  });

  it.each(['nexus loss', 'LOGICAL UNIT RESET', 'power cycle', 'PREEMPT AND ABORT'] as const)(
    'ends with %s',
    async (how) => {
      const on = removable();
      const node = await on.node('node');
      const other = await on.node('other');
      expect(await prevent(node)).toBe('GOOD');
      switch (how) {
        case 'nexus loss':
          await node.close();
          break;
        case 'LOGICAL UNIT RESET': {
          const attachment = on.server.attach(nexusOf('other'));
          await on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun: 0 });
          break;
        }
        case 'power cycle':
          await on.server.powerCycle({});
          break;
        case 'PREEMPT AND ABORT':
          expect(await prOut(node, 'register', { newKey: 1n })).toBe('GOOD');
          expect(await prOut(other, 'register', { newKey: 2n })).toBe('GOOD');
          expect(await prOut(other, 'preemptAndAbort', { key: 2n, newKey: 1n })).toBe('GOOD');
          break;
      }
      while ((await ask(other, testUnitReadyCdb())) !== 'GOOD');
      expect(await ask(other, EJECT)).toBe('GOOD');
    },
  );

  it('PREEMPT leaves it', async () => {
    const on = removable();
    const node = await on.node('node');
    const other = await on.node('other');
    expect(await prevent(node)).toBe('GOOD');
    expect(await prOut(node, 'register', { newKey: 1n })).toBe('GOOD');
    expect(await prOut(other, 'register', { newKey: 2n })).toBe('GOOD');
    expect(await prOut(other, 'preempt', { key: 2n, newKey: 1n })).toBe('GOOD');
    expect(await ask(other, EJECT)).toBe(PREVENTED);
  });
});

describe('START STOP UNIT on a removable LU', () => {
  it('a stop writes the cache and leaves the medium ready; power conditions have no effect', async () => {
    const node = await removable().node('node');
    for (const cdb of [
      startStopUnitCdb({}),
      startStopUnitCdb({ powerCondition: 2, loadEject: 1 }),
      startStopUnitCdb({ powerCondition: 0xf, loadEject: 1 }),
    ]) {
      expect([await ask(node, cdb), await ask(node, testUnitReadyCdb())]).toEqual(['GOOD', 'GOOD']);
    }
  });

  it('what was ejected stays out through a stop, a start and a reset', async () => {
    const on = removable();
    const node = await on.node('node');
    expect([await ask(node, EJECT), await ask(node, EJECT)]).toEqual(['GOOD', 'GOOD']);
    expect(await ask(node, startStopUnitCdb({}))).toBe('GOOD');
    expect(await ask(node, startStopUnitCdb({ start: 1 }))).toBe('02/3a/00');
    const attachment = on.server.attach(nexusOf('node'));
    await on.server.manageTasks(attachment, { function: 'logicalUnitReset', lun: 0 });
    expect(await lastAnswer(node)).toBe('02/3a/00');
    // SYNC_NV of SBC-3 is taken: the medium is missed first.
    expect(await ask(node, synchronizeCache10Cdb({ synchronizeNonVolatile: 1, immediate: 1 }))).toBe(
      '02/3a/00',
    );
    expect(await ask(node, synchronizeCache16Cdb({ synchronizeNonVolatile: 1, immediate: 1 }))).toBe(
      '02/3a/00',
    );
    expect(await ask(node, LOAD)).toBe('GOOD');
    expect(await ask(node, synchronizeCache10Cdb({ synchronizeNonVolatile: 1, immediate: 1 }))).toBe('GOOD');
  });
});

/** The answer to TEST UNIT READY behind the attention of a reset, if one is pending. */
async function lastAnswer(path: LogicalUnitPath): Promise<string> {
  const first = await ask(path, testUnitReadyCdb());
  return first === `06/29/0${ATTENTION.logicalUnitReset & 0xff}` ? ask(path, testUnitReadyCdb()) : first;
}
