export * from './config-error.js';
export * from './config-file.js';
export { parseLunSpec } from './lun-spec.js';
export { parsePortal } from './portal.js';
