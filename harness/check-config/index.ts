export { askArray, parseLunAddress } from './ask-array.js';
export { findingsJson } from './findings-json.js';
export { findingsTable } from './findings-table.js';
export { loadConfiguration } from './load-configuration.js';
