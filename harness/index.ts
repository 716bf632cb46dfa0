export { hexDump } from './oracle/hex-dump.js';
export { judge } from './oracle/judge.js';
export * from './oracle/record.js';
export * from './oracle/types.js';
export type * from './scenario/events.js';
