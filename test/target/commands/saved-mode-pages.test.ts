import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  controlModePageLayout,
  MODE_PAGE,
  modeHeader6Layout,
  modeSelect6Cdb,
  modeSense6Cdb,
  PAGE_CONTROL,
  testUnitReadyCdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import type { ModePageValue } from '../../../target/commands/mode-pages.js';
import { createTarget } from '../../../target/create-target.js';
import type { ModePageStore } from '../../../target/logical-unit/mode-selection.js';
import { Task } from '../../../target/logical-unit/task.js';
import type { Target } from '../../../target/options.js';
import { ask, bench, IQN, nexusOf, told, unit, type Bench } from '../logical-unit/bench.js';

const ready = testUnitReadyCdb();
/** Every test of a page looks at these of the Control mode page. */
type Bits = Partial<Record<'descriptorFormatSense' | 'softwareWriteProtect' | 'taskAbortedStatus', 0 | 1>>;
const DEFAULTS = { descriptorFormatSense: 0, softwareWriteProtect: 0, taskAbortedStatus: 1 } as const;

/** What is saved as the test sees it; each save goes on when `settle` says how. */
class SlowStore implements ModePageStore {
  readonly saved: readonly ModePageValue[];
  readonly kept: Bits[] = [];
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(saved: readonly ModePageValue[] = []) {
    this.saved = saved;
  }

  save(pages: readonly ModePageValue[]): Promise<void> {
    const control = pages.find(
      ({ pageCode, subpageCode }) => pageCode === MODE_PAGE.control && subpageCode === 0,
    );
    this.kept.push(bitsOf(control?.bytes ?? new Uint8Array(0)));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async settle(how: 'saved' | 'failed' = 'saved'): Promise<void> {
    await quiet();
    const next = this.#waiting.shift();
    if (how === 'saved') next?.resolve();
    else next?.reject(new Error('no space left'));
    await quiet();
  }
}

/** Everything that can settle by itself has settled. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const fastStore = (saved: readonly ModePageValue[] = []): ModePageStore => ({
  saved,
  save: () => Promise.resolve(),
});

function bitsOf(page: Uint8Array): Bits {
  const { descriptorFormatSense, softwareWriteProtect, taskAbortedStatus } =
    controlModePageLayout.decode(page);
  return { descriptorFormatSense, softwareWriteProtect, taskAbortedStatus } as Bits;
}

const pageWith = (bits: Bits, parametersSaveable = 0): Buffer =>
  Buffer.from(
    controlModePageLayout.toBytes({
      parametersSaveable,
      pageCode: MODE_PAGE.control,
      pageLength: 10,
      ...DEFAULTS,
      ...bits,
    }),
  );

/** A MODE SELECT(6) of the Control mode page, or of no page. */
function selection(bits: Bits | null, savePages: 0 | 1): { readonly cdb: Uint8Array; readonly list: Buffer } {
  const list =
    bits === null ? Buffer.alloc(0) : Buffer.concat([modeHeader6Layout.toBytes({}), pageWith(bits)]);
  return { cdb: modeSelect6Cdb({ pageFormat: 1, savePages, parameterListLength: list.length }), list };
}

async function select(path: LogicalUnitPath, bits: Bits | null, savePages: 0 | 1): Promise<string> {
  const { cdb, list } = selection(bits, savePages);
  return told(await path.execute(cdb, { dataOut: list }));
}

async function sensed(path: LogicalUnitPath, pageControl: number, pageCode: number): Promise<Buffer> {
  const cdb = modeSense6Cdb({
    ...{ pageControl, pageCode, subpageCode: pageCode === MODE_PAGE.all ? 0xff : 0 },
    ...{ disableBlockDescriptors: 1, allocationLength: 255 },
  });
  const { dataIn } = await path.execute(cdb, { dataInLength: 255 });
  return Buffer.from(dataIn).subarray(modeHeader6Layout.lengthBytes);
}

const control = async (path: LogicalUnitPath, pageControl: number = PAGE_CONTROL.current): Promise<Bits> =>
  bitsOf(await sensed(path, pageControl, MODE_PAGE.control));

const reset = (on: Bench): Promise<unknown> =>
  on.server.manageTasks(on.server.attach(nexusOf('node')), { function: 'logicalUnitReset', lun: 0 });

const saveable = (modePageStore: ModePageStore = fastStore()): Bench => bench([unit({}, { modePageStore })]);

describe('Saved mode pages (SPC-4 6.11, 6.13)', () => {
  it('PS=1 says of every page that it can be saved; the saved values are the defaults until one was', async () => {
    const node = await saveable().node('node');
    const headers = ['8812', '8a0a', 'ca01001c', '9c0a'];
    for (const pageControl of Object.values(PAGE_CONTROL)) {
      const pages = (await sensed(node, pageControl, MODE_PAGE.all)).toString('hex');
      const at = headers.map((header) => pages.indexOf(header));
      expect(at).toEqual([0, 40, 64, 128]);
    }
    const all = (pageControl: number): Promise<Buffer> => sensed(node, pageControl, MODE_PAGE.all);
    expect(await all(PAGE_CONTROL.saved)).toEqual(await all(PAGE_CONTROL.default));
  });

  it('SP=1 saves what is sent; a reset and power on bring it back, and undo what was not saved', async () => {
    const on = saveable();
    const node = await on.node('node');
    expect(await select(node, { taskAbortedStatus: 0 }, 1)).toBe('GOOD');
    expect(await select(node, { descriptorFormatSense: 1 }, 0)).toBe('GOOD');
    expect(await control(node, PAGE_CONTROL.saved)).toEqual({ ...DEFAULTS, taskAbortedStatus: 0 });
    expect(await control(node)).toEqual({ ...DEFAULTS, descriptorFormatSense: 1 });
    expect(await control(node, PAGE_CONTROL.default)).toEqual(DEFAULTS);
    for (const interrupt of [() => reset(on), () => on.server.powerCycle({})]) {
      await select(node, { descriptorFormatSense: 1 }, 0);
      await interrupt();
      await ask(node, ready);
      expect(await control(node)).toEqual({ ...DEFAULTS, taskAbortedStatus: 0 });
    }
  });

  it('SP=1 without a list saves the current values', async () => {
    const node = await saveable().node('node');
    await select(node, { softwareWriteProtect: 1 }, 0);
    expect(await control(node, PAGE_CONTROL.saved)).toEqual(DEFAULTS);
    expect(await select(node, null, 1)).toBe('GOOD');
    expect(await control(node, PAGE_CONTROL.saved)).toEqual({ ...DEFAULTS, softwareWriteProtect: 1 });
  });

  it('a page takes effect when it is saved, and then others are told, once', async () => {
    const store = new SlowStore();
    const on = saveable(store);
    const node = await on.node('node');
    const other = await on.node('other');
    const selected = select(node, { descriptorFormatSense: 1 }, 1);
    await quiet();
    expect([await control(node), await ask(other, ready)]).toEqual([DEFAULTS, 'GOOD']);
    await store.settle();
    expect(await selected).toBe('GOOD');
    expect(await control(node)).toEqual({ ...DEFAULTS, descriptorFormatSense: 1 });
    expect([await ask(other, ready), await ask(other, ready)]).toEqual(['06/2a/01', 'GOOD']);
  });

  it('what cannot be saved does not take effect: 04/44/00', async () => {
    const store = new SlowStore();
    const on = saveable(store);
    const node = await on.node('node');
    const other = await on.node('other');
    const selected = select(node, { softwareWriteProtect: 1 }, 1);
    await store.settle('failed');
    expect(await selected).toBe('04/44/00');
    expect([await control(node), await control(node, PAGE_CONTROL.saved)]).toEqual([DEFAULTS, DEFAULTS]);
    expect(await ask(other, ready)).toBe('GOOD');
    const again = select(node, { softwareWriteProtect: 1 }, 1);
    await store.settle();
    expect(await again).toBe('GOOD');
  });

  it('two at once are saved one after the other, the second on top of the first', async () => {
    const store = new SlowStore();
    const node = await saveable(store).node('node');
    const both = [select(node, { taskAbortedStatus: 0 }, 1), select(node, null, 1)];
    await store.settle();
    await store.settle();
    expect(await Promise.all(both)).toEqual(['GOOD', 'GOOD']);
    const saved = { ...DEFAULTS, taskAbortedStatus: 0 };
    expect(store.kept).toEqual([saved, saved]);
  });

  it('an abort waits for what is being saved, and drops what waits for its turn', async () => {
    const store = new SlowStore();
    const on = saveable(store);
    const node = await on.node('node');
    const attachment = on.server.attach(nexusOf('node'));
    const ended: string[] = [];
    const begin = (tag: number, bits: Bits): void => {
      const owner = {
        taskCompleted: (task: Task) => ended.push(`${tag} ${told(task)}`),
        taskDropped: () => ended.push(`${tag} dropped`),
      };
      const task = new Task(owner, attachment);
      const { cdb, list } = selection(bits, 1);
      Object.assign(task, { lun: 0, tag, dataOut: list, expectedDataOutBytes: list.length });
      task.cdb.set(cdb);
      on.server.submit(task);
      on.server.dataOutArrived(task);
    };
    begin(1, { taskAbortedStatus: 0 });
    begin(2, { softwareWriteProtect: 1 });
    await quiet();
    const aborted = on.server.manageTasks(attachment, { function: 'abortTaskSet', lun: 0 }).then(() => {
      ended.push('aborted');
    });
    await quiet();
    expect(ended).toEqual(['1 dropped', '2 dropped']);
    await store.settle();
    await aborted;
    expect(ended).toEqual(['1 dropped', '2 dropped', 'aborted']);
    expect(store.kept).toEqual([{ ...DEFAULTS, taskAbortedStatus: 0 }]);
    expect(await control(node)).toEqual(store.kept[0]);
  });

  it('PS of a page that is sent counts for nothing', async () => {
    for (const on of [saveable(), bench()]) {
      const node = await on.node('node');
      const other = await on.node('other');
      const before = await sensed(node, PAGE_CONTROL.current, MODE_PAGE.control);
      for (const parametersSaveable of [0, 1]) {
        const list = Buffer.concat([modeHeader6Layout.toBytes({}), pageWith({}, parametersSaveable)]);
        const cdb = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
        expect(told(await node.execute(cdb, { dataOut: list }))).toBe('GOOD');
        expect(await sensed(node, PAGE_CONTROL.current, MODE_PAGE.control)).toEqual(before);
      }
      expect(await ask(other, ready)).toBe('GOOD');
    }
  });

  it('of what was saved before only the bits that may be changed count, and pages that are there', async () => {
    const saved = [
      { pageCode: MODE_PAGE.control, subpageCode: 0, bytes: Buffer.from('0a0affffffffffffffffffff', 'hex') },
      { pageCode: MODE_PAGE.caching, subpageCode: 0, bytes: Buffer.alloc(5, 0xff) },
      { pageCode: 0x01, subpageCode: 0, bytes: Buffer.alloc(12, 0xff) },
    ];
    const node = await saveable(fastStore(saved)).node('node');
    const current = await sensed(node, PAGE_CONTROL.current, MODE_PAGE.all);
    const changeable = await sensed(node, PAGE_CONTROL.changeable, MODE_PAGE.control);
    const defaults = await sensed(node, PAGE_CONTROL.default, MODE_PAGE.all);
    const expected = Buffer.from(defaults);
    for (const [at, mask] of changeable.entries()) expected[20 + at] = (expected[20 + at] ?? 0) | mask;
    expect(current).toEqual(expected);
    expect(await control(node)).toEqual({
      descriptorFormatSense: 1,
      softwareWriteProtect: 1,
      taskAbortedStatus: 1,
    });
  });
});

describe('What was saved before', () => {
  it('counts for nothing where the page has another length now', async () => {
    const bytes = Buffer.from('0a0300', 'hex');
    const saved = [{ pageCode: MODE_PAGE.control, subpageCode: 0, bytes }];
    expect(await control(await saveable(fastStore(saved)).node('node'))).toEqual(DEFAULTS);
  });
});

describe('A target with a place for saved mode pages', () => {
  async function nodeOf(target: Target): Promise<LogicalUnitPath> {
    const path = target.connectInMemory(nexusOf('node'), 0);
    await path.execute(ready);
    return path;
  }
  const options = {
    iqn: IQN,
    portals: [{ host: '127.0.0.1', port: 0 }],
    logicalUnits: [{ lun: 0, medium: { kind: 'memory', sizeBytes: 1024 * 1024 } }],
  } as const;
  const saved = { ...DEFAULTS, softwareWriteProtect: 1 } as const;

  it('in a state directory: they are there after a restart', async () => {
    const stateDirectory = await mkdtemp(join(tmpdir(), 'fencelab-pages-'));
    for (const expected of [DEFAULTS, saved]) {
      const target = await createTarget({ ...options, stateDirectory });
      const node = await nodeOf(target);
      expect(await control(node)).toEqual(expected);
      expect(await select(node, saved, 1)).toBe('GOOD');
      await target.close();
    }
    await rm(stateDirectory, { recursive: true });
  });

  it('without one: 05/39/00, and SP=1 is an invalid field', async () => {
    const target = await createTarget(options);
    const node = await nodeOf(target);
    const cdb = modeSense6Cdb({
      pageControl: PAGE_CONTROL.saved,
      pageCode: MODE_PAGE.all,
      allocationLength: 255,
    });
    expect([await ask(node, cdb), await select(node, saved, 1)]).toEqual(['05/39/00', '05/24/00 cdb 1.0']);
    await target.close();
  });

  it('in non-volatile memory: they outlast a power cycle', async () => {
    const target = await createTarget({ ...options, nonVolatileMemory: true });
    expect(await select(await nodeOf(target), saved, 1)).toBe('GOOD');
    await target.powerCycle();
    expect(await control(await nodeOf(target))).toEqual(saved);
    await target.close();
  });
});
