import { describe, expect, it } from 'vitest';
import { itNexusId, reserve6Cdb, testUnitReadyCdb } from '../../../protocol/index.js';
import { ask, bench, firstByteAt, nexusOf, prOut, told, write } from './bench.js';

const ready = testUnitReadyCdb();

describe('Paths in memory', () => {
  it('of one nexus to one LUN have tags of their own: the time-out of one aborts its command alone', async () => {
    const on = bench();
    const first = await on.node('node');
    const second = on.transport.connect(nexusOf('node'), 0);
    const hold = on.server.faults(0).holdWrites({ count: 2 });
    const kept = write(first, 1, 0x11);
    const cdb = Buffer.from([0x2a, 0, 0, 0, 0, 2, 0, 0, 1, 0]);
    const given = second.execute(cdb, { dataOut: Buffer.alloc(512, 0x22), timeoutMs: 1 });
    await hold.held;
    await expect(given).rejects.toThrow('no answer within 1 ms');
    expect(hold.heldCount()).toBe(1);
    await hold.release();
    expect(told(await kept)).toBe('GOOD');
    expect([await firstByteAt(first, 1), await firstByteAt(first, 2)]).toEqual([0x11, 0]);
  });

  it('closing the last path of a nexus is a nexus loss, closing another one is not', async () => {
    const on = bench();
    const first = await on.node('node');
    const second = on.transport.connect(nexusOf('node'), 0);
    await first.close();
    expect(await ask(second, ready)).toBe('GOOD');
    await expect(first.execute(ready)).rejects.toThrow('closed');
    await second.close();
    const back = on.transport.connect(nexusOf('node'), 0);
    expect([await ask(back, ready), await ask(back, ready)]).toEqual(['06/29/07', 'GOOD']);
  });

  it('a drop is a nexus loss: commands end without status, and the path finds the nexus anew', async () => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    expect(await prOut(node, 'register', { newKey: 0xan })).toBe('GOOD');
    const hold = on.server.faults(0).holdWrites({ count: 2 });
    const pending = write(node, 1, 0xee);
    const others = write(other, 2, 0x22);
    await hold.held;
    const failed = expect(pending).rejects.toThrow('the connection was lost');

    on.transport.drop(itNexusId(nexusOf('node')));
    await failed;
    expect(hold.heldCount()).toBe(1);
    await hold.release();
    expect(told(await others)).toBe('GOOD');
    expect(await firstByteAt(other, 1)).toBe(0);
    expect([await ask(node, ready), await ask(node, ready)]).toEqual(['06/29/07', 'GOOD']);
    expect(await ask(other, ready)).toBe('GOOD');
    expect([...on.server.reservations(0).registrations.keys()]).toEqual([itNexusId(nexusOf('node'))]);
  });

  it('a drop ends RESERVE(6), and closing after it is no second loss', async () => {
    const on = bench();
    const holder = await on.node('holder');
    const other = await on.node('other');
    expect(await ask(holder, reserve6Cdb())).toBe('GOOD');
    expect(await ask(other, ready)).toBe('CONFLICT');
    on.transport.drop(itNexusId(nexusOf('holder')));
    expect(await ask(other, ready)).toBe('GOOD');
    await holder.close();
    const back = on.transport.connect(nexusOf('holder'), 0);
    expect([await ask(back, ready), await ask(back, ready)]).toEqual(['06/29/07', 'GOOD']);
  });
});
