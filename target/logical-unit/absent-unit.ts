import {
  encodeSense,
  encodeStandardInquiry,
  encodeVpdPage,
  inquiryCdbLayout,
  invalidCommandOperationCode,
  invalidFieldInCdb,
  logicalUnitNotSupported,
  noSense,
  OPERATION_CODE,
  PERIPHERAL,
  REPORT_LUNS_WELL_KNOWN_LUN,
  requestSenseCdbLayout,
  SCSI_STATUS,
  VPD_PAGE,
  type Sense,
} from '../../protocol/index.js';
import type { CommandRow } from '../commands/command.js';
import { answerWith } from '../commands/data-in.js';
import { PRIMARY_ROWS } from '../commands/rows/primary.js';
import { commandTable, reservedBitProblem } from '../commands/table.js';
import { reportLuns } from '../commands/unit-reports.js';
import type { Task } from './task.js';

const WELL_KNOWN_LOGICAL_UNIT = 0x1e;

/**
 * Answers at LUNs that have no logical unit, or none that the nexus sees (SPC-4 6.6.2, 6.39), and for the REPORT LUNS well
 * known one.
 */
export class AbsentUnit {
  readonly #commands = commandTable(PRIMARY_ROWS);

  submit(task: Task): 'ended' {
    task.dataOutWantedBytes = 0;
    const verdict = this.#answer(task);
    task.state = 'ended';
    if (verdict === 'good') {
      task.status = SCSI_STATUS.good;
    } else {
      task.status = SCSI_STATUS.checkCondition;
      task.sense = encodeSense(verdict);
    }
    task.owner.taskCompleted(task);
    return 'ended';
  }

  /** REPORT LUNS is answered on LUN 0 even where nothing is there (SPC-4 6.33). */
  #answer(task: Task): 'good' | Sense {
    const wellKnown = task.lun === REPORT_LUNS_WELL_KNOWN_LUN;
    const row = this.#commands.find(task.cdb);
    const otherwise = wellKnown ? invalidCommandOperationCode() : logicalUnitNotSupported();
    if (typeof row === 'string') return otherwise;
    const answer = this.#handlerOf(row, task.lun, wellKnown);
    return answer === undefined ? otherwise : (reservedBitProblem(row, task.cdb) ?? answer(task));
  }

  #handlerOf(row: CommandRow, lun: number, wellKnown: boolean): ((task: Task) => 'good' | Sense) | undefined {
    switch (row.operationCode) {
      case OPERATION_CODE.inquiry:
        return (task) => inquiry(task, wellKnown ? WELL_KNOWN_LOGICAL_UNIT : PERIPHERAL.absent);
      case OPERATION_CODE.requestSense:
        return (task) => requestSense(task, wellKnown ? noSense() : logicalUnitNotSupported());
      case OPERATION_CODE.reportLuns:
        return wellKnown || lun === 0 ? (task) => this.#reportLuns(task) : undefined;
      case OPERATION_CODE.testUnitReady:
        return wellKnown ? () => 'good' : undefined;
      default:
        return undefined;
    }
  }

  #reportLuns(task: Task): 'good' | Sense {
    const verdict = reportLuns(task);
    return typeof verdict === 'string' ? 'good' : verdict;
  }
}

function inquiry(task: Task, peripheral: number): 'good' | Sense {
  const cdb = inquiryCdbLayout.decode(task.cdb);
  const isPageList = cdb.enableVitalProductData === 1 && cdb.pageCode === VPD_PAGE.supportedPages;
  if (cdb.pageCode !== 0 && !isPageList)
    return invalidFieldInCdb({ byte: inquiryCdbLayout.offsetOf('pageCode') });
  const data = isPageList
    ? encodeVpdPage(VPD_PAGE.supportedPages, Uint8Array.of(VPD_PAGE.supportedPages))
    : encodeStandardInquiry({
        version: 0x06,
        hierarchicalSupport: 1,
        responseDataFormat: 2,
        commandQueuing: 1,
      });
  data[0] = peripheral;
  return answerWith(task, data, cdb.allocationLength);
}

function requestSense(task: Task, sense: Sense): 'good' {
  const cdb = requestSenseCdbLayout.decode(task.cdb);
  const data = encodeSense(sense, cdb.descriptorFormat === 1 ? 'descriptor' : 'fixed');
  return answerWith(task, data, cdb.allocationLength);
}
