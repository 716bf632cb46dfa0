export { attachLogicalUnit, AttachedPath, unitAttentionOf } from './attach.js';
export { parseDeviceMap, readDeviceMap, type DeviceEntry, type DeviceMap } from './device-map.js';
export { DeviceIoError, DeviceMapError, DeviceOpenError, type ErrnoName } from './errors.js';
export { loginSettings, type LoginSettings } from './login-settings.js';
export { isMediumRead, isMediumWrite } from './medium-commands.js';
export {
  deriveIsid,
  localInitiatorName,
  formatIsid,
  nexusIdentity,
  nexusIdentityName,
  type NexusIdentity,
} from './nexus-identity.js';
export { lockNexus, type NexusLock, type NexusLockOptions } from './nexus-lock.js';
export { openDevice, sessionOfDevice, type OpenDeviceOptions } from './open-device.js';
