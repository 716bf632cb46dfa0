import {
  encodeReportLuns,
  encodeSense,
  invalidFieldInCdb,
  noSense,
  REPORT_LUNS_WELL_KNOWN_LUN,
  reportLunsCdbLayout,
  requestSenseCdbLayout,
  SELECT_REPORT,
} from '../../protocol/index.js';
import type { Task } from '../logical-unit/task.js';
import type { CommandUnit, Verdict } from './command.js';
import { answerWith } from './data-in.js';

/** REQUEST SENSE (SPC-4 6.39): the unit attention condition, else why the unit is not ready, else nothing. */
export function requestSense(task: Task, unit: CommandUnit): Verdict {
  const cdb = requestSenseCdbLayout.decode(task.cdb);
  const sense =
    unit.takeUnitAttention(task) ?? unit.sanitization.notReady() ?? unit.medium.notReady() ?? noSense();
  const data = encodeSense(sense, cdb.descriptorFormat === 1 ? 'descriptor' : 'fixed');
  return answerWith(task, data, cdb.allocationLength);
}

/** REPORT LUNS (SPC-4 6.33): what the nexus sees. */
export function reportLuns(task: Task): Verdict {
  const cdb = reportLunsCdbLayout.decode(task.cdb);
  const luns = LUNS_OF_SELECT_REPORT.get(cdb.selectReport)?.(task.attachment.luns);
  if (luns === undefined) return invalidFieldInCdb({ byte: reportLunsCdbLayout.offsetOf('selectReport') });
  task.attachment.lunsReported();
  return answerWith(task, encodeReportLuns(luns), cdb.allocationLength);
}

const LUNS_OF_SELECT_REPORT: ReadonlyMap<number, (luns: readonly number[]) => readonly number[]> = new Map([
  [SELECT_REPORT.addressable, (luns: readonly number[]) => luns],
  [SELECT_REPORT.wellKnown, () => [REPORT_LUNS_WELL_KNOWN_LUN]],
  [SELECT_REPORT.all, (luns: readonly number[]) => [...luns, REPORT_LUNS_WELL_KNOWN_LUN]],
]);
