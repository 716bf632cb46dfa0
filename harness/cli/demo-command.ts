import { demoScenarios } from '../scenario/demo.js';
import type { CliContext } from './context.js';
import { exitStatusOf, playAll, type Player } from './play.js';
import { playScenario } from './player.js';

/** The options of `fencelab demo` as they were typed. */
export interface DemoArguments {
  readonly step?: true;
}

/** The main job: the failover from physical node to virtual machine and back, over sockets and with processes. */
export async function demo(
  typed: DemoArguments,
  context: CliContext,
  player: Player = playScenario,
): Promise<number> {
  const scenarios = await demoScenarios();
  const plays = scenarios.map((scenario) => ({ scenario, runtime: 'processes' as const }));
  return exitStatusOf(await playAll(plays, player, context, { step: typed.step === true }));
}
