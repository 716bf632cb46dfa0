import { invalidFieldInCdb, type Sense } from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';

/** Data-Out is wanted, and the initiator expects Data-In: GOOD would tell of a write that was not done. */
export const isWrongDirection = (task: Task): boolean =>
  task.dataOutWantedBytes > 0 && task.expectedDataOutBytes === 0 && task.expectedDataInBytes > 0;

/**
 * For commands that mean nothing without all of their Data-Out: an initiator that offers less or more than the CDB says is
 * refused, with a pointer to the field that says it.
 */
export function wantExactly(task: Task, lengthBytes: number, field: { readonly byte: number }): Sense | null {
  task.dataOutWantedBytes = lengthBytes;
  return task.expectedDataOutBytes === lengthBytes ? null : invalidFieldInCdb(field);
}
