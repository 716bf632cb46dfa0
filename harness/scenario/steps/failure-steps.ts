import { Type } from 'typebox';
import { closed, Duration, durationMs, Name } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What fails between nodes, and what makes a node late. */
export const failureStepSchemas = {
  /** One NIC of a host, or of a physical node. */
  failNic: Type.Object(
    { node: Type.Optional(Name), host: Type.Optional(Name), nic: Name },
    { ...closed, description: 'node or host, and nic' },
  ),
  /** Every network between some nodes of a cluster and the rest. */
  splitNetwork: Type.Object(
    { nodes: Type.Array(Name, { minItems: 1, description: 'a list of nodes, at least one' }) },
    { ...closed, description: 'nodes: those that are cut off from the rest' },
  ),
  /** Timers of the guests of a host are late by this from now on; 0s: they are on time again. */
  load: Type.Object({ host: Name, delay: Duration }, { ...closed, description: 'host and delay' }),
} as const;

export const failureSteps: StepHandlers<typeof failureStepSchemas> = {
  failNic: ({ node, host, nic }, { membership, ledger }) => {
    const owner = host ?? node ?? '';
    membership.faults.failNic(owner, nic);
    ledger.show({ type: 'fault', who: owner, text: `NIC ${nic} is dead` });
    return Promise.resolve();
  },

  splitNetwork: ({ nodes }, { membership, ledger }) => {
    for (const node of nodes) membership.faults.cutOff.add(node);
    ledger.show({ type: 'fault', who: '', text: `the networks are split: ${nodes.join(', ')} | the rest` });
    return Promise.resolve();
  },

  load: ({ host, delay }, { membership, ledger }) => {
    membership.faults.load(host, durationMs(delay));
    ledger.show({ type: 'fault', who: host, text: `is loaded: timers of its guests are ${delay} late` });
    return Promise.resolve();
  },
};
