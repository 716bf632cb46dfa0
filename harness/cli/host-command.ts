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
  readonly machine?: string | undefined;
  readonly keepTrying?: boolean | undefined;
  readonly untilEof?: boolean | undefined;
}

/** Runs a host until it is stopped. */
export async function host(typed: HostArguments, context: CliContext): Promise<number> {
  const { devices, initiator, socket, machine, replacementTimeout, keepTrying, untilEof } = typed;
  if (replacementTimeout !== undefined && !/^\d{1,9}$/.test(replacementTimeout)) {
    throw new UsageError(
      `--replacement-timeout ${replacementTimeout}: expected milliseconds, a whole number`,
    );
  }
  return runHost(
    {
      devices,
      socketPath: socket,
      keepTrying: keepTrying ?? false,
      ...(initiator === undefined ? {} : { initiatorName: initiator }),
      ...(machine === undefined ? {} : { machine }),
      ...(replacementTimeout === undefined ? {} : { replacementTimeoutMs: Number(replacementTimeout) }),
    },
    context,
    untilEof === true ? AbortSignal.any([context.stop(), endOf(context.stdin)]) : context.stop(),
  );
}

/** Aborted when `input` ends, however the process at the other end of it went. */
function endOf(input: NodeJS.ReadableStream): AbortSignal {
  const ended = new AbortController();
  for (const event of ['end', 'error', 'close'] as const) {
    input.once(event, () => {
      ended.abort(event);
    });
  }
  input.resume();
  return ended.signal;
}
