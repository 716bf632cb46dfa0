import type { ExecuteOptions, LogicalUnitPath, ScsiResult } from '../../protocol/index.js';
import { BadCommandLineError, looksLikeCommandLine, parseCommandLine } from '../exec/command-line.js';
import { BadUrlError, looksLikeUrl, parseIscsiUrl } from '../url.js';
import type { DeviceEntry } from './device-map.js';
import { DeviceIoError, DeviceMapError, DeviceOpenError } from './errors.js';
import { loginSettings } from './login-settings.js';
import { isMediumWrite } from './medium-commands.js';
import { localInitiatorName, nexusIdentity, nexusIdentityName } from './nexus-identity.js';
import type { NexusIdentity } from './nexus-identity.js';
import { looksLikeSocketName, parseSocketName } from './socket-name.js';

export interface OpenDeviceOptions {
  /** Commands that would write the medium are refused with EPERM, as of a descriptor opened for reading. */
  readonly readOnly: boolean;
  /** Where FENCELAB_DEVICES, FENCELAB_INITIATOR and what `loginSettings` names are looked up. Default: this process's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How long to wait for another process that owns the nexus. */
  readonly lockWaitMs?: number;
}

/**
 * Opens DEVICE as the command line names it: an `iscsi://` URL, `exec:` and a command line, `socket:PATH#DEVICE` of a
 * running host, or a name in the device map (FENCELAB_DEVICES). Closing the path ends the session and lets the next process have the nexus. Throws DeviceOpenError.
 */
export async function openDevice(name: string, options: OpenDeviceOptions): Promise<LogicalUnitPath> {
  const environment = options.environment ?? process.env;
  const entry = await findDevice(name, environment);
  const path = await openEntry(entry, environment, options);
  return options.readOnly ? new ReadOnlyPath(path) : path;
}

/**
 * The nexus whose session this process would own with the device open; undefined where somebody else owns the nexus. Two
 * devices with one name here cannot be open at once. Throws DeviceOpenError.
 */
export async function sessionOfDevice(
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const entry = await findDevice(name, environment);
  return entry.kind === 'iscsi' ? nexusIdentityName(entryIdentity(entry, environment)) : undefined;
}

/** Each way is loaded when it is taken: in a script that calls a tool often, loading is most of a run. */
async function openEntry(
  entry: DeviceEntry,
  environment: NodeJS.ProcessEnv,
  { readOnly, lockWaitMs }: OpenDeviceOptions,
): Promise<LogicalUnitPath> {
  if (entry.kind === 'socket') {
    const { connectHostSocket } = await import('../host/client.js');
    return connectHostSocket(entry.socketPath, entry.device);
  }
  if (entry.kind === 'exec') {
    const { openExecDevice } = await import('../exec/exec-device.js');
    return openExecDevice(entry.line, { readOnly });
  }
  const identity = entryIdentity(entry, environment);
  const { openIscsiDevice } = await import('./iscsi-device.js');
  const settings = loginSettings(entry.chap ?? entry.url.chap, environment);
  return openIscsiDevice(
    entry.url,
    identity,
    settings,
    lockWaitMs === undefined ? {} : { waitMs: lockWaitMs },
  );
}

async function findDevice(name: string, environment: NodeJS.ProcessEnv): Promise<DeviceEntry> {
  try {
    if (looksLikeUrl(name)) return { kind: 'iscsi', url: parseIscsiUrl(name) };
    if (looksLikeSocketName(name)) return socketEntry(name);
    if (looksLikeCommandLine(name)) return { kind: 'exec', line: parseCommandLine(name) };
    const file = environment['FENCELAB_DEVICES'];
    const entry = file === undefined || file === '' ? undefined : await mappedDevice(file, name);
    if (entry !== undefined) return entry;
    const where =
      file === undefined || file === '' ? 'FENCELAB_DEVICES names no device map' : `not in ${file}`;
    throw new DeviceOpenError(
      'ENOENT',
      `no such device: not an iscsi:// URL, exec: or socket:, nor in the device map (${where})`,
    );
  } catch (error) {
    if (
      error instanceof BadUrlError ||
      error instanceof BadCommandLineError ||
      error instanceof DeviceMapError
    ) {
      throw new DeviceOpenError('EINVAL', error.message, { cause: error });
    }
    throw error;
  }
}

function socketEntry(name: string): DeviceEntry {
  const socket = parseSocketName(name);
  if (socket === undefined) {
    throw new DeviceOpenError('EINVAL', `bad device "${name}": expected socket:PATH#DEVICE`);
  }
  return { kind: 'socket', ...socket };
}

async function mappedDevice(file: string, name: string): Promise<DeviceEntry | undefined> {
  const { readDeviceMap } = await import('./device-map.js');
  return readDeviceMap(file).get(name);
}

function entryIdentity(
  entry: DeviceEntry & { kind: 'iscsi' },
  environment: NodeJS.ProcessEnv,
): NexusIdentity {
  return nexusIdentity(entry.url, entry.initiatorName ?? localInitiatorName(environment), entry.isid);
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
