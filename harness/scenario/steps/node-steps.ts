import { Type } from 'typebox';
import { closed, Name } from '../schema/words.js';
import type { StepHandlers } from './step.js';

/** What becomes of nodes and of their paths. */
export const nodeStepSchemas = {
  hang: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  wake: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  crash: Type.Object({ node: Name }, { ...closed, description: 'node' }),
  /** A storage path of a node is lost for good. */
  losePath: Type.Object(
    { node: Name, path: Type.Integer({ minimum: 1, maximum: 4, description: 'a path from 1' }) },
    { ...closed, description: 'node and path' },
  ),
} as const;

export const nodeSteps: StepHandlers<typeof nodeStepSchemas> = {
  hang: ({ node }, { nodes }) => nodes.hang(node),
  wake: ({ node }, { nodes }) => nodes.wake(node),
  crash: ({ node }, { nodes }) => nodes.crash(node),

  losePath: async ({ node, path }, { runtime, ledger }) => {
    await runtime.losePath(node, path - 1);
    ledger.show({ type: 'pathLost', node, path });
  },
};
