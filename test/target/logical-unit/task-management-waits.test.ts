import { describe, expect, it } from 'vitest';
import { write10Cdb } from '../../../protocol/index.js';
import type { AsynchronousMedium } from '../../../target/medium/medium.js';
import {
  Task,
  type NexusAttachment,
  type TaskManagementFunction,
} from '../../../target/logical-unit/task.js';
import { bench, nexusOf, prOut, told, unit, type Bench } from './bench.js';

/** A medium whose writes land when the test says so, one by one. */
class SlowMedium implements AsynchronousMedium {
  readonly kind = 'asynchronous';
  readonly sizeBytes = 65536;
  readonly blank = true;
  readonly #landing: (() => void)[] = [];

  read = (): Promise<void> => Promise.resolve();
  update = (): Promise<void> => Promise.resolve();
  discard = (): Promise<void> => Promise.resolve();
  grow = (): Promise<number> => Promise.reject(new RangeError('it is as long as it is'));
  flush = (): Promise<void> => Promise.resolve();
  close = (): Promise<void> => Promise.resolve();

  write(): Promise<void> {
    return new Promise((resolve) => this.#landing.push(resolve));
  }

  async land(): Promise<void> {
    this.#landing.shift()?.();
    await quiet();
  }
}

/** Everything that can settle by itself has settled. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Lab extends Bench {
  readonly medium: SlowMedium;
  readonly log: string[];
  /** A write that is at the medium; its end goes to the log under its tag. */
  begin(attachment: NexusAttachment, tag: number): Task;
  ask(attachment: NexusAttachment, request: TaskManagementFunction): void;
}

function lab(): Lab {
  const medium = new SlowMedium();
  const on = bench([unit({}, { medium })]);
  const log: string[] = [];
  return {
    ...on,
    medium,
    log,
    begin: (attachment, tag) => {
      const owner = {
        taskCompleted: (task: Task) => log.push(`${tag} ${told(task)}`),
        taskDropped: () => log.push(`${tag} dropped`),
      };
      const task = new Task(owner, attachment);
      task.lun = 0;
      task.tag = tag;
      task.cdb.set(write10Cdb({ logicalBlockAddress: tag, transferLength: 1 }));
      task.expectedDataOutBytes = 512;
      task.dataOut = Buffer.alloc(512);
      expect(on.server.submit(task)).toBe('dataOutWanted');
      expect(on.server.dataOutArrived(task)).toBe('executing');
      return task;
    },
    ask: (attachment, request) => {
      void on.server.manageTasks(attachment, request).then((response) => log.push(response));
    },
  };
}

async function nodes(on: Lab): Promise<[NexusAttachment, NexusAttachment]> {
  await on.node('one');
  await on.node('two');
  return [on.server.attach(nexusOf('one')), on.server.attach(nexusOf('two'))];
}

const LUN_0 = { lun: 0 } as const;

describe('Task management waits for the bytes of the tasks that it ended, and for no others', () => {
  it('ABORT TASK', async () => {
    const on = lab();
    const [one] = await nodes(on);
    const task = on.begin(one, 1);
    on.begin(one, 2);
    on.ask(one, { function: 'abortTask', tag: 1, ...LUN_0 });
    await quiet();
    expect(on.log).toEqual(['1 dropped']);
    expect([task.state, task.dataInBytes, task.dataIn.length]).toEqual(['ended', 0, 0]);
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', 'complete']);
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', 'complete', '2 GOOD']);
    on.ask(one, { function: 'abortTask', tag: 2, ...LUN_0 });
    await quiet();
    expect(on.log.at(-1)).toBe('taskDoesNotExist');
  });

  it('ABORT TASK leaves a task of another nexus with that tag alone', async () => {
    const on = lab();
    const [one, two] = await nodes(on);
    on.begin(one, 1);
    on.ask(two, { function: 'abortTask', tag: 1, ...LUN_0 });
    await quiet();
    await on.medium.land();
    expect(on.log).toEqual(['taskDoesNotExist', '1 GOOD']);
  });

  it('ABORT TASK SET', async () => {
    const on = lab();
    const [one, two] = await nodes(on);
    on.begin(one, 1);
    on.begin(one, 2);
    on.begin(two, 3);
    on.ask(one, { function: 'abortTaskSet', ...LUN_0 });
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', '2 dropped']);
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', '2 dropped', 'complete']);
    await on.medium.land();
    expect(on.log.at(-1)).toBe('3 GOOD');
  });

  it.each(['clearTaskSet', 'logicalUnitReset'] as const)('%s, for all nexuses', async (name) => {
    const on = lab();
    const [one, two] = await nodes(on);
    on.begin(one, 1);
    on.begin(two, 2);
    on.ask(one, { function: name, ...LUN_0 });
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', '2 ABORTED']);
    await on.medium.land();
    expect(on.log).toEqual(['1 dropped', '2 ABORTED', 'complete']);
  });

  it('tells each task that was aborted, and each attention', async () => {
    const on = lab();
    const [one, two] = await nodes(on);
    on.begin(two, 7);
    on.happenings.length = 0;
    on.ask(one, { function: 'logicalUnitReset', ...LUN_0 });
    await on.medium.land();
    const { nexusId } = two;
    const established = { type: 'unitAttention', lun: 0, asc: 0x29, ascq: 0x03, what: 'established' };
    expect(on.happenings).toEqual([
      { type: 'taskAborted', lun: 0, nexusId, tag: 7 },
      { ...established, nexusId: one.nexusId },
      { ...established, nexusId },
    ]);
    const again = on.transport.connect(nexusOf('two'), 0);
    expect(told(await again.execute(Buffer.alloc(6)))).toBe('06/29/03');
    expect(on.happenings.at(-1)).toEqual({
      type: 'unitAttention',
      lun: 0,
      nexusId,
      asc: 0x29,
      ascq: 0x03,
      what: 'reported',
    });
  });

  it('releasing a held write settles when it is at the medium', async () => {
    const on = lab();
    const [one] = await nodes(on);
    const hold = on.server.faults(0).holdWrites();
    on.begin(one, 1);
    void hold.release().then(() => on.log.push('released'));
    await quiet();
    expect(on.log).toEqual([]);
    await on.medium.land();
    expect(on.log).toEqual(['1 GOOD', 'released']);
  });
});

describe('PREEMPT AND ABORT (SPC-4 5.13.11.2.6)', () => {
  it('ends and awaits the commands of preempted nexuses, and of no others', async () => {
    const on = lab();
    const [, two] = await nodes(on);
    const [first, second] = [await on.node('one'), await on.node('two')];
    expect(await prOut(first, 'register', { newKey: 1n })).toBe('GOOD');
    expect(await prOut(second, 'register', { newKey: 2n })).toBe('GOOD');
    await on.node('three');
    on.begin(two, 2);
    on.begin(on.server.attach(nexusOf('three')), 3);
    void prOut(first, 'preemptAndAbort', { key: 1n, newKey: 2n }).then((answer) => on.log.push(answer));
    await quiet();
    expect(on.log).toEqual(['2 ABORTED']);
    await on.medium.land();
    expect(on.log).toEqual(['2 ABORTED', 'GOOD']);
    await on.medium.land();
    expect(on.log).toEqual(['2 ABORTED', 'GOOD', '3 GOOD']);
  });

  it('by a nexus that preempts itself does not end itself, though it waited for its state to be stored', async () => {
    const on = bench([unit({}, { persist: () => Promise.resolve() })]);
    const node = await on.node('one');
    expect(await prOut(node, 'register', { newKey: 1n, aptpl: true })).toBe('GOOD');
    expect(await prOut(node, 'preemptAndAbort', { key: 1n, newKey: 1n })).toBe('GOOD');
    expect(on.server.reservations(0).registrations.size).toBe(0);
  });
});
