import { Type } from 'typebox';
import { nodeOf, type PackageModel } from '../../cluster/model.js';
import { placeOn, sharersOf, type Place } from '../../cluster/placement.js';
import { startElsewhere } from '../membership/take-over.js';
import { closed, Duration, durationMs, Name } from '../schema/words.js';
import { Steps, type PlayContext, type Step, type StepHandlers } from './step.js';

/** The first three phases take about 15 s together and the guest runs on; then it stands still for about 7 s. */
const phases = {
  node: Name,
  to: Name,
  init: Type.Optional(Duration),
  copy: Type.Optional(Duration),
  quiesce: Type.Optional(Duration),
  frozen: Type.Optional(Duration),
  during: Type.Optional(Steps),
} as const;

/** Guests that move, and what becomes of their nexus. */
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
  /** Online migration of Integrity VM, with its phases. */
  migrate: Type.Object(phases, {
    ...closed,
    description: 'node and to, and init, copy, quiesce, frozen, during',
  }),
  /** The same with the failover of what runs on the guest switched off meanwhile. */
  hpvmsg_move: Type.Object(phases, {
    ...closed,
    description: 'node and to, and init, copy, quiesce, frozen, during',
  }),
  /** The Virtual Connect profile of a node goes to another server, and its initiator port with it. */
  moveProfile: Type.Object({ node: Name, to: Name }, { ...closed, description: 'node and to' }),
  /** The image of a node is brought to a host or another server, where it has another initiator port. */
  replaceServer: Type.Object({ node: Name, to: Name }, { ...closed, description: 'node and to' }),
  /** A host dies, and all its guests with it. */
  crashHost: Type.Object({ host: Name }, { ...closed, description: 'host' }),
  /** VMware HA boots a dead guest on another host. */
  haRestart: Type.Object({ node: Name, to: Name }, { ...closed, description: 'node and to' }),
  /** A guest that moved registers its key by the nexus that it has now, and takes over what its old one held. */
  registerAgain: Type.Object({ package: Name, node: Name }, { ...closed, description: 'package and node' }),
} as const;

export const moveSteps: StepHandlers<typeof moveStepSchemas> = {
  vmotion: async ({ node, to, frozen = '2s', during = [] }, context) => {
    const { runtime, nodes } = context;
    if (!mayMove(node, to, context)) return;
    tell(node, `moves live from ${runtime.placeOf(node).host ?? ''} to ${to}: I/O comes to rest`, context);
    await nodes.rest(node, `${node} moved live to ${to}`);
    await goOver({ node, to, frozen, during }, context);
  },

  migrate: (value, context) => migrate(value, context),

  hpvmsg_move: async (value, context) => {
    const { node } = value;
    const { packages, nodes, switching, membership } = context;
    const moved = packages.instances.filter((each) => each.node === node && each.state === 'running');
    const items = [...new Set(moved.map(({ item }) => item))];
    const switched = items.filter(({ name }) => switching.isOn(name));
    for (const { name } of switched) switching.set(name, undefined, false);
    tell(node, `failover is off for ${namesOf(items)}`, context);
    await migrate(value, context);
    // One that was missed for so long that it was removed has to reboot.
    const goesOn = nodes.state(node) === 'up' && membership.isMember(node);
    if (goesOn) for (const instance of moved) packages.regain(instance);
    for (const { name } of switched) switching.set(name, undefined, true);
    tell(node, `failover is as before for ${namesOf(items)}`, context);
    for (const { item, state } of moved) if (state === 'lost') await startIfDown(item, context);
  },

  moveProfile: async ({ node, to }, context) => {
    const { host, port } = context.runtime.placeOf(node);
    context.ledger.check(`${node} is a server, and has a profile that can move`, host === null);
    if (host !== null) return;
    await bootElsewhere(node, to, { host, port, session: 'own' }, context);
  },

  replaceServer: ({ node, to }, context) => {
    const isHost = context.scenario.site.hosts.some(({ name }) => name === to);
    const place: Place = isHost
      ? { host: to, port: to, session: 'hypervisor' }
      : { host: null, port: to, session: 'own' };
    return bootElsewhere(node, to, place, context);
  },

  crashHost: ({ host }, { nodes }) => nodes.crashHost(host),

  haRestart: async ({ node, to }, context) => {
    const dead = context.nodes.state(node) === 'crashed';
    context.ledger.check(`${node} is dead and can be restarted on ${to}`, dead);
    if (!dead || !context.nodes.canRunOn(to, node)) return;
    // It boots, so what ran there is gone, whether the cluster has missed it or not.
    context.packages.lose(node);
    await context.nodes.restart(node, placeOn(nodeOf(context.scenario.site, node), to));
    tellArrival(node, context);
  },

  registerAgain: async ({ package: packageName, node }, { packages, nodes, ledger, play }) => {
    const running = packages.running(packageName).find((one) => one.node === node);
    const instance = nodes.whyNotUp(node) === undefined ? running : undefined;
    ledger.check(`${packageName} runs on ${node} and can register again`, instance !== undefined);
    if (instance !== undefined) await packages.registerAgain(instance, { interrupt: play });
  },
};

/** A node boots at another place. What it leaves is not asked: it may be off, hang or run. */
async function bootElsewhere(node: string, to: string, place: Place, context: PlayContext): Promise<void> {
  const { packages, nodes } = context;
  if (!nodes.canRunOn(place.host, node)) return;
  const source = nodes.nextSourceOf(node);
  packages.leave(node, source);
  tell(node, `boots on ${to}; what it leaves is ${nodes.state(node)}, and called ${source}`, context);
  await nodes.replace(node, place);
  tellArrival(node, context);
}

/** A package that was lost meanwhile did not move, since its failover was off. */
async function startIfDown(item: PackageModel, context: PlayContext): Promise<void> {
  const { packages, membership, ledger, play } = context;
  if (packages.running(item.name).length > 0) return;
  const members = membership.members(item.cluster);
  const settled = await startElsewhere(item, members, { interrupt: play }, context);
  ledger.check(`${item.name} moves when its failover is on again`, settled);
}

const namesOf = (items: readonly PackageModel[]): string => items.map(({ name }) => name).join(', ');

interface Migration {
  readonly node: string;
  readonly to: string;
  readonly init?: string | undefined;
  readonly copy?: string | undefined;
  readonly quiesce?: string | undefined;
  readonly frozen?: string | undefined;
  readonly during?: readonly Step[] | undefined;
}

async function migrate(
  { node, to, init = '2s', copy = '11s', quiesce = '2s', frozen = '7s', during = [] }: Migration,
  context: PlayContext,
): Promise<void> {
  const { runtime, nodes } = context;
  if (!mayMove(node, to, context)) return;
  tell(node, `init phase of its migration to ${to}`, context);
  await runtime.clock.wait(durationMs(init));
  tell(node, 'copy phase: its memory is copied, it runs on', context);
  await runtime.clock.wait(durationMs(copy));
  if (breaksOff(node, context)) return;
  tell(node, 'I/O quiesce phase: what is under way ends, what comes waits', context);
  await nodes.rest(node, `${node} was migrated to ${to}`);
  await runtime.clock.wait(durationMs(quiesce));
  if (breaksOff(node, context)) return;
  tell(node, 'frozen phase', context);
  await goOver({ node, to, frozen, during }, context);
}

/** A guest at rest goes over to another host, standing still meanwhile. */
async function goOver(
  {
    node,
    to,
    frozen,
    during,
  }: Pick<Migration, 'node' | 'to'> & {
    readonly frozen: string;
    readonly during: readonly Step[];
  },
  context: PlayContext,
): Promise<void> {
  await context.runtime.relocate(node, to);
  await standStill(node, durationMs(frozen), during, context);
  if (breaksOff(node, context)) return;
  await context.nodes.goOn(node);
  tellArrival(node, context);
}

/** Only a guest that runs can be moved live, and only to a host that runs. */
function mayMove(node: string, to: string, { runtime, nodes, ledger }: PlayContext): boolean {
  const may = runtime.placeOf(node).host !== null && nodes.state(node) === 'up';
  ledger.check(`${node} is a guest that runs, and can move`, may);
  return may && nodes.canRunOn(to, node);
}

/** What has died on the way, or hangs, does not arrive. */
function breaksOff(node: string, context: PlayContext): boolean {
  const why = context.nodes.whyNotUp(node);
  if (why !== undefined) tell(node, `its move breaks off: ${why}`, context);
  return why !== undefined;
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
