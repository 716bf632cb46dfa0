export { BlockDevice, type BlockDeviceOptions, type BlockCapacity } from './block-device.js';
export { BlockIoError, describeResult, ReservationConflictError } from './errors.js';
export { hexDump } from './hex-dump.js';
export { DEFAULT_PATTERN, runIo, type IoOptions, type IoOutput, type OpenDevice } from './run-io.js';
