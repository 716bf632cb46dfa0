import { describe, expect, it } from 'vitest';
import {
  controlModePageLayout,
  decodeReadKeys,
  inquiryCdb,
  MODE_PAGE,
  modeHeader6Layout,
  modeSelect6Cdb,
  persistentReserveInCdb,
  persistentReserveOutCdb,
  PR_IN_SERVICE_ACTION,
  PR_OUT_SERVICE_ACTION,
  RESERVATION_TYPE_CODE,
  testUnitReadyCdb,
  write10Cdb,
  type LogicalUnitPath,
} from '../../../protocol/index.js';
import { Task, type TaskOwner } from '../../../target/logical-unit/task.js';
import {
  ask,
  bench,
  firstByteAt,
  nexusOf,
  prOut,
  told,
  unit,
  write,
  type Bench,
  MEDIUM_BYTES,
} from './bench.js';
import { asynchronousMemory, mediumLike } from './media.js';

const A = 0xaaan;
const B = 0xbbbn;
const ready = testUnitReadyCdb();

/** Two registered nodes; `zombie` holds Write Exclusive, registrants only. */
async function twoNodes(on: Bench): Promise<{ zombie: LogicalUnitPath; fencer: LogicalUnitPath }> {
  const zombie = await on.node('zombie');
  const fencer = await on.node('fencer');
  expect(await prOut(zombie, 'register', { newKey: A })).toBe('GOOD');
  expect(await prOut(fencer, 'register', { newKey: B })).toBe('GOOD');
  expect(await prOut(zombie, 'reserve', { key: A, type: 'writeExclusiveRegistrantsOnly' })).toBe('GOOD');
  return { zombie, fencer };
}

async function readKeys(path: LogicalUnitPath): Promise<readonly bigint[] | undefined> {
  const cdb = persistentReserveInCdb(PR_IN_SERVICE_ACTION.readKeys, 64);
  return decodeReadKeys((await path.execute(cdb, { dataInLength: 64 })).dataIn)?.keys;
}

const preempt = { key: B, newKey: A, type: 'writeExclusiveRegistrantsOnly' } as const;

async function setTas(path: LogicalUnitPath, taskAbortedStatus: 0 | 1): Promise<void> {
  const list = Buffer.concat([
    modeHeader6Layout.toBytes({}),
    controlModePageLayout.toBytes({ pageCode: MODE_PAGE.control, pageLength: 10, taskAbortedStatus }),
  ]);
  const cdb = modeSelect6Cdb({ pageFormat: 1, parameterListLength: list.length });
  expect(told(await path.execute(cdb, { dataOut: list }))).toBe('GOOD');
}

/** A task that stays where it is: the test says when its Data-Out arrives. */
function writeTask(on: Bench, name: string): { task: Task; ended: string[] } {
  const ended: string[] = [];
  const owner: TaskOwner = {
    taskCompleted: (task) => ended.push(told(task)),
    taskDropped: () => ended.push('dropped'),
  };
  const task = new Task(owner, on.server.attach(nexusOf(name)));
  task.lun = 0;
  task.cdb.set(write10Cdb({ logicalBlockAddress: 9, transferLength: 1 }));
  task.expectedDataOutBytes = 512;
  return { task, ended };
}

describe('PREEMPT AND ABORT (SPC-4 5.13.11.2.6)', () => {
  it('drops a held write of the preempted nexus without waiting and answers GOOD; TAS=1 ends it with TASK ABORTED', async () => {
    const on = bench();
    const { zombie, fencer } = await twoNodes(on);
    const hold = on.server.faults(0).holdWrites();
    const pending = write(zombie, 5, 0xee);
    await hold.held;
    expect(hold.heldCount()).toBe(1);

    expect(await prOut(fencer, 'preemptAndAbort', preempt)).toBe('GOOD');
    expect(told(await pending)).toBe('ABORTED');
    expect(hold.heldCount()).toBe(0);
    await hold.release();
    expect(await firstByteAt(fencer, 5)).toBe(0);
    expect([await ask(zombie, ready), await ask(zombie, ready)]).toEqual(['06/2a/05', 'GOOD']);
    expect(told(await write(zombie, 5, 0xee))).toBe('CONFLICT');
  });

  it('TAS=0: the aborted command gets no status, and 2A/05 is told before 2F/00', async () => {
    const on = bench();
    const { zombie, fencer } = await twoNodes(on);
    await setTas(fencer, 0);
    expect(await ask(zombie, ready)).toBe('06/2a/01');
    const hold = on.server.faults(0).holdWrites();
    const pending = write(zombie, 5, 0xee);
    await hold.held;

    expect(await prOut(fencer, 'preemptAndAbort', preempt)).toBe('GOOD');
    await expect(pending).rejects.toThrow('aborted');
    expect([await ask(zombie, ready), await ask(zombie, ready), await ask(zombie, ready)]).toEqual([
      '06/2a/05',
      '06/2f/00',
      'GOOD',
    ]);
  });

  it('drops a command that awaits Data-Out; what arrives later is discarded', async () => {
    const on = bench();
    const { fencer } = await twoNodes(on);
    const { task, ended } = writeTask(on, 'zombie');
    expect(on.server.submit(task)).toBe('dataOutWanted');

    expect(await prOut(fencer, 'preemptAndAbort', preempt)).toBe('GOOD');
    expect(ended).toEqual(['ABORTED']);
    task.dataOut = Buffer.alloc(512, 0xee);
    expect(on.server.dataOutArrived(task)).toBe('ended');
    expect(ended).toEqual(['ABORTED']);
    expect(await firstByteAt(fencer, 9)).toBe(0);
  });

  it.each(['preempt', 'clear'] as const)('%s aborts nothing: a held write lands after it', async (action) => {
    const on = bench();
    const { zombie, fencer } = await twoNodes(on);
    const hold = on.server.faults(0).holdWrites();
    const pending = write(zombie, 5, 0xee);
    await hold.held;

    expect(await prOut(fencer, action, preempt)).toBe('GOOD');
    await hold.release();
    expect(told(await pending)).toBe('GOOD');
    expect(await firstByteAt(fencer, 5)).toBe(0xee);
  });

  /** A medium whose writes the test lets through. */
  function slowMedium(): {
    medium: ReturnType<typeof unit>['medium'];
    begun: Promise<void>;
    land: () => void;
  } {
    let land = (): void => undefined;
    let begin = (): void => undefined;
    const landed = new Promise<void>((resolve) => (land = resolve));
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const medium = mediumLike(asynchronousMemory(MEDIUM_BYTES), {
      write: () => {
        begin();
        return landed;
      },
    });
    return { medium, begun, land };
  }

  it('waits for bytes that are at the medium, serves others meanwhile, and GOOD comes after them', async () => {
    const { medium, begun, land } = slowMedium();
    const on = bench([unit({}, { medium })]);
    const { zombie, fencer } = await twoNodes(on);
    const other = await on.node('other');
    const order: string[] = [];
    const pending = write(zombie, 5, 0xee).then((result) => order.push(`write ${told(result)}`));
    await begun;
    const fence = prOut(fencer, 'preemptAndAbort', preempt).then((answer) => order.push(`fence ${answer}`));
    await pending;
    expect(await ask(other, ready)).toBe('GOOD');
    expect(told(await write(zombie, 6, 1))).toBe('06/2a/05');
    expect(told(await write(zombie, 6, 1))).toBe('CONFLICT');
    expect(order).toEqual(['write ABORTED']);
    land();
    await fence;
    expect(order).toEqual(['write ABORTED', 'fence GOOD']);
  });

  it('a LOGICAL UNIT RESET ends the wait', async () => {
    const { medium, begun, land } = slowMedium();
    const on = bench([unit({}, { medium })]);
    const { zombie, fencer } = await twoNodes(on);
    const pending = write(zombie, 5, 0xee);
    await begun;
    const fence = prOut(fencer, 'preemptAndAbort', preempt);
    expect(told(await pending)).toBe('ABORTED');
    const reset = on.server.manageTasks(on.server.attach(nexusOf('other')), {
      function: 'logicalUnitReset',
      lun: 0,
    });
    expect(await fence).toBe('ABORTED');
    land();
    expect(await reset).toBe('complete');
    expect(on.server.reservations(0).registrations.size).toBe(1);
  });
});

describe('APTPL (SPC-4 5.13.5)', () => {
  const register = { newKey: A, aptpl: true } as const;

  it('answers GOOD only when the state is durable; PR commands wait, other commands see the new state', async () => {
    let durable = (): void => undefined;
    const stored = new Promise<void>((resolve) => (durable = resolve));
    const on = bench([unit({}, { persist: () => stored })]);
    const node = await on.node('node');
    const order: string[] = [];
    const first = prOut(node, 'register', register).then((answer) => order.push(`register ${answer}`));
    const second = prOut(node, 'reserve', { key: A, type: 'exclusiveAccess' }).then((answer) =>
      order.push(`reserve ${answer}`),
    );
    expect(await ask(node, ready)).toBe('GOOD');
    expect(order).toEqual([]);
    durable();
    await Promise.all([first, second]);
    expect(order).toEqual(['register GOOD', 'reserve GOOD']);
    expect(on.server.reservations(0).reservation?.type).toBe('exclusiveAccess');
  });

  it('rolls back and answers CHECK CONDITION where the state cannot be made durable', async () => {
    const on = bench([unit({}, { persist: () => Promise.reject(new Error('disk full')) })]);
    const node = await on.node('node');
    const before = on.server.reservations(0);
    expect(await prOut(node, 'register', register)).toBe('04/44/00');
    expect(on.server.reservations(0)).toEqual(before);
    expect(on.happenings.filter(({ type }) => type === 'persistentReserveOut')).toMatchObject([
      { status: 2, before: { prGeneration: 0 }, after: { prGeneration: 0 } },
    ]);
  });

  it('PERSISTENT RESERVE IN waits too, and finds what came of it; nothing is stored for what needs no storing', async () => {
    let fail = (): void => undefined;
    const stored = new Promise<void>((_, reject) => {
      fail = () => {
        reject(new Error('disk full'));
      };
    });
    let saved = 0;
    const persist = (): Promise<void> => {
      saved++;
      return stored;
    };
    const on = bench([unit({}, { persist })]);
    const node = await on.node('node');
    expect(await prOut(node, 'register', { newKey: B })).toBe('GOOD');
    expect(saved).toBe(0);
    const registered = prOut(node, 'registerAndIgnoreExistingKey', register);
    const keys = readKeys(node);
    expect(saved).toBe(1);
    fail();
    expect(await registered).toBe('04/44/00');
    expect(await keys).toEqual([B]);
  });

  it('what survived power loss is enforced from the first command on', async () => {
    const first = bench();
    await twoNodes(first);
    const { registrations, reservation } = first.server.reservations(0);
    const on = bench([unit({}, { durable: { kind: 'kept', registrations, reservation } })]);
    const [zombie, stranger] = [await on.node('zombie'), await on.node('stranger')];
    expect(told(await write(stranger, 0, 1))).toBe('CONFLICT');
    expect(told(await write(zombie, 0, 1))).toBe('GOOD');
  });

  it('lost information: 07/44/01 for PERSISTENT RESERVE IN and for the medium', async () => {
    const node = await bench([unit({}, { durable: { kind: 'lost' } })]).node('node');
    const cdb = persistentReserveInCdb(PR_IN_SERVICE_ACTION.readKeys, 64);
    expect(await ask(node, cdb, 64)).toBe('07/44/01');
    expect(told(await write(node, 0, 1))).toBe('07/44/01');
    expect(await ask(node, inquiryCdb({ allocationLength: 36 }), 36)).toBe('GOOD');
  });

  it('without persistence APTPL=1 is an invalid field', async () => {
    const node = await bench().node('node');
    expect(await prOut(node, 'register', register)).toBe('05/26/00 parameterList 20.0');
  });
});

describe('Reservation state of a logical unit', () => {
  it('nopr: PERSISTENT RESERVE OUT is no operation code', async () => {
    const node = await bench([unit({ nopr: true })]).node('node');
    expect(await prOut(node, 'register', { newKey: A })).toBe('05/20/00 cdb 0');
  });

  it('a registration outlives the session, and the attention of a preempted nexus waits for it', async () => {
    const on = bench();
    const { zombie, fencer } = await twoNodes(on);
    await zombie.close();
    expect(await prOut(fencer, 'preempt', preempt)).toBe('GOOD');
    const back = on.transport.connect(nexusOf('zombie'), 0);
    const answers = [await ask(back, ready), await ask(back, ready), await ask(back, ready)];
    expect(answers).toEqual(['06/29/07', '06/2a/05', 'GOOD']);
  });

  it('events tell a PERSISTENT RESERVE OUT with the state before and after', async () => {
    const on = bench();
    const node = await on.node('node');
    await prOut(node, 'register', { newKey: A });
    const told = on.happenings.filter(({ type }) => type === 'persistentReserveOut');
    expect(told).toMatchObject([
      { lun: 0, serviceAction: 0, status: 0, before: { prGeneration: 0 }, after: { prGeneration: 1 } },
    ]);
  });

  it('a reserved TYPE is the machine’s to judge, not a reserved CDB bit', async () => {
    const on = bench();
    const { fencer } = await twoNodes(on);
    const cdb = persistentReserveOutCdb({
      serviceAction: PR_OUT_SERVICE_ACTION.clear,
      type: RESERVATION_TYPE_CODE.exclusiveAccessAllRegistrants + 1,
      scope: 3,
      parameterListLength: 24,
    });
    const list = Buffer.alloc(24);
    list.writeBigUInt64BE(B, 0);
    expect(told(await fencer.execute(cdb, { dataOut: list }))).toBe('GOOD');
    expect(await ask(fencer, inquiryCdb({ allocationLength: 36 }), 36)).toBe('GOOD');
  });
});
