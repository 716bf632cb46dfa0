import { describe, expect, it } from 'vitest';
import { TaskSet } from '../../../target/logical-unit/task-set.js';
import { Task, type TaskOwner } from '../../../target/logical-unit/task.js';
import { bench, nexusOf } from './bench.js';

const silent: TaskOwner = { taskCompleted: () => undefined, taskDropped: () => undefined };
const taskOf = (name: string): Task => new Task(silent, bench().server.attach(nexusOf(name)));

describe('A task set', () => {
  it('gives an aborted task out once: it cannot end a second time', () => {
    const tasks = new TaskSet();
    const [aborted, other] = [taskOf('a'), taskOf('b')];
    const undone: string[] = [];
    tasks.add(aborted, () => undone.push('a'));
    tasks.add(other, () => undone.push('b'));
    expect(tasks.takeAborted((task) => task === aborted)).toEqual([aborted]);
    expect([tasks.has(aborted), tasks.remove(aborted), tasks.has(other)]).toEqual([false, false, true]);
    expect(tasks.takeAborted((task) => task === aborted)).toEqual([]);
    expect(undone).toEqual(['a']);
    expect([tasks.remove(other), tasks.remove(other)]).toEqual([true, false]);
  });

  it('knows what is at the medium until it is settled, however it ends', async () => {
    const tasks = new TaskSet();
    const task = taskOf('a');
    expect(tasks.settled(() => true)).toBeNull();
    tasks.trackAtMedium(task, Promise.reject(new Error('the disk failed')));
    expect(tasks.settled((operation) => operation.task !== task)).toBeNull();
    await tasks.settled((operation) => operation.nexusId === task.attachment.nexusId);
    expect(tasks.settled(() => true)).toBeNull();
  });
});
