/** What survives power loss. */
export { nodeFileSystem, type StateFileHandle, type StateFileSystem } from './file-system.js';
export { openStateStore, StateStoreError, type StateStore, type StateStoreOptions } from './state-store.js';
