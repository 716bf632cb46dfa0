export { attachLogicalUnit, AttachedPath, unitAttentionOf } from './attach.js';
export {
  DeviceMapError,
  parseDeviceMap,
  readDeviceMap,
  type DeviceEntry,
  type DeviceMap,
} from './device-map.js';
export { DeviceIoError, DeviceOpenError, type ErrnoName } from './errors.js';
export { isMediumRead, isMediumWrite } from './medium-commands.js';
export {
  deriveIsid,
  localInitiatorName,
  nexusIdentity,
  nexusIdentityName,
  type NexusIdentity,
} from './nexus-identity.js';
export { lockNexus, type NexusLock, type NexusLockOptions } from './nexus-lock.js';
export { openDevice, type OpenDeviceOptions } from './open-device.js';
