import { whyNoIscsiName } from '../../protocol/index.js';
import { DeviceOpenError } from '../devices/errors.js';

import { BadDeviceSpecError, parseHostDevice } from './device-spec.js';
import type { HostDeviceOptions } from './device-spec.js';
import { Host } from './host.js';

/** `fencelab host --initiator IQN --socket PATH DEVICE=URL...` */
export interface RunHostOptions {
  /** Not needed where every device is another host's. */
  readonly initiatorName?: string;
  readonly socketPath: string;
  /** `DEVICE=URL` or `DEVICE=socket:PATH#device`, as parseHostDevice reads them. */
  readonly devices: readonly string[];
  /** The machine that it stands for, see HostOptions. */
  readonly machine?: string;
  /** How long commands wait for a lost session. */
  readonly replacementTimeoutMs?: number;
  /** See HostOptions. */
  readonly keepTrying?: boolean;
}

export interface RunHostOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Runs a host until `stop` is aborted (SIGTERM or SIGINT, at the command line). Prints one line when it listens.
 * Yields the exit status: 0, or 2 if it could not start.
 */
export async function runHost(
  options: RunHostOptions,
  output: RunHostOutput,
  stop: AbortSignal,
): Promise<number> {
  let host: Host;
  try {
    host = await startHost(options);
  } catch (error) {
    if (!(error instanceof DeviceOpenError || error instanceof BadDeviceSpecError)) throw error;
    output.stderr.write(`fencelab host: ${error.message}\n`);
    return 2;
  }
  output.stdout.write(
    `fencelab host ${host.name} listens on ${host.socketPath}: ${host.deviceNames.join(' ')}\n`,
  );
  if (!stop.aborted) {
    await new Promise((resolve) => {
      stop.addEventListener('abort', resolve, { once: true });
    });
  }
  await host.close();
  return 0;
}

async function startHost(options: RunHostOptions): Promise<Host> {
  const { initiatorName } = options;
  const wrongName = initiatorName === undefined ? undefined : whyNoIscsiName(initiatorName);
  if (wrongName !== undefined) throw new DeviceOpenError('EINVAL', wrongName);
  const devices: HostDeviceOptions[] = options.devices.map(parseHostDevice);
  if (devices.length === 0) throw new DeviceOpenError('EINVAL', 'expected at least one DEVICE=URL');
  return Host.start({
    socketPath: options.socketPath,
    devices,
    ...(initiatorName === undefined ? {} : { initiatorName }),
    ...(options.machine === undefined ? {} : { machine: options.machine }),
    keepTrying: options.keepTrying ?? false,
    ...(options.replacementTimeoutMs === undefined
      ? {}
      : { replacementTimeoutMs: options.replacementTimeoutMs }),
  });
}
