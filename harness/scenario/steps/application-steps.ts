import { Type } from 'typebox';
import type { HistoryEvent } from '../../oracle/types.js';
import { closed, CountOrRange, Flag, Name, oneOf } from '../schema/words.js';
import { checkStart } from './outcome.js';
import type { StepHandlers } from './step.js';

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
  /** Only the application fails; its node is well, and restarts it at `restart`. */
  failApplication: Type.Object(
    { package: Name, expect: Type.Optional(oneOf('starts', 'fails')) },
    { ...closed, description: 'package' },
  ),
} as const;

export const applicationSteps: StepHandlers<typeof applicationStepSchemas> = {
  writes: async (value, { packages, ledger, nodes, settleWith }) => {
    const instance = packages.instances.findLast(
      ({ item, node, state }) =>
        item.name === value.package && (value.node === undefined ? state === 'running' : node === value.node),
    );
    if (instance === undefined) {
      ledger.check(`an application of ${value.package} is there to write`, false);
      return;
    }
    const { application, incarnation, node } = instance;
    const from = ledger.history.length;
    const done = Promise.race([application.transact(value.count), application.dead]);
    if (value.wait === false || nodes.state(node) !== 'up') {
      settleWith(done);
      return;
    }
    await done;
    if (value.expect === undefined) return;
    const wanted = value.expect === 'acknowledged' ? 'writeAcknowledged' : 'writeRefused';
    const ends = ledger.history
      .slice(from)
      .filter(
        (event) =>
          isEndOfWrite(event) &&
          event.packageName === value.package &&
          event.write.incarnation === incarnation,
      );
    ledger.check(
      `writes of ${value.package} on ${node} are ${value.expect}`,
      ends.length > 0 && ends.every(({ type }) => type === wanted),
    );
  },

  failApplication: async (value, { packages, ledger, play }) => {
    const [instance] = packages.running(value.package);
    ledger.check(`${value.package} runs and can fail`, instance !== undefined);
    if (instance === undefined) return;
    const outcome = await packages.restart(instance, { interrupt: play });
    checkStart(ledger, value.package, instance.node, outcome, value.expect);
  },
};

function isEndOfWrite(
  event: HistoryEvent,
): event is Extract<HistoryEvent, { type: 'writeAcknowledged' | 'writeRefused' | 'writeFailed' }> {
  return event.type === 'writeAcknowledged' || event.type === 'writeRefused' || event.type === 'writeFailed';
}
