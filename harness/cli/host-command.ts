import { runHost } from '../../initiator/index.js';
import type { CliContext } from './context.js';
import { UsageError } from './one-line.js';

/** The arguments of `fencelab host` as they were typed. */
export interface HostArguments {
  readonly devices: readonly string[];
  readonly initiator?: string | undefined;
  readonly socket: string;
  /** Milliseconds, as typed. */
  readonly replacementTimeout?: string | undefined;
}

/** Runs a host until it is stopped. */
export async function host(typed: HostArguments, context: CliContext): Promise<number> {
  const { devices, initiator, socket, replacementTimeout } = typed;
  if (replacementTimeout !== undefined && !/^\d{1,9}$/.test(replacementTimeout)) {
    throw new UsageError(
      `--replacement-timeout ${replacementTimeout}: expected milliseconds, a whole number`,
    );
  }
  return runHost(
    {
      devices,
      socketPath: socket,
      ...(initiator === undefined ? {} : { initiatorName: initiator }),
      ...(replacementTimeout === undefined ? {} : { replacementTimeoutMs: Number(replacementTimeout) }),
    },
    context,
    context.stop(),
  );
}
