import type { TextPair } from '../../protocol/index.js';
import { LOGIN_TIMEOUT_MS, LOGOUT_TIMEOUT_MS } from '../limits.js';
import { openConnection } from './connection.js';
import { ConnectionLostError } from './errors.js';
import type { IscsiLoginOptions, IscsiPortal } from './options.js';
import { parseTargetAddress, type TargetAddress } from './target-address.js';

/** A target that SendTargets reported, and the portals where it is. */
export interface DiscoveredTarget {
  readonly targetName: string;
  readonly addresses: readonly TargetAddress[];
}

/** Reads the answer to SendTargets (RFC 7143 appendix C); a target without addresses is at the portal asked. */
export function readSendTargets(pairs: readonly TextPair[], asked: IscsiPortal): readonly DiscoveredTarget[] {
  const targets: { targetName: string; addresses: TargetAddress[] }[] = [];
  for (const [key, value] of pairs) {
    if (key === 'TargetName') targets.push({ targetName: value, addresses: [] });
    const address = key === 'TargetAddress' ? parseTargetAddress(value) : undefined;
    if (address !== undefined) targets.at(-1)?.addresses.push(address);
  }
  return targets.map(({ targetName, addresses }) => ({
    targetName,
    addresses: addresses.length > 0 ? addresses : [{ ...asked, portalGroupTag: undefined }],
  }));
}

/**
 * The targets behind a portal, by a discovery session.
 *
 * @throws IscsiLoginError, ConnectionLostError, IscsiProtocolError
 */
export async function discover(options: IscsiLoginOptions): Promise<readonly DiscoveredTarget[]> {
  const { connection } = await openConnection(options, undefined, {
    received: () => undefined,
    asynchronousMessage: () => undefined,
    closed: () => undefined,
  });
  const giveUpAfter = (timeoutMs: number): NodeJS.Timeout =>
    setTimeout(() => {
      connection.drop(new ConnectionLostError(`the target did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
  let timer = giveUpAfter(options.loginTimeoutMs ?? LOGIN_TIMEOUT_MS);
  try {
    const pairs = await connection.phase.exchanges.text([['SendTargets', 'All']]);
    clearTimeout(timer);
    timer = giveUpAfter(LOGOUT_TIMEOUT_MS);
    // The answer is there; a target that closes at once instead of answering the logout does no harm.
    await connection.phase.exchanges.logout().catch(() => undefined);
    return readSendTargets(pairs, connection.portal);
  } finally {
    clearTimeout(timer);
    connection.drop(new ConnectionLostError('the discovery session has ended'));
  }
}
