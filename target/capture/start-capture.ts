import type { AccessControl } from '../access/index.js';
import type { EventHub } from '../event-hub.js';
import type { ManagedDeviceServer } from '../logical-unit/device-server.js';
import type { TargetOptions } from '../options.js';
import { Capture } from './capture.js';

/** The capture that a target is to have, if any. Throws an Error with one line for the user where it cannot be written. */
export function startCapture(
  { iqn, capture: wanted }: TargetOptions,
  deviceServer: ManagedDeviceServer,
  events: EventHub,
  access: AccessControl,
): Capture | undefined {
  if (wanted === undefined) return undefined;
  const capture = new Capture(wanted, {
    iqn,
    reservationsOf: ({ initiatorPort }, seenAs) => {
      const map = access.lunMapOf(initiatorPort);
      const lun = map === undefined ? seenAs : map.get(seenAs);
      return lun !== undefined && deviceServer.luns.includes(lun)
        ? deviceServer.reservations(lun)
        : undefined;
    },
  });
  events.subscribe((event) => {
    capture.happened(event);
  });
  return capture;
}
