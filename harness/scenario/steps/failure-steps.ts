import { Type } from 'typebox';
import { closed, Duration, durationMs, Name } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What fails between nodes, and what makes a node late. */
export const failureStepSchemas = {
  /** One NIC of a host, of a server, or of a physical node. */
  failNic: Type.Object(
    { node: Type.Optional(Name), host: Type.Optional(Name), server: Type.Optional(Name), nic: Name },
    { ...closed, description: 'node, host or server, and nic' },
  ),
  /** Every network between some nodes of a cluster and the rest. */
  splitNetwork: Type.Object(
    { nodes: Type.Array(Name, { minItems: 1, description: 'a list of nodes, at least one' }) },
    { ...closed, description: 'nodes: those that are cut off from the rest' },
  ),
  /** What was cut by splitNetwork carries heartbeats again. Who was left out meanwhile joins by cmrunnode alone. */
  mendNetwork: Type.Object(
    { nodes: Type.Array(Name, { minItems: 1, description: 'a list of nodes, at least one' }) },
    { ...closed, description: 'nodes: those that are cut off no more' },
  ),
  /** Timers of the guests of a host are late by this from now on; 0s: they are on time again. */
  load: Type.Object({ host: Name, delay: Duration }, { ...closed, description: 'host and delay' }),
} as const;

export const failureSteps: StepHandlers<typeof failureStepSchemas> = {
  failNic: ({ node, host, server, nic }, { membership, ledger }) => {
    const owner = host ?? server ?? node ?? '';
    membership.faults.failNic(owner, nic);
    ledger.show({ type: 'fault', who: owner, text: `NIC ${nic} is dead` });
    return Promise.resolve();
  },

  splitNetwork: ({ nodes }, { membership, ledger }) => {
    membership.faults.split(nodes);
    ledger.show({ type: 'fault', who: '', text: `the networks are split: ${nodes.join(', ')} | the rest` });
    return Promise.resolve();
  },

  mendNetwork: ({ nodes }, { membership, ledger }) => {
    for (const node of nodes) {
      const wasCutOff = membership.faults.mend(node);
      ledger.check(`${node} is cut off, and its networks can be mended`, wasCutOff);
    }
    ledger.show({ type: 'fault', who: '', text: `the networks of ${nodes.join(', ')} are whole again` });
    return Promise.resolve();
  },

  load: ({ host, delay }, { membership, ledger }) => {
    membership.faults.load(host, durationMs(delay));
    ledger.show({ type: 'fault', who: host, text: `is loaded: timers of its guests are ${delay} late` });
    return Promise.resolve();
  },
};
