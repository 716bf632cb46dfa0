export * from './config-error.js';
export * from './config-file.js';
export { parseLunSpec } from './lun-spec.js';
export { parsePortal, parseTargetPortal } from './portal.js';
export { SIZE_EXPECTED, sizeInBytes } from './size.js';
