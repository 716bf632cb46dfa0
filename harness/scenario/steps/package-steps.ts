import { Type } from 'typebox';
import { packageOf } from '../../cluster/model.js';
import { whyNotRun } from '../membership/adoption.js';
import { closed, Name, oneOf } from '../schema/words.js';
import { viewCluster } from '../view.js';
import { withInterruption } from './interruption.js';
import { checkStart } from './outcome.js';
import { Between, type StepHandlers } from './step.js';

/** What people do with packages, by the names of Serviceguard's commands. */
export const packageStepSchemas = {
  /** Starts a package on a node. */
  cmrunpkg: Type.Object(
    {
      package: Name,
      node: Name,
      expect: Type.Optional(oneOf('starts', 'fails')),
      between: Type.Optional(Between),
    },
    { ...closed, description: 'package and node' },
  ),
  /** Halts a package, or one instance of it. */
  cmhaltpkg: Type.Object(
    { package: Name, node: Type.Optional(Name) },
    { ...closed, description: 'package, and node for one instance' },
  ),
  /** Switching: whether a package may move at all, or to a node. */
  cmmodpkg: Type.Object(
    { package: Name, switching: oneOf('enable', 'disable'), node: Type.Optional(Name) },
    { ...closed, description: 'package, switching (enable or disable), and node' },
  ),
  cmviewcl: Type.Object({ cluster: Name }, { ...closed, description: 'cluster' }),
} as const;

export const packageSteps: StepHandlers<typeof packageStepSchemas> = {
  cmrunpkg: async (value, context) => {
    const { scenario, packages, membership, ledger } = context;
    const item = packageOf(scenario.site, value.package);
    const failure = whyNotRun(item, value.node, membership.members(item.cluster), context);
    await withInterruption(value.between, context, async (options) => {
      const outcome =
        failure === undefined
          ? await packages.start(item, value.node, options)
          : { good: false as const, failure };
      checkStart(ledger, item.name, value.node, outcome, value.expect);
    });
  },

  cmhaltpkg: async (value, { packages, nodes, ledger, play }) => {
    const running = packages.running(value.package);
    const instances = running.filter(({ node }) => value.node === undefined || node === value.node);
    ledger.check(`${value.package} runs and can be halted`, instances.length > 0);
    for (const instance of instances) {
      const why = nodes.whyNotUp(instance.node);
      if (why === undefined) await packages.halt(instance, { interrupt: play });
      else ledger.check(`${value.package} can be halted, but ${why}`, false);
    }
  },

  cmmodpkg: (value, { switching }) => {
    switching.set(value.package, value.node, value.switching === 'enable');
    return Promise.resolve();
  },

  cmviewcl: (value, context) => {
    const text = viewCluster(context.scenario.site, value.cluster, context);
    context.ledger.show({ type: 'view', text });
    return Promise.resolve();
  },
};
