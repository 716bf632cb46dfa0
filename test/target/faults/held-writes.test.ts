import { describe, expect, it } from 'vitest';
import { itNexusId } from '../../../protocol/index.js';
import { bench, firstByteAt, nexusOf, told, write } from '../logical-unit/bench.js';

describe('holdWrites', () => {
  it('takes the next `count` writes of one nexus, settles `held`, and lets them land on release', async () => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites({ nexusIds: [itNexusId(nexusOf('node'))], count: 2 });
    const first = write(node, 1, 1);
    expect(told(await write(other, 2, 2))).toBe('GOOD');
    const second = write(node, 3, 3);
    await hold.held;
    expect(hold.heldCount()).toBe(2);
    expect(told(await write(node, 4, 4))).toBe('GOOD');
    expect([await firstByteAt(other, 1), await firstByteAt(other, 3)]).toEqual([0, 0]);
    await hold.release();
    expect([await firstByteAt(other, 1), await firstByteAt(other, 3)]).toEqual([1, 3]);
    expect([told(await first), told(await second), hold.heldCount()]).toEqual(['GOOD', 'GOOD', 0]);
  });

  it('holds nothing more after release, even if fewer writes came', async () => {
    const on = bench();
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites({ count: 5 });
    await hold.release();
    expect(told(await write(node, 1, 1))).toBe('GOOD');
  });

  it('settles `held` with the last write that is wanted, not before', async () => {
    const on = bench();
    const node = await on.node('node');
    const hold = on.server.faults(0).holdWrites({ count: 2 });
    let held = false;
    void hold.held.then(() => (held = true));
    const first = write(node, 1, 1);
    await new Promise(setImmediate);
    expect([held, hold.heldCount()]).toEqual([false, 1]);
    const second = write(node, 2, 2);
    await hold.held;
    await hold.release();
    expect([told(await first), told(await second)]).toEqual(['GOOD', 'GOOD']);
  });

  it('forgets a write that is aborted: it never lands', async () => {
    const on = bench();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites({ nexusIds: [itNexusId(nexusOf('node'))] });
    const lost = expect(write(node, 1, 1)).rejects.toThrow('closed');
    await hold.held;
    await node.close();
    await lost;
    expect(hold.heldCount()).toBe(0);
    await hold.release();
    expect(await firstByteAt(other, 1)).toBe(0);
  });
});
