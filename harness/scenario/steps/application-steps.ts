import { Type } from 'typebox';
import { closed, CountOrRange, Flag, Name, oneOf } from '../schema/words.js';
import { adoptiveNode } from '../membership/adoption.js';
import type { Ledger } from '../ledger.js';
import type { Instance } from '../packages.js';
import { checkStart } from './outcome.js';
import type { PlayContext, StepHandlers } from './step.js';

/** What the application of a package does, and that it can fail alone. */
export const applicationStepSchemas = {
  /** The application of a package, on `node` a zombie among them, writes `count` times. */
  writes: Type.Object(
    {
      package: Name,
      node: Type.Optional(Name),
      count: CountOrRange,
      wait: Type.Optional(Flag),
      expect: Type.Optional(oneOf('acknowledged', 'refused')),
    },
    { ...closed, description: 'package and count, and node, wait, expect' },
  ),
  /** Only the application fails. Its node is well and restarts it; that of a virtual machine is noticed by a monitor in it. */
  failApplication: Type.Object(
    { package: Name, expect: Type.Optional(oneOf('starts', 'fails')) },
    { ...closed, description: 'package' },
  ),
  /** The virtual machine of a `vm` package fails; the cluster of its hosts always notices that. */
  failGuest: Type.Object(
    { package: Name, expect: Type.Optional(oneOf('starts', 'fails')) },
    { ...closed, description: 'package' },
  ),
} as const;

export const applicationSteps: StepHandlers<typeof applicationStepSchemas> = {
  writes: async (value, { packages, ledger, nodes, settleWith }) => {
    const instance = packages.instances.findLast(
      ({ item, machine, state }) =>
        item.name === value.package &&
        (value.node === undefined ? state === 'running' : machine === value.node),
    );
    if (instance === undefined) {
      ledger.check(`an application of ${value.package} is there to write`, false);
      return;
    }
    const { machine: node } = instance;
    const wait = value.wait !== false && nodes.state(node) === 'up';
    const from = instance.writesAsked;
    const done = packages.transact(instance, value.count);
    const writes: AskedWrites = { instance, from, to: instance.writesAsked };
    const { expect } = value;
    const checked = done.then(() => {
      if (expect !== undefined) checkWrites(writes, node, expect, ledger);
    });
    if (wait) await checked;
    else settleWith(checked);
  },

  failApplication: async (value, context) => {
    const { packages, ledger, play } = context;
    const instance = runningToFail(value.package, context);
    if (instance === undefined) return;
    await packages.killApplication(instance);
    if (instance.item.type === 'vm') {
      // The machine runs on: without a monitor inside nobody notices.
      if (instance.item.monitor === 'in-guest') await moveOn(instance, value.expect, context);
      return;
    }
    const outcome = await packages.restart(instance, instance.node, { interrupt: play });
    checkStart(ledger, value.package, instance.node, outcome, value.expect);
  },

  failGuest: async (value, context) => {
    const instance = runningToFail(value.package, context);
    if (instance === undefined) return;
    await context.packages.killApplication(instance);
    await moveOn(instance, value.expect, context);
  },
};

/** What the cluster is to see fail: of a node that hangs or is dead it sees nothing else. */
function runningToFail(packageName: string, { packages, nodes, ledger }: PlayContext): Instance | undefined {
  const [instance] = packages.running(packageName);
  const why = instance === undefined ? undefined : nodes.whyNotUp(instance.node);
  const but = why === undefined ? '' : `, but ${why}`;
  ledger.check(`${packageName} runs and can fail${but}`, instance !== undefined && why === undefined);
  return why === undefined ? instance : undefined;
}

/** A virtual machine that has failed starts on the node that comes next, else where it was; if its switching is off, nowhere. */
async function moveOn(
  instance: Instance,
  expected: 'starts' | 'fails' | undefined,
  context: PlayContext,
): Promise<void> {
  const { packages, membership, switching, ledger, play } = context;
  const { item, node } = instance;
  const others = membership.members(item.cluster).filter((each) => each !== node);
  const stays = switching.isOn(item.name, node) ? node : undefined;
  const next = switching.isOn(item.name) ? (adoptiveNode(item, others, context) ?? stays) : undefined;
  if (next === undefined) {
    await packages.haltFailed(instance, { interrupt: play });
    const failure = 'no node may run it, by its switching';
    checkStart(ledger, item.name, node, { good: false, failure }, expected ?? 'fails');
    return;
  }
  const outcome = await packages.restart(instance, next, { interrupt: play });
  checkStart(ledger, item.name, next, outcome, expected);
}

/** Writes that an application was asked for: those behind sequence number `from`, up to `to`. */
interface AskedWrites {
  readonly instance: Instance;
  readonly from: number;
  readonly to: number;
}

/** Each of them must have ended as expected: one that never ended, as of an application that is dead, has not. */
function checkWrites(
  { instance: { item, incarnation }, from, to }: AskedWrites,
  node: string,
  expected: 'acknowledged' | 'refused',
  ledger: Ledger,
): void {
  const wanted = expected === 'acknowledged' ? 'writeAcknowledged' : 'writeRefused';
  const ends = ledger.history.filter(
    (event) =>
      event.type === wanted &&
      event.packageName === item.name &&
      event.write.incarnation === incarnation &&
      event.write.sequence > from &&
      event.write.sequence <= to,
  );
  ledger.check(`writes of ${item.name} on ${node} are ${expected}`, ends.length === to - from);
}
