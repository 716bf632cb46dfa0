import { describe, expect, it } from 'vitest';
import {
  modeSelect6Cdb,
  startStopUnitCdb,
  testUnitReadyCdb,
  verify10Cdb,
  write10Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { ask, bench, firstByteAt, told, unit, write, type Bench } from './bench.js';

const EJECT = startStopUnitCdb({ loadEject: 1 });
const LOAD = startStopUnitCdb({ loadEject: 1, start: 1 });
const STOP = startStopUnitCdb({});
const START = startStopUnitCdb({ start: 1 });

/** SWP of the control mode page. */
async function protect(path: LogicalUnitPath, swp: boolean): Promise<string> {
  const list = Buffer.from(`00000000${swp ? '0a0a00000840000000000000' : '0a0a00000040000000000000'}`, 'hex');
  const select = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
  return told(await path.execute(select, { dataOut: list }));
}

const CHANGES = [
  {
    what: 'EJECT',
    on: (): Bench => bench([unit({ removable: true })]),
    change: (path: LogicalUnitPath) => ask(path, EJECT),
    back: (path: LogicalUnitPath) => ask(path, LOAD),
    refusal: '02/3a/00',
  },
  {
    what: 'STOP',
    on: (): Bench => bench(),
    change: (path: LogicalUnitPath) => ask(path, STOP),
    back: (path: LogicalUnitPath) => ask(path, START),
    refusal: '02/04/02',
  },
  {
    what: 'SWP',
    on: (): Bench => bench(),
    change: (path: LogicalUnitPath) => protect(path, true),
    back: (path: LogicalUnitPath) => protect(path, false),
    refusal: '07/27/00',
  },
];

/** A command whose Data-Out comes when `send` is called. */
function slowly(path: LogicalUnitPath, cdb: Uint8Array): { send: () => void; result: Promise<string> } {
  let send = (): void => undefined;
  const asked = new Promise<void>((resolve) => (send = resolve));
  const result = path.execute(cdb, {
    dataOut: Buffer.alloc(512, 7),
    whenDataOutIsAskedFor: () => asked,
  });
  return { send, result: result.then(told) };
}

describe.each(CHANGES)('$what while a write is on its way', ({ on: benchOf, change, back, refusal }) => {
  it('refuses it before its Data-Out has come, and what comes later is discarded', async () => {
    const on = benchOf();
    const node = await on.node('node');
    const other = await on.node('other');
    const written = slowly(node, write10Cdb({ logicalBlockAddress: 3, transferLength: 1 }));
    expect(await change(other)).toBe('GOOD');
    expect(await written.result).toBe(refusal);
    expect(await back(other)).toBe('GOOD');
    written.send();
    await ask(node, testUnitReadyCdb());
    expect(await firstByteAt(other, 3)).toBe(0);
  });

  it('refuses it where it is held, and it never lands', async () => {
    const on = benchOf();
    const node = await on.node('node');
    const other = await on.node('other');
    const hold = on.server.faults(0).holdWrites();
    const written = write(node, 3, 7);
    await hold.held;
    expect(await change(other)).toBe('GOOD');
    expect([told(await written), hold.heldCount()]).toEqual([refusal, 0]);
    expect(await back(other)).toBe('GOOD');
    await hold.release();
    expect(await firstByteAt(other, 3)).toBe(0);
  });
});

describe('what is not refused', () => {
  it('a MODE SELECT by EJECT, and a VERIFY by SWP, that wait for their Data-Out', async () => {
    const on = bench([unit({ removable: true })]);
    const node = await on.node('node');
    const other = await on.node('other');
    const verified = slowly(node, verify10Cdb({ byteCheck: 1, verificationLength: 1 }));
    expect(await protect(other, true)).toBe('GOOD');
    verified.send();
    expect(await verified.result).toBe('0e/1d/00');
    expect(await ask(node, testUnitReadyCdb())).toBe('06/2a/01');
    const selected = slowly(node, modeSelect6Cdb({ pageFormat: 1, parameterListLength: 16 }));
    expect(await ask(other, EJECT)).toBe('GOOD');
    selected.send();
    expect(await selected.result).toBe('05/26/00 parameterList 1');
  });
});
