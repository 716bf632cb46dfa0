import { runScenario } from '../scenario/runner.js';
import type { Player } from './play.js';

/** Plays a scenario for real: in memory, or with a process for each node. */
export const playScenario: Player = (
  { scenario, runtime, external, seed, login },
  { onEvent, pause, stop },
) => runScenario(scenario, { runtime, external, seed, login, onEvent, step: pause, stop });
