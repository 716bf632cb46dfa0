import {
  reportSupportedTaskManagementCdbLayout,
  supportedTaskManagementLayout,
  TASK_MANAGEMENT_TIMEOUTS_BYTES,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { Verdict } from './command.js';
import { answerWith } from './data-in.js';

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36): those that `DeviceServer.manageTasks` carries out. */
export function reportSupportedTaskManagement(task: Task): Verdict {
  const cdb = reportSupportedTaskManagementCdbLayout.decode(task.cdb);
  const timeoutsBytes = cdb.returnExtendedParameterData === 1 ? TASK_MANAGEMENT_TIMEOUTS_BYTES : 0;
  const supported = supportedTaskManagementLayout.toBytes({
    abortTask: 1,
    abortTaskSet: 1,
    clearTaskSet: 1,
    logicalUnitReset: 1,
    // TARGET WARM RESET and TARGET COLD RESET of iSCSI.
    targetReset: 1,
    additionalDataLength: timeoutsBytes,
  });
  return answerWith(task, Buffer.concat([supported, new Uint8Array(timeoutsBytes)]), cdb.allocationLength);
}
