import type { Task } from '../logical-unit/task.js';

/** Answers with parameter data, cut at the ALLOCATION LENGTH (SPC-4 4.2.5.6). */
export function answerWith(task: Task, data: Uint8Array, allocationLength: number): 'good' {
  task.dataIn = data;
  task.dataInBytes = Math.min(data.length, allocationLength);
  return 'good';
}
