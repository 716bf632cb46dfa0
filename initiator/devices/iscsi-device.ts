import type { LogicalUnitPath } from '../../protocol/index.js';
import { formatIscsiUrl } from '../url.js';
import type { IscsiUrl } from '../url.js';
import { attachLogicalUnit, requireLogicalUnit } from './attach.js';
import { DeviceOpenError, messageOf } from './errors.js';
import type { LoginSettings } from './login-settings.js';
import type { NexusIdentity } from './nexus-identity.js';
import { lockNexus } from './nexus-lock.js';
import type { NexusLockOptions } from './nexus-lock.js';
import { connectNexus } from './nexus-session.js';
import type { NexusSession } from './nexus-session.js';

/** Logs in as `identity` and attaches to the LU; closing the path ends the session. Throws DeviceOpenError. */
export async function openIscsiDevice(
  url: IscsiUrl,
  identity: NexusIdentity,
  settings: LoginSettings,
  lockOptions: NexusLockOptions,
): Promise<LogicalUnitPath> {
  const lock = await lockNexus(identity, lockOptions);
  let session: NexusSession | undefined;
  const close = async (): Promise<void> => {
    try {
      await session?.logout();
    } finally {
      lock.release();
    }
  };
  try {
    session = await connectNexus(identity, settings);
    const attached = await attachLogicalUnit(session.path(url.lun));
    requireLogicalUnit(attached, formatIscsiUrl(url));
    return { name: formatIscsiUrl(url), execute: (cdb, more) => attached.execute(cdb, more), close };
  } catch (error) {
    await close();
    if (error instanceof DeviceOpenError) throw error;
    throw new DeviceOpenError('ENXIO', `${formatIscsiUrl(url)}: ${messageOf(error)}`, { cause: error });
  }
}
