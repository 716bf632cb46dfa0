import { runHost } from '../../initiator/index.js';
import type { CliContext } from './context.js';

/** The arguments of `fencelab host` as they were typed. */
export interface HostArguments {
  readonly devices: readonly string[];
  readonly initiator?: string | undefined;
  readonly socket: string;
}

/** Runs a host until it is stopped. */
export async function host(typed: HostArguments, context: CliContext): Promise<number> {
  const { devices, initiator, socket } = typed;
  return runHost(
    { devices, socketPath: socket, ...(initiator === undefined ? {} : { initiatorName: initiator }) },
    context,
    context.stop(),
  );
}
