import { formatPortal } from '../../protocol/index.js';
import type { PortalOptions } from '../options.js';
import type { AccessControl } from './access-control.js';
import { isLoopback } from './loopback.js';

/**
 * A portal that other machines reach must not be open to whoever finds it: throws RangeError for one where somebody
 * could log in without CHAP.
 */
export function refuseOpenPortals(portals: readonly PortalOptions[], access: AccessControl): void {
  if (access.everybodyAuthenticates) return;
  const open = portals.find(({ host }) => !isLoopback(host));
  if (open === undefined) return;
  throw new RangeError(
    `portal ${formatPortal(open)}: other machines could read and write every LUN without authentication; ` +
      'expected CHAP for every initiator, a loopback address, or --insecure',
  );
}
