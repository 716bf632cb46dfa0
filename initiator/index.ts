export * from './iscsi/errors.js';
export { discover, type DiscoveredTarget } from './iscsi/send-targets.js';
export {
  connectIscsi,
  type IscsiSession,
  type IscsiSessionEvent,
  type TaskManagementResult,
} from './iscsi/session.js';
export type { TaskManagementRequest } from './iscsi/exchanges.js';
export type { AsynchronousMessage } from './iscsi/full-feature-phase.js';
export type { ChapOptions, IscsiConnectOptions, IscsiLoginOptions, IscsiPortal } from './iscsi/options.js';
export type { TargetAddress } from './iscsi/target-address.js';
export * from './scsi/logical-unit.js';
export * from './devices/index.js';
export { BadCommandLineError, looksLikeCommandLine, parseCommandLine } from './exec/command-line.js';
export * from './host/index.js';
export * from './io/index.js';
export * from './url.js';
export { readCommandLine as readSgPersistCommandLine } from './sg_persist/options.js';
export type { Options as SgPersistOptions } from './sg_persist/options.js';
export { runSgPersist } from './sg_persist/run.js';
export type { Output, Surroundings } from './sg_persist/device.js';
export { SG_TOOLS, sgToolOptions, type SgTool } from './sg_persist/option-table.js';
