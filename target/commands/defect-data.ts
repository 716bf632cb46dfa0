import {
  defectData10HeaderLayout,
  defectData12HeaderLayout,
  readDefectData10CdbLayout,
  readDefectData12CdbLayout,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { Verdict } from './command.js';
import { answerWith } from './data-in.js';

/** READ DEFECT DATA (SBC-4): both lists are there, in every format, and have nothing in them. */
function readDefectData(
  cdbLayout: typeof readDefectData10CdbLayout | typeof readDefectData12CdbLayout,
  headerLayout: typeof defectData10HeaderLayout | typeof defectData12HeaderLayout,
): (task: Task) => Verdict {
  return (task) => {
    const cdb = cdbLayout.decode(task.cdb);
    const data = headerLayout.toBytes({
      primaryListValid: cdb.requestPrimaryList,
      grownListValid: cdb.requestGrownList,
      defectListFormat: cdb.defectListFormat,
    });
    return answerWith(task, data, cdb.allocationLength);
  };
}

export const readDefectData10 = readDefectData(readDefectData10CdbLayout, defectData10HeaderLayout);
export const readDefectData12 = readDefectData(readDefectData12CdbLayout, defectData12HeaderLayout);
