export * from './layout.js';
export * from './scsi/execute.js';
export * from './scsi/persistent-reserve-codes.js';
export * from './scsi/sense.js';
export * from './scsi/status.js';
export * from './scsi/transport-id.js';
