export { connectHostSocket, HostClient } from './client.js';
export type { HeldWrite } from './control.js';
export { BadDeviceSpecError, parseHostDevice, type HostDeviceOptions } from './device-spec.js';
export { HostDevice, type RawDeviceMapping } from './host-device.js';
export { Host, type HostOptions } from './host.js';
export { InFlight } from './in-flight.js';
export { runHost, type RunHostOptions, type RunHostOutput } from './run-host.js';
export { WriteHold } from './write-hold.js';
