import { applicationStepSchemas, applicationSteps } from './application-steps.js';
import { arrayStepSchemas, arraySteps } from './array-steps.js';
import { checkStepSchemas, checkSteps } from './check-steps.js';
import { clusterNodeStepSchemas, clusterNodeSteps } from './cluster-node-steps.js';
import { failureStepSchemas, failureSteps } from './failure-steps.js';
import { drawnStepSchemas, flowStepSchemas, flowSteps } from './flow-steps.js';
import { holdStepSchemas, holdSteps } from './hold-steps.js';
import { membershipStepSchemas, membershipSteps } from './membership-steps.js';
import { moveStepSchemas, moveSteps } from './move-steps.js';
import { nodeStepSchemas, nodeSteps } from './node-steps.js';
import { packageStepSchemas, packageSteps } from './package-steps.js';
import type { PlayContext, PlayedStepName, Step, StepHandlers, StepName } from './step.js';

/** What the value of each step must be; the key is the step's name. */
export const STEP_SCHEMAS = {
  ...packageStepSchemas,
  ...membershipStepSchemas,
  ...clusterNodeStepSchemas,
  ...applicationStepSchemas,
  ...nodeStepSchemas,
  ...failureStepSchemas,
  ...moveStepSchemas,
  ...holdStepSchemas,
  ...flowStepSchemas,
  ...arrayStepSchemas,
  ...checkStepSchemas,
  ...drawnStepSchemas,
} as const;

const HANDLERS: StepHandlers<Pick<typeof STEP_SCHEMAS, PlayedStepName>> = {
  ...packageSteps,
  ...membershipSteps,
  ...clusterNodeSteps,
  ...applicationSteps,
  ...nodeSteps,
  ...failureSteps,
  ...moveSteps,
  ...holdSteps,
  ...flowSteps,
  ...arraySteps,
  ...checkSteps,
};

export const STEP_NAMES = Object.keys(STEP_SCHEMAS) as StepName[];

/** Carries out one step. */
export function carryOut(step: Step, context: PlayContext): Promise<void> {
  // Name and value were read together; only the compiler cannot follow that.
  const handler = HANDLERS[step.name] as (value: unknown, context: PlayContext) => Promise<void>;
  return handler(step.value, context);
}

export type { PlayContext, Step, StepName } from './step.js';
