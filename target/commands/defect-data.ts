import {
  defectData10HeaderLayout,
  defectData12HeaderLayout,
  readDefectData10CdbLayout,
  readDefectData12CdbLayout,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { Verdict } from './command.js';
import { answerWith } from './data-in.js';

/** READ DEFECT DATA(10) (SBC-4): both lists are there, in every format, and have nothing in them. */
export function readDefectData10(task: Task): Verdict {
  const cdb = readDefectData10CdbLayout.decode(task.cdb);
  const data = defectData10HeaderLayout.toBytes({
    primaryListValid: cdb.requestPrimaryList,
    grownListValid: cdb.requestGrownList,
    defectListFormat: cdb.defectListFormat,
  });
  return answerWith(task, data, cdb.allocationLength);
}

/** READ DEFECT DATA(12). */
export function readDefectData12(task: Task): Verdict {
  const cdb = readDefectData12CdbLayout.decode(task.cdb);
  const data = defectData12HeaderLayout.toBytes({
    primaryListValid: cdb.requestPrimaryList,
    grownListValid: cdb.requestGrownList,
    defectListFormat: cdb.defectListFormat,
  });
  return answerWith(task, data, cdb.allocationLength);
}
