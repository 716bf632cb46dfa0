import type { Task } from '../logical-unit/task.js';
import { PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX } from '../reservations/limits.js';
import type { PersistentReserveOutRequest } from '../reservations/types.js';

// SPC-4 6.15.1 and 6.16.1; a test holds these places to the declared CDB layouts.

export const serviceActionOf = (cdb: Buffer): number => (cdb[1] as number) & 0x1f;
export const persistentReserveInAllocationLength = (cdb: Buffer): number => cdb.readUInt16BE(7);

/** A list that is longer than any the machine takes is not collected: its length alone is the error. */
export function admitPersistentReserveOut(task: Task): null {
  const length = task.cdb.readUInt32BE(5);
  task.dataOutWantedBytes = length > PERSISTENT_RESERVE_OUT_LIST_LENGTH_BYTES_MAX ? 0 : length;
  return null;
}

/** The request of a PERSISTENT RESERVE OUT whose Data-Out is there; its list is a copy. */
export function persistentReserveOutRequest(task: Task): PersistentReserveOutRequest {
  const { cdb } = task;
  return {
    serviceAction: serviceActionOf(cdb),
    scope: (cdb[2] as number) >> 4,
    type: (cdb[2] as number) & 0x0f,
    parameterListLength: cdb.readUInt32BE(5),
    parameterList: Uint8Array.from(task.dataOut.subarray(0, task.dataOutWantedBytes)),
  };
}
