export * from './admin/index.js';
export * from './config/index.js';
export { createTarget } from './create-target.js';
export type * from './events.js';
export type * from './options.js';
