/** What survives power loss. */
export { lockStateDirectory, type StateDirectoryLock } from './directory-lock.js';
export { nodeFileSystem, type StateFileHandle, type StateFileSystem } from './file-system.js';
export { openStateStore, StateStoreError, type StateStore, type StateStoreOptions } from './state-store.js';
