import { Type } from 'typebox';
import { closed, Isid, Name, PathNumber } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What becomes of nodes and of their paths. */
export const nodeStepSchemas = {
  hang: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  wake: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  crash: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  /** A storage path of a node is lost. */
  losePath: Type.Object({ node: Name, path: PathNumber }, { ...closed, description: 'node and path' }),
  /** A path that was lost carries commands again; nobody has registered it meanwhile. */
  restorePath: Type.Object({ node: Name, path: PathNumber }, { ...closed, description: 'node and path' }),
  /** Every storage path of a node is lost. */
  loseStorage: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  /** Who keeps the sessions of a node logs out, and in again by another ISID: to the array it is another initiator port. */
  relogin: Type.Object({ node: Name, isid: Isid }, { ...closed, description: 'node and isid' }),
} as const;

export const nodeSteps: StepHandlers<typeof nodeStepSchemas> = {
  hang: async ({ node }, { nodes, ledger }) => {
    if (nodes.state(node) === 'crashed') ledger.check(`${node} is not dead and can hang`, false);
    await nodes.hang(node);
  },

  wake: ({ node }, { nodes }) => nodes.wake(node),
  crash: ({ node }, { nodes }) => nodes.crash(node),

  losePath: async ({ node, path }, { runtime, ledger }) => {
    await runtime.losePath(node, path - 1);
    ledger.show({ type: 'pathLost', node, path });
  },

  restorePath: async ({ node, path }, { runtime, ledger }) => {
    await runtime.restorePath(node, path - 1);
    ledger.show({ type: 'pathRestored', node, path });
  },

  loseStorage: async ({ node }, { scenario, runtime, ledger }) => {
    for (let path = 1; path <= scenario.site.array.portals; path++) {
      await runtime.losePath(node, path - 1);
      ledger.show({ type: 'pathLost', node, path });
    }
  },

  relogin: async ({ node, isid }, { runtime, nodes, ledger }) => {
    const { session, port } = runtime.placeOf(node);
    // Whoever keeps them must run: the hypervisor of a guest that hangs does.
    const may = session === 'own' ? nodes.state(node) === 'up' : nodes.state(node) !== 'crashed';
    ledger.check(`the sessions of ${node} are there, and who keeps them can log in again`, may);
    if (!may) return;
    await runtime.logInAgain(node, BigInt(isid));
    ledger.show({
      type: 'move',
      node,
      text: `the sessions of ${port} end, and it logs in again by ISID ${isid}`,
    });
  },
};
