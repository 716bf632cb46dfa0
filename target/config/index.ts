export { captureFrom } from './capture.js';
export * from './config-error.js';
export * from './config-file.js';
export { parseInitiatorAccess } from './initiator-access.js';
export { parseLunSpec } from './lun-spec.js';
export { parsePortal, parseTargetPortal } from './portal.js';
export { readSecretFile } from './secret.js';
