import type { Scenario } from '../scenario/scenario.js';
import type { RuntimeKind } from '../scenario/events.js';
import { MemoryRuntime } from './memory/memory-runtime.js';
import type { Runtime } from './runtime.js';

export interface RuntimeOptions {
  readonly runtime: RuntimeKind;
  readonly seed?: number | undefined;
  readonly realMsPerSecond?: number | undefined;
}

/** Builds what a scenario is played on. */
export function createRuntime(scenario: Scenario, options: RuntimeOptions): Promise<Runtime> {
  return MemoryRuntime.start(scenario.site, options.seed ?? 1);
}
