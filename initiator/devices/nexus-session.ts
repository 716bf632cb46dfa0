import type { LogicalUnitPath } from '../../protocol/index.js';
import { connectIscsi } from '../iscsi/session.js';
import { KEEP_ALIVE_MS } from '../limits.js';
import type { LoginSettings } from './login-settings.js';
import type { NexusIdentity } from './nexus-identity.js';

/** A session as the nexus of a host, or of a tool, needs it. */
export interface NexusSession {
  path(lun: number): LogicalUnitPath;
  /** Settles when the session is over, for whatever reason. */
  readonly ended: Promise<unknown>;
  logout(): Promise<void>;
}

/**
 * Logs in as `identity`. The session does not come back by itself: who owns the nexus logs in again, since each LU
 * must then be attached again.
 */
export async function connectNexus(identity: NexusIdentity, settings: LoginSettings): Promise<NexusSession> {
  const session = await connectIscsi({
    host: identity.host,
    port: identity.port,
    targetName: identity.targetName,
    initiatorName: identity.initiatorName,
    isid: identity.isid,
    keepAliveMs: KEEP_ALIVE_MS,
    ...settings,
  });
  const ended = new Promise<void>((resolve) => {
    session.onEvent((event) => {
      if (event.type === 'closed') resolve();
    });
    // It may have ended between the login and this moment.
    if (session.parameters === undefined) resolve();
  });
  return { path: (lun) => session.path(lun), ended, logout: () => session.close() };
}
