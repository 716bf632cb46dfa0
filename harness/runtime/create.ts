import type { Target } from '../../target/index.js';
import type { Scenario } from '../scenario/scenario.js';
import type { RuntimeKind } from '../scenario/events.js';
import type { ExternalTarget } from './external/external-target.js';
import { MemoryRuntime } from './memory/memory-runtime.js';
import { BuiltInArray } from './processes/built-in-array.js';
import { ProcessesRuntime } from './processes/processes-runtime.js';
import type { Runtime } from './runtime.js';

export interface RuntimeOptions {
  readonly runtime: RuntimeKind;
  readonly seed: number;
  readonly realMsPerSecond?: number | undefined;
  readonly onStarted?: ((pid: number) => void) | undefined;
  readonly external?: ExternalTarget | undefined;
  readonly onTarget?: ((target: Target) => void) | undefined;
}

/** A wait of 70 s passes in 0.7 s. */
const REAL_MS_PER_SECOND = 10;

/** Builds what a scenario is played on. */
export function createRuntime(scenario: Scenario, options: RuntimeOptions): Promise<Runtime> {
  switch (options.runtime) {
    case 'memory':
      return MemoryRuntime.start(scenario.site, options.seed, options.onTarget);
    case 'processes':
      return overSockets(scenario, options);
  }
}

async function overSockets({ site }: Scenario, options: RuntimeOptions): Promise<Runtime> {
  const array = await (options.external === undefined
    ? BuiltInArray.start(site.array, options.onTarget)
    : options.external.arrayFor(site.array));
  return ProcessesRuntime.start(site, array, {
    realMsPerSecond: options.realMsPerSecond ?? REAL_MS_PER_SECOND,
    onStarted: options.onStarted,
  });
}
