import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { BadUrlError, formatIscsiUrl, looksLikeUrl, parseIscsiUrl } from '../url.js';
import type { IscsiUrl } from '../url.js';
import { attachLogicalUnit, requireLogicalUnit } from './attach.js';
import { DeviceMapError, readDeviceMap } from './device-map.js';
import type { DeviceEntry } from './device-map.js';
import { DeviceIoError, DeviceOpenError, messageOf } from './errors.js';
import { isMediumWrite } from './medium-commands.js';
import { localInitiatorName, nexusIdentity } from './nexus-identity.js';
import type { NexusIdentity } from './nexus-identity.js';
import { lockNexus } from './nexus-lock.js';
import type { NexusLockOptions } from './nexus-lock.js';
import { connectNexus } from './nexus-session.js';
import type { NexusSession } from './nexus-session.js';

export interface OpenDeviceOptions {
  /** Commands that would write the medium are refused with EPERM, as of a descriptor opened for reading. */
  readonly readOnly: boolean;
  /** Where FENCELAB_DEVICES and FENCELAB_INITIATOR are looked up. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long to wait for another process that owns the nexus. */
  readonly lockWaitMs?: number;
}

/**
 * Opens DEVICE as the command line names it: an `iscsi://` URL, or a name in the device map (FENCELAB_DEVICES). Closing
 * the path ends the session and lets the next process have the nexus. Throws DeviceOpenError.
 */
export async function openDevice(name: string, options: OpenDeviceOptions): Promise<LogicalUnitPath> {
  const environment = options.environment ?? process.env;
  const entry = findDevice(name, environment);
  const path =
    entry.kind === 'socket'
      ? await openHostDevice(entry.socketPath, entry.device)
      : await openIscsi(entry.url, entryIdentity(entry, environment), options);
  return options.readOnly ? new ReadOnlyPath(path) : path;
}

/** Loaded when needed: the schemas of the socket's protocol take longer to load than most runs of a tool. */
async function openHostDevice(socketPath: string, device: string): Promise<LogicalUnitPath> {
  const { connectHostSocket } = await import('../host/client.js');
  return connectHostSocket(socketPath, device);
}

function findDevice(name: string, environment: NodeJS.ProcessEnv): DeviceEntry {
  try {
    if (looksLikeUrl(name)) return { kind: 'iscsi', url: parseIscsiUrl(name) };
    const file = environment['FENCELAB_DEVICES'];
    const entry = file === undefined || file === '' ? undefined : readDeviceMap(file).get(name);
    if (entry !== undefined) return entry;
    const where =
      file === undefined || file === '' ? 'FENCELAB_DEVICES names no device map' : `not in ${file}`;
    throw new DeviceOpenError(
      'ENOENT',
      `no such device: neither an iscsi:// URL nor in the device map (${where})`,
    );
  } catch (error) {
    if (error instanceof BadUrlError || error instanceof DeviceMapError) {
      throw new DeviceOpenError('EINVAL', error.message, { cause: error });
    }
    throw error;
  }
}

function entryIdentity(
  entry: DeviceEntry & { kind: 'iscsi' },
  environment: NodeJS.ProcessEnv,
): NexusIdentity {
  return nexusIdentity(entry.url, entry.initiatorName ?? localInitiatorName(environment), entry.isid);
}

async function openIscsi(
  url: IscsiUrl,
  identity: NexusIdentity,
  options: OpenDeviceOptions,
): Promise<LogicalUnitPath> {
  const lockOptions: NexusLockOptions =
    options.lockWaitMs === undefined ? {} : { waitMs: options.lockWaitMs };
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
    session = await connectNexus(identity, url.chap);
    const attached = await attachLogicalUnit(session.path(url.lun));
    requireLogicalUnit(attached, formatIscsiUrl(url));
    return { name: formatIscsiUrl(url), execute: (cdb, more) => attached.execute(cdb, more), close };
  } catch (error) {
    await close();
    if (error instanceof DeviceOpenError) throw error;
    throw new DeviceOpenError('ENXIO', `${formatIscsiUrl(url)}: ${messageOf(error)}`, { cause: error });
  }
}

class ReadOnlyPath implements LogicalUnitPath {
  readonly name: string;
  readonly #path: LogicalUnitPath;

  constructor(path: LogicalUnitPath) {
    this.name = path.name;
    this.#path = path;
  }

  execute(cdb: Uint8Array, options?: ExecuteOptions): Promise<ScsiResult> {
    if (isMediumWrite(cdb)) {
      return Promise.reject(new DeviceIoError('EPERM', `${this.name} is open for reading only`));
    }
    return this.#path.execute(cdb, options);
  }

  close(): Promise<void> {
    return this.#path.close();
  }
}
