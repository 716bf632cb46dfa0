export * from './collect.js';
export { findingLines } from './findings.js';
export { jsonReport } from './json-report.js';
export { Progress } from './progress.js';
export { seedsJson, seedsTable, type SeedsReport } from './seeds.js';
export { junitReport, type JunitCase } from './junit-report.js';
export { PLAIN, styleFor, type Style } from './style.js';
export { Timeline } from './timeline.js';
export { verdictTable } from './verdict-table.js';
