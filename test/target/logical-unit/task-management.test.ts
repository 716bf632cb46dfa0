import { describe, expect, it } from 'vitest';
import { release6Cdb, reserve6Cdb, testUnitReadyCdb } from '../../../protocol/index.js';
import type { TaskManagementFunction } from '../../../target/logical-unit/task.js';
import { ask, bench, firstByteAt, nexusOf, prOut, told, write } from './bench.js';

const ready = testUnitReadyCdb();

describe('Task management (SAM-5 clause 7)', () => {
  it('a command that is given up is aborted and never lands', async () => {
    const on = bench();
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites();
    const given = node.execute(Buffer.from([0x2a, 0, 0, 0, 0, 3, 0, 0, 1, 0]), {
      dataOut: Buffer.alloc(512, 7),
      timeoutMs: 1,
    });
    await expect(given).rejects.toThrow('no answer within 1 ms');
    expect(hold.heldCount()).toBe(0);
    await hold.release();
    expect(await firstByteAt(node, 3)).toBe(0);
  });

  it.each([
    [{ function: 'clearTaskSet', lun: 0 }, 'ABORTED', ['GOOD']],
    [{ function: 'logicalUnitReset', lun: 0 }, 'ABORTED', ['06/29/03', 'GOOD']],
    [{ function: 'targetWarmReset' }, 'ABORTED', ['06/29/02', 'GOOD']],
    [{ function: 'targetColdReset' }, 'ABORTED', ['06/29/02', 'GOOD']],
  ] as const)(
    '%o ends the tasks of other nexuses as TAS=1 says, and tells all',
    async (request, ending, attentions) => {
      const on = bench();
      const node = await on.node('node');
      const hold = on.server.faults(0).holdWrites();
      const pending = write(node, 3, 7);
      await hold.held;
      const other = await on.node('other');
      expect(await on.server.manageTasks(on.server.attach(nexusOf('other')), request)).toBe('complete');
      expect(told(await pending)).toBe(ending);
      for (const nexus of [node, other]) {
        const answers: string[] = [];
        while (answers.at(-1) !== 'GOOD') answers.push(await ask(nexus, ready));
        expect(answers).toEqual(attentions);
      }
    },
  );

  it('ABORT TASK SET leaves the tasks of other nexuses alone', async () => {
    const on = bench();
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites();
    const pending = write(node, 3, 7);
    await hold.held;
    const other = on.server.attach(nexusOf('other'));
    expect(await on.server.manageTasks(other, { function: 'abortTaskSet', lun: 0 })).toBe('complete');
    await hold.release();
    expect([told(await pending), await firstByteAt(node, 3)]).toEqual(['GOOD', 7]);
  });

  it.each<[TaskManagementFunction, string]>([
    [{ function: 'abortTask', lun: 0, tag: 99 }, 'taskDoesNotExist'],
    [{ function: 'abortTask', lun: 7, tag: 99 }, 'lunDoesNotExist'],
    [{ function: 'logicalUnitReset', lun: 7 }, 'lunDoesNotExist'],
    [{ function: 'clearAca', lun: 0 }, 'functionNotSupported'],
  ])('%o: %s', async (request, response) => {
    const on = bench();
    expect(await on.server.manageTasks(on.server.attach(nexusOf('node')), request)).toBe(response);
  });
});

describe('RESERVE(6) (C8)', () => {
  it.each<[string, TaskManagementFunction | 'nexus loss']>([
    ['LOGICAL UNIT RESET', { function: 'logicalUnitReset', lun: 0 }],
    ['TARGET WARM RESET', { function: 'targetWarmReset' }],
    ['I_T nexus loss', 'nexus loss'],
  ])('keeps others out until %s', async (_name, ending) => {
    const on = bench();
    const holder = await on.node('holder');
    const other = await on.node('other');
    expect(await ask(holder, reserve6Cdb())).toBe('GOOD');
    expect([
      await ask(other, ready),
      told(await write(other, 0, 1)),
      await ask(other, reserve6Cdb()),
    ]).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT']);
    expect([await ask(other, release6Cdb()), await ask(other, ready)]).toEqual(['GOOD', 'CONFLICT']);
    expect(await prOut(holder, 'register', { newKey: 1n })).toBe('CONFLICT');
    if (ending === 'nexus loss') await holder.close();
    else await on.server.manageTasks(on.server.attach(nexusOf('third')), ending);
    await ask(other, ready);
    expect(await ask(other, ready)).toBe('GOOD');
  });
});

describe('A device server', () => {
  it('names the LUNs there are when asked for another', () => {
    expect(() => bench().server.reservations(4)).toThrow('LUN 4 is not there; there are 0');
  });

  it('closing drops what is held', async () => {
    const on = bench();
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites();
    const pending = write(node, 3, 7);
    await hold.held;
    const dropped = expect(pending).rejects.toThrow('aborted');
    await on.server.close();
    await dropped;
  });
});
