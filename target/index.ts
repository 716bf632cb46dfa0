export * from './admin/index.js';
export * from './config/index.js';
export { createTarget } from './create-target.js';
export type * from './events.js';
export { quirkNamed, QUIRKS, type Deviation, type Quirk } from './faults/quirks/index.js';
export { profileNamed, PROFILES, type Profile } from './faults/quirks/profiles.js';
export { AbortedInMemoryError, type InMemoryPath } from './logical-unit/in-memory-path.js';
export type * from './options.js';
