import { Type } from 'typebox';
import { sharersOf } from '../../cluster/placement.js';
import { closed, Duration, durationMs, Name } from '../schema/words.js';
import { Steps, type PlayContext, type Step, type StepHandlers } from './step.js';

/** Guests and servers that move, and what becomes of their nexus. */
export const moveStepSchemas = {
  /** A guest moves live to another host: what is under way ends first, then it goes on there. */
  vmotion: Type.Object(
    {
      node: Name,
      to: Name,
      /** How long it stands still. */
      frozen: Type.Optional(Duration),
      /** What happens while it stands still. */
      during: Type.Optional(Steps),
    },
    { ...closed, description: 'node and to, and frozen, during' },
  ),
  /** A host dies, and all its guests with it. */
  crashHost: Type.Object({ host: Name }, { ...closed, description: 'host' }),
  /** VMware HA boots a dead guest on another host. */
  haRestart: Type.Object({ node: Name, to: Name }, { ...closed, description: 'node and to' }),
  /** A guest that moved registers its key by the nexus that it has now, and takes over what its old one held. */
  registerAgain: Type.Object({ package: Name, node: Name }, { ...closed, description: 'package and node' }),
} as const;

export const moveSteps: StepHandlers<typeof moveStepSchemas> = {
  vmotion: async ({ node, to, frozen = '2s', during = [] }, context) => {
    const { runtime } = context;
    if (!mayMove(node, context)) return;
    tell(node, `moves live from ${runtime.placeOf(node).host ?? ''} to ${to}: I/O comes to rest`, context);
    await runtime.quiesce(node);
    await runtime.relocate(node, to);
    await standStill(node, durationMs(frozen), during, context);
    await runtime.resume(node);
    tellArrival(node, context);
  },

  crashHost: ({ host }, { nodes }) => nodes.crashHost(host),

  haRestart: async ({ node, to }, context) => {
    const dead = context.nodes.state(node) === 'crashed';
    context.ledger.check(`${node} is dead and can be restarted on ${to}`, dead);
    if (!dead) return;
    await context.nodes.restart(node, to);
    tellArrival(node, context);
  },

  registerAgain: async ({ package: packageName, node }, { packages, ledger, play }) => {
    const instance = packages.running(packageName).find((one) => one.node === node);
    ledger.check(`${packageName} runs on ${node} and can register again`, instance !== undefined);
    if (instance !== undefined) await packages.registerAgain(instance, { interrupt: play });
  },
};

/** Only a guest that runs can be moved live. */
function mayMove(node: string, { runtime, nodes, ledger }: PlayContext): boolean {
  const may = runtime.placeOf(node).host !== null && nodes.state(node) === 'up';
  ledger.check(`${node} is a guest that runs, and can move`, may);
  return may;
}

/** The guest is stopped, with what happens meanwhile; the time counts from its beginning. */
async function standStill(
  node: string,
  forMs: number,
  during: readonly Step[],
  { runtime, nodes, play, ledger }: PlayContext,
): Promise<void> {
  const { clock } = runtime;
  const untilMs = clock.now() + forMs;
  await nodes.hang(node);
  await play(during);
  const waitMs = Math.max(0, untilMs - clock.now());
  const realMs = await clock.wait(waitMs);
  ledger.show({ type: 'wait', waitMs, realMs, why: `${node} stands still` });
  await nodes.wake(node);
}

function tell(node: string, text: string, { ledger }: PlayContext): void {
  ledger.show({ type: 'move', node, text });
}

/** Says where a node is now, and who it can no longer be told from. */
function tellArrival(node: string, context: PlayContext): void {
  const { scenario, runtime } = context;
  const { host, port } = runtime.placeOf(node);
  const sharers = sharersOf(scenario.site, node, (other) => runtime.placeOf(other));
  const box = sharers.length === 0 ? '' : `; the array cannot tell it from ${sharers.join(', ')}`;
  tell(node, `is on ${host ?? port}; its nexus is that of ${port}${box}`, context);
}
