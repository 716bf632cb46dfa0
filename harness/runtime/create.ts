import type { Target } from '../../target/index.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RuntimeKind } from '../scenario/events.js';
import type { ArrayThatIsThere } from './external/array-that-is-there.js';
import { MemoryRuntime } from './memory/memory-runtime.js';
import { BuiltInArray } from './processes/built-in-array.js';
import type { LoginDemands } from './processes/login-demands.js';
import { ProcessesRuntime } from './processes/processes-runtime.js';
import { inOrder } from './ordered-runtime.js';
import type { RecordingOrder, ReplayingOrder } from './order.js';
import type { Runtime } from './runtime.js';

export interface RuntimeOptions {
  readonly runtime: RuntimeKind;
  readonly seed: number;
  readonly realMsPerSecond?: number | undefined;
  readonly onStarted?: ((pid: number) => void) | undefined;
  readonly external?: ArrayThatIsThere | undefined;
  /** Over sockets, on our own array: writes down the order of the run. */
  readonly record?: RecordingOrder | undefined;
  /** In memory: the order that is brought about, in the place of one that the seed decides. */
  readonly replay?: ReplayingOrder | undefined;
  /** Over sockets, on our own array: what each login must come with. */
  readonly login?: LoginDemands | undefined;
  readonly onTarget?: ((target: Target) => void) | undefined;
}

/** A wait of 70 s passes in 0.7 s. */
const REAL_MS_PER_SECOND = 10;

/** Builds what a scenario is played on. */
export async function createRuntime(scenario: Scenario, options: RuntimeOptions): Promise<Runtime> {
  const { seed, onTarget, record, replay } = options;
  switch (options.runtime) {
    case 'memory': {
      const runtime = await MemoryRuntime.start(scenario.site, seed, onTarget, replay);
      return replay === undefined ? runtime : inOrder(runtime, replay, 'replay');
    }
    case 'processes': {
      const runtime = await overSockets(scenario, options);
      return record === undefined ? runtime : inOrder(runtime, record, 'record');
    }
  }
}

async function overSockets({ site }: Scenario, options: RuntimeOptions): Promise<Runtime> {
  const array = await (options.external === undefined
    ? BuiltInArray.start(site.array, options)
    : options.external.arrayFor(site.array));
  return ProcessesRuntime.start(site, array, {
    realMsPerSecond: options.realMsPerSecond ?? REAL_MS_PER_SECOND,
    onStarted: options.onStarted,
  });
}
