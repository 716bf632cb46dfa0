export * from './admin/index.js';
export * from './config/index.js';
export type * from './events.js';
export type * from './options.js';
