import { bits, layout, reserved, u32be, u8 } from '../layout.js';

/** REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36). */
export const reportSupportedTaskManagementCdbLayout = layout(
  'REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS command',
  u8('operationCode'),
  bits({ reserved7: 3, serviceAction: 5 }),
  bits({ returnExtendedParameterData: 1, reserved6: 7 }),
  reserved(3),
  u32be('allocationLength'),
  reserved(1),
  u8('control'),
);

/** Its parameter data, basic format. */
export const supportedTaskManagementLayout = layout(
  'REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS parameter data',
  bits({
    abortTask: 1,
    abortTaskSet: 1,
    clearAca: 1,
    clearTaskSet: 1,
    logicalUnitReset: 1,
    queryTask: 1,
    targetReset: 1,
    wakeup: 1,
  }),
  bits({ reserved7: 5, queryAsynchronousEvent: 1, queryTaskSet: 1, itNexusReset: 1 }),
  reserved(1),
  u8('additionalDataLength'),
);

/** What REPD=1 adds: time-outs, none of which is told. */
export const TASK_MANAGEMENT_TIMEOUTS_BYTES = 12;
