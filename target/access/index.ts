export { AccessControl, type AuthenticationDemand } from './access-control.js';
export { isLoopback, isLoopbackHostHeader } from './loopback.js';
export { refuseOpenPortals } from './open-portals.js';
